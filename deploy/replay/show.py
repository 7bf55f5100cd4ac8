"""The whole run, with bars that show how far it is; they go to stderr, the report to stdout."""
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.local.errors import CannotStart
from deploy.replay import counting
from deploy.replay.allowances import Reckoning
from deploy.replay.calendars import calendars
from deploy.replay.engine import Replay
from deploy.replay.report import Result, report
from deploy.replay.rows import Request, read, requests_of
from deploy.replay.targets import compare
from services.issues.life.circumstances import Circumstances

YEARS = 5  # of holidays beyond the year of the last request; what is due later goes without


def perform(file: Path) -> int:
    """Replays and reports; the exit status. Raises CannotStart."""
    rows, unread = read(file)
    requests = requests_of(rows)
    if not requests:
        raise CannotStart(f"{file} holds no row with both a target_dt and a flag ONTIME or OVERDUE.")
    click.echo(f"{len(rows)} rows, {unread} more without readable times; {len(requests)} have a deadline and a flag")
    with bars() as progress, counting.booklet():
        result = replayed(requests, progress)
    for line in report(result):
        click.echo(line)
    return 0 if result.overdue_agree == len(requests) else 1


@contextmanager
def bars() -> Iterator[Progress]:
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                  console=Console(stderr=True)) as progress:
        yield progress


def replayed(requests: list[Request], progress: Progress) -> Result:
    known = calendars(range(requests[0].opened.year, requests[-1].opened.year + YEARS + 1))
    learning = progress.add_task("learnt", total=len(requests))
    by_hours, by_days = compare(requests, Reckoning(known), lambda: progress.advance(learning))
    replay = Replay(requests, Circumstances(calendar=known["office hours"]))
    playing = progress.add_task("played", total=len(requests))
    replay.play(lambda: progress.advance(playing))
    counted = progress.add_task("counted", total=len(requests))
    counting.keep(list(replay.issues.values()), lambda more: progress.advance(counted, more))
    return Result(requests, by_hours, by_days, replay.played, replay.escalated, counting.numbers(replay.ends))
