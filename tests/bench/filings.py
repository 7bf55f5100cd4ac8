"""Filings a second in the closed loop, and what each costs every process."""
from tests.bench.clients import Answer, Connection, Play, closed_loop
from tests.bench.figures import Row, note
from tests.bench.running import Bench, Measured, Target

CLIENTS = {16: "≥ 400, and not below the yardstick", 64: ""}


def filing(target: Target) -> Play:
    async def play(connection: Connection) -> Answer:
        return await connection.ask(target.filing())

    return play


def measure(bench: Bench) -> None:
    for clients, goal in CLIENTS.items():
        row, letters = bench.results.row(f"filings, {clients} clients", "1/s", goal), 0
        for target, what in bench.turns(f"filings, {clients} clients"):
            found = bench.under(target, closed_loop(target.port, clients, bench.settings.seconds, filing(target),
                                                    bench.tell(what)))
            enter(bench, row, target, found, what)
            bench.results.cost(f"filing, {clients} clients, {target.name}", found.costs, len(found.load.well))
            letters = max(letters, bench.ours.letters_waiting())
        note(row, f"up to {letters} letters were still to be sent" if letters else "")


def enter(bench: Bench, row: Row, target: Target, found: Measured, what: str) -> None:
    """The rate, where it counts; else why not. What was refused is always said."""
    if not found.why:
        bench.values(row, target).append(found.load.rate)
    for words in filter(None, (found.why, found.load.refused)):
        note(row, f"{target.name}: {words}")
    settled = f", current after {found.settled:.1f} s" if found.settled is not None else ""
    bench.say(f"{what}: {found.load.rate:.0f}/s{settled}{'; ' + found.why if found.why else ''}")
