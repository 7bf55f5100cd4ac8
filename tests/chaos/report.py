"""What a run says at its end: two tables, what was found, and the last line, with which the exit status agrees."""
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from rich.console import Console
from rich.table import Table

from tests.chaos.checker import DOUBLED, LOST, Finding
from tests.chaos.ledger import Deed
from tests.chaos.nemesis import Struck
from tests.chaos.recovery import Recovered
from tests.chaos.schedule import KINDS, TIMES

ENOUGH = 10_000  # acknowledged deeds, asked of a run of LONG minutes or more
LONG = 5.0
SHOWN = 20  # findings of each sort
WAYS = {"file": "filings", "offer": "assignments by hand", "confirm": "confirmed by the filer", "redo": "not fixed",
        "code": "codes asked for", "sign in": "signed in", "refresh": "tokens refreshed", "sign out": "signed out",
        "key": "keys given", "revoke": "keys revoked", "person": "people entered", "invite": "people invited",
        "take up": "invitations taken up"}


@dataclass
class Outcome:
    """One whole run. `duplicates` are messages that agencies got again; `trouble` is what else must not have happened."""

    seed: int
    minutes: float
    deeds: list[Deed]
    struck: list[tuple[Struck, Recovered]]
    findings: list[Finding]
    duplicates: int = 0
    trouble: list[str] = field(default_factory=list)

    def found(self, how: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.how == how]

    def reasons(self) -> list[str]:
        """Why the run failed; nothing when it did not."""
        return [*self._broken_promises(), *self._too_little(), *self.trouble]

    def _broken_promises(self) -> Iterator[str]:
        for how in (LOST, DOUBLED):
            if found := self.found(how):
                yield f"{len(found)} {how}"
        for struck, recovered in self.struck:
            if recovered.agency is None or recovered.everything is None:
                yield f"not well again after {struck.fault.kind} of {struck.fault.target}"
            if struck.fault.takes_broker_away and not struck.filed:
                yield f"no filing was taken during {struck.fault.kind} of {struck.fault.target}"

    def _too_little(self) -> Iterator[str]:
        times = Counter(struck.fault.kind for struck, _ in self.struck)
        yield from (f"{kind} only {times[kind]} times, not {TIMES}" for kind in KINDS if times[kind] < TIMES)
        if self.minutes >= LONG and len(self.deeds) < ENOUGH:
            yield f"only {len(self.deeds)} acknowledged, not {ENOUGH}"

    def last_line(self) -> str:
        return f"acknowledged {len(self.deeds)}, lost {len(self.found(LOST))}, doubled {len(self.found(DOUBLED))}"


def line(struck: Struck, recovered: Recovered) -> str:
    """One fault, as it is told while the run goes on."""
    fault = struck.fault
    return (f"{fault.kind} {fault.target}: held {struck.lasted:.1f} s, {struck.filed} filed meanwhile; at the agency again "
            f"after {seconds(recovered.agency)}, all well after {seconds(recovered.everything)}")


def seconds(found: float | None) -> str:
    return "— (not in time)" if found is None else f"{found:.1f} s"


def show(outcome: Outcome, console: Console) -> None:
    console.print(deeds_table(outcome))
    console.print(faults_table(outcome))
    for how in (LOST, DOUBLED):
        for finding in outcome.found(how)[:SHOWN]:
            console.print(f"{how}: {finding.what}", markup=False, soft_wrap=True)
    if outcome.deeds and not outcome.found(LOST):
        console.print(f"none of {len(outcome.deeds)} lost: below {3 / len(outcome.deeds):.1e} each, with 95 % confidence")
    for reason in outcome.reasons():
        console.print(f"FAILED: {reason}", markup=False, soft_wrap=True)
    console.print(f"seed {outcome.seed}")
    console.print(outcome.last_line(), markup=False, highlight=False)


def deeds_table(outcome: Outcome) -> Table:
    table = Table("deed", "acknowledged", title="What the platform said yes to")
    counted = Counter(WAYS.get(deed.action) or f"agencies' moves over {'HTTP' if deed.way == 'http' else 'their queue'}"
                      for deed in outcome.deeds)
    for name, count in counted.most_common():
        table.add_row(name, str(count))
    table.add_section()
    table.add_row("all", str(len(outcome.deeds)))
    table.add_row("lost", str(len(outcome.found(LOST))))
    table.add_row("doubled effects", str(len(outcome.found(DOUBLED))))
    table.add_row("messages delivered again, without effect", str(outcome.duplicates))
    return table


def faults_table(outcome: Outcome) -> Table:
    """A row for each kind, and one for each of its targets where it has several."""
    table = Table("fault", "of", "times", "filed", "held", "agency", "all well", title="What was done to it",
                  caption="held: seconds that it lasted, filed: filings taken meanwhile; agency, all well: seconds from its "
                          "end until a filing was at its agency, and until everything was well; median, longest")
    for kind in KINDS:
        pairs = [pair for pair in outcome.struck if pair[0].fault.kind == kind]
        targets = list(dict.fromkeys(struck.fault.target for struck, _ in pairs))
        add_faults(table, kind, targets[0] if len(targets) == 1 else "", pairs)
        for target in targets if len(targets) > 1 else ():
            add_faults(table, "", target, [pair for pair in pairs if pair[0].fault.target == target])
        table.add_section()
    return table


def add_faults(table: Table, kind: str, target: str, pairs: list[tuple[Struck, Recovered]]) -> None:
    lasting = any(struck.fault.hold for struck, _ in pairs)
    table.add_row(kind, target, str(len(pairs)), str(sum(struck.filed for struck, _ in pairs)) if lasting else "",
                  spread([struck.lasted for struck, _ in pairs]) if lasting else "",
                  spread([recovered.agency for _, recovered in pairs]),
                  spread([recovered.everything for _, recovered in pairs]))


def spread(seconds: list[float | None] | list[float]) -> str:
    """Median and longest; a dash where one never came."""
    known = [each for each in seconds if each is not None]
    if len(known) < len(seconds) or not known:
        return "—"
    return f"{median(known):.1f}, {max(known):.1f}"
