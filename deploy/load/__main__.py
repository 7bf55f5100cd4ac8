"""`python -m deploy.load [--n 1000000]`: see the package. The platform must not run: indexes are dropped and made again."""
import json
import os
import time

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from chassis import database, settings
from chassis.indexes import BUILDING, make
from deploy.load.patterns import patterns_of
from deploy.load.storing import Stores, models, store
from deploy.local.errors import one_line
from deploy.local.keys import SAMPLE
from deploy.local.platform import Platform
from deploy.local.running import hold, stop_processes
from deploy.local.servers import Servers
from deploy.local.waiting import wait_for
from services.issues.atlas import Atlas
from services.issues.documents import IssueDocument


def say(sentence: str) -> None:
    click.echo(f"load: {sentence}")


@click.command(help="Stores a great many issues, made by the real model, and their rows in the booklet.")
@click.option("--n", type=click.IntRange(1), default=1_000_000, show_default=True, help="How many.")
def main(n: int) -> None:
    one_line(lambda: run(n))


def run(count: int) -> None:
    servers, began = Servers.from_environment(), time.monotonic()
    with hold(servers.folder):
        stop_processes(servers.folder)
        try:
            servers.start()
            os.environ.update(servers.environment())
            load(servers, count)
        finally:
            servers.stop()
    say(f"{count:,} issues are stored, after {time.monotonic() - began:.0f} s. `make up` runs the platform with them.")


def load(servers: Servers, count: int) -> None:
    for service in ("issues", "booklet"):
        database.connect(service, settings.read(service), seconds=BUILDING)
    make("booklet")
    IssueDocument._get_collection().create_indexes(models(kept=True))
    if not Atlas().current().rule:
        say("the platform runs once, to learn the sample province")
        learn(Platform(servers.environment(), servers.folder))
    say("playing lives of issues")
    patterns, found = patterns_of(), settings.read("issues")
    with Progress(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
                  TimeElapsedColumn()) as progress:
        bar = progress.add_task(f"storing {count:,} issues, then their indexes", total=1.0)
        store(Stores(servers.mongo.uri, f"{found.database}_issues", f"{found.database}_booklet"), patterns, count,
              lambda share: progress.update(bar, completed=share))


def learn(platform: Platform) -> None:
    """Raises CannotStart."""
    platform.require_ports()
    try:
        platform.prepare()
        platform.once(["services.registry.load", str(SAMPLE)])
        platform.run()
        wait_for("the province to be known to issues", missing, 120)
    finally:
        platform.stop()


def missing() -> str:
    """What of the sample is not known yet, or nothing."""
    known = sum(map(len, Atlas().current().rule.values()))
    wanted = len(json.loads((SAMPLE / "rules.json").read_text(encoding="utf-8")))
    return "" if known >= wanted else f"{known} of {wanted} rules are known"


if __name__ == "__main__":
    main()
