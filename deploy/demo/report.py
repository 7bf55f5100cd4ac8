"""What is printed at the end."""
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy.demo.book import Book, Case, Offer
from deploy.demo.checking import Verdict
from deploy.demo.scripts import Source

TOP = 10  # agencies that are named
STOPPED = 130  # the exit status of what Ctrl-C ended
WIDEST = 54  # characters of a column, so that a table fits on 80
MOST = 10  # sentences of one check that are printed


@dataclass(frozen=True)
class Played:
    """One run. `trouble` counts what had to be asked again; `verdict` is None when it was stopped before its books were
    checked."""

    source: Source
    book: Book
    names: dict[str, str]
    queued: frozenset[str]
    trouble: Counter[str]
    seconds: float
    verdict: Verdict | None

    @property
    def wrong(self) -> list[str]:
        return self.book.troubles + (self.verdict.wrong if self.verdict else [])


def report(console: Console, run: Played) -> int:
    """Prints all of it; the exit status."""
    console.print(f"\n[bold]Mahalle, a demonstration[/]: {run.source.told}.")
    for note in run.source.notes:
        console.print(f"  {note}")
    console.print(happened(run))
    console.print(delivered(run))
    console.print(times(run))
    trouble = ", ".join(f"{why}: {count}" for why, count in sorted(run.trouble.items())) or "none"
    console.print(f"asked again: {trouble}; messages that came again under the same id: {run.book.repeated}")
    if run.book.strangers:
        console.print(f"the agencies' queues also brought something of {run.book.strangers} issues of earlier runs or of "
                      "others; it was taken, and left alone")
    console.print(f"In their texts: {run.book.marker}; find them with /v1/issues?q={run.book.marker}\n", highlight=False)
    verdict(console, run)
    return STOPPED if run.verdict is None else 1 if run.wrong else 0


def table(title: str, *columns: str) -> Table:
    made = Table(title=title, title_justify="left", title_style="bold", min_width=60)
    for column in columns:
        made.add_column(column, justify="left" if column == columns[0] else "right", no_wrap=True, max_width=WIDEST)
    return made


def happened(run: Played) -> Table:
    cases = run.book.played
    made = table(f"What happened in {run.seconds:.0f} s", "", "issues")
    for what, fits in (
        ("filed", lambda case: True),
        ("routed by a rule", lambda case: bool(case.receipt["agency"])),
        ("routed by no rule, given to an agency by the secretary", lambda case: bool(case.by_hand)),
        ("delivered to their agency", lambda case: bool(case.offers)),
        ("answered by it", lambda case: bool(case.times("accept", "refuse"))),
        ("    accepted", lambda case: bool(case.times("accept"))),
        ("    refused", lambda case: bool(case.times("refuse"))),
        ("finished", lambda case: bool(case.times("finish"))),
        ("closed: the resident confirmed", lambda case: bool(case.times("confirm"))),
        ("back at work: the resident said that it is not fixed", lambda case: bool(case.times("redo"))),
    ):
        made.add_row(what, str(sum(fits(case) for case in cases)))
    for what, late in (("on time, by the record that is replayed", False), ("late, by that record", True)):
        if any(case.script and case.script.late is not None for case in cases):
            made.add_row(what, str(sum(case.script is not None and case.script.late is late for case in cases)))
    return made


def delivered(run: Played) -> Table:
    """By the agencies that got most."""
    counts = Counter(offer.agency for case in run.book.played for offer in case.offers.values())
    made = table("Delivered to which agency", "agency", "how", "tasks")
    for code, count in counts.most_common(TOP):
        made.add_row(escape(f"{code}: {run.names.get(code, '')}"), "queue" if code in run.queued else "list", str(count))
    rest = counts.most_common()[TOP:]
    if rest:
        made.add_row(f"{len(rest)} others", "", str(sum(count for _, count in rest)))
    made.add_row("all", "", str(counts.total()), style="bold")
    return made


def times(run: Played) -> Table:
    """From sending the POST to the message in the agency's program; of what a rule routed."""
    made = table("Filed → delivered (client's sending → agency's program)", "", "issues", "p50", "p95", "p99", "max")
    rows = (("over the queue (ms)", True), ("on its list, every 2 s (ms)", False))
    for what, by_queue in rows:
        taken = sorted(milliseconds(case) for case in run.book.played if case.offers and case.receipt["agency"]
                       and (first(case).agency in run.queued) is by_queue)
        if taken:
            made.add_row(what, str(len(taken)), *(f"{percentile(taken, part):.0f}" for part in (50, 95, 99, 100)))
    return made


def first(case: Case) -> Offer:
    return next(iter(case.offers.values()))


def milliseconds(case: Case) -> float:
    return (first(case).at - case.sent) * 1000


def percentile(ordered: Sequence[float], part: float) -> float:
    """By nearest rank: a value that occurred."""
    return ordered[max(ceil(len(ordered) * part / 100), 1) - 1]


def verdict(console: Console, run: Played) -> None:
    for sentence in run.book.troubles[:MOST]:
        console.print(f"[red]✗[/] {escape(sentence)}", highlight=False)
    if run.verdict is None:
        console.print("Stopped before the books were checked; what was filed stays on the platform.")
        return
    for promise, wrong in run.verdict.found.items():
        console.print(f"[red]✗[/] {promise}" if wrong else f"[green]✓[/] {promise}", highlight=False)
        for sentence in wrong[:MOST]:
            console.print(f"    {escape(sentence)}", highlight=False)
        if len(wrong) > MOST:
            console.print(f"    and {len(wrong) - MOST} more")
    filed = len(run.book.played)
    if run.wrong:
        console.print(f"[bold red]The books do not agree: {len(run.wrong)} disagreements over {filed} issues.[/] If "
                      "somebody else used the platform meanwhile, run it again before you look for a fault.")
    else:
        console.print(f"[bold green]The books agree: {filed} filed, {filed} found again, 0 lost, 0 twice.[/]")
