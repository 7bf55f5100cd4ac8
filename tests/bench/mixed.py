"""Reading and filing mixed, at a steady rate for minutes, alone and beside clients that take their time.

Of ten requests two file, five read a list of 50 of a neighbourhood, three read one issue. Each is timed from the moment at
which it should have been sent. What is answered with 429 or 503 is told, and is no error; anything else that is no 2xx is.
"""
import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress

from tests.bench.clients import Answer, Connection, Done, Load, Play, open_loop, request
from tests.bench.figures import note, percentile
from tests.bench.ours import Ours, read
from tests.bench.running import Bench

RATE = 200  # requests a second
MINUTES = 30  # times as long as another load: five minutes, where that takes ten seconds
SLOW = 20
TURN = ("file", "list", "look", "list", "look", "file", "list", "list", "look", "list")
LATER = (429, 503)
BYTE_EVERY = 1.0  # seconds between two bytes of a slow client


class Mix:
    """Asks in turn; `kinds` says of each answer what was asked."""

    def __init__(self, ours: Ours) -> None:
        self._ours, self._turn = ours, itertools.cycle(TURN)
        self._places = itertools.cycle(each["code"] for each in read("territories") if each["kind"] == "neighbourhood")
        self._filed = ""
        self.kinds: dict[int, str] = {}

    async def play(self, connection: Connection) -> Answer:
        kind = next(self._turn)
        found = await connection.ask(self._request(kind))
        if kind == "file" and found.status == 201:
            self._filed = found.json()["id"]
        answer = Answer(found.status)  # tens of thousands of lists are not kept
        self.kinds[id(answer)] = kind
        return answer

    def _request(self, kind: str) -> bytes:
        if kind == "file":
            return self._ours.filing()
        if kind == "list" or not self._filed:
            return self._ours.listing(next(self._places))
        return request("GET", f"/v1/issues/{self._filed}")


def measure(bench: Bench) -> None:
    alone = bench.results.row(f"mixed, {RATE} requests/s, p95", "ms")
    beside = bench.results.row(f"mixed, {RATE} requests/s, p95 beside {SLOW} slow clients", "ms", "as without them")
    for _ in range(bench.settings.repeats):
        for row, slow in ((alone, 0), (beside, SLOW)):
            load, _ = under(bench, bench.settings.seconds, slow, f"mixed beside {slow} slow clients")
            row.ours.append(percentile([done.took for done in load.well], 0.95) * 1000)
    seconds = bench.settings.seconds * MINUTES
    load, kinds = under(bench, seconds, SLOW, f"mixed for {seconds / 60:.1f} minutes beside {SLOW} slow clients")
    answered = bench.results.row(f"mixed for {seconds / 60:.1f} minutes beside {SLOW} slow clients", "1/s", f"{RATE}")
    answered.ours.append(load.rate)
    note(answered, load.refused or "nothing was refused")
    errors = bench.results.row("errors in it, other than 429 and 503", "", "0")
    errors.ours.append(sum(done.answer.status not in (200, 201, *LATER) for done in load.done))
    for kind in sorted(set(TURN)):
        times = [done.took for done in load.well if kinds[id(done.answer)] == kind]
        for share in (0.5, 0.95, 0.99):
            bench.results.row(f"{kind} in it, p{share * 100:.0f}", "ms").ours.append(percentile(times, share) * 1000)


def under(bench: Bench, seconds: float, slow: int, what: str) -> tuple[Load, dict[int, str]]:
    mix = Mix(bench.ours)
    bench.ours.clear()
    with bench.costing(bench.ours) as costs:
        load = asyncio.run(loaded(bench.ours.port, seconds, slow, mix.play, bench, what))
    bench.results.cost("mixed request", costs, len(load.well))
    bench.say(f"{what}: {load.rate:.0f}/s, p95 {p95(load.well):.0f} ms {load.refused}")
    return load, mix.kinds


def p95(done: list[Done]) -> float:
    return percentile([each.took for each in done], 0.95) * 1000


async def loaded(port: int, seconds: float, slow: int, play: Play, bench: Bench, what: str) -> Load:
    beside: AbstractAsyncContextManager[None] = dawdling(port, slow) if slow else nullcontext()
    async with beside:
        return await open_loop(port, RATE, seconds, play, bench.tell(what))


@asynccontextmanager
async def dawdling(port: int, slow: int) -> AsyncIterator[None]:
    """So many clients that send a filing a byte a second, and begin again when they are sent away."""
    tasks = [asyncio.create_task(dawdle(port, number)) for number in range(slow)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def dawdle(port: int, number: int) -> None:
    """Half of them over their headers, half over their body."""
    head = b"POST /v1/issues HTTP/1.1\r\nHost: slow\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n"
    begin = head + b"\r\n" if number % 2 else head
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(begin)
                while not writer.is_closing():
                    await writer.drain()
                    await asyncio.sleep(BYTE_EVERY)
                    writer.write(b"x")
            finally:
                writer.close()
        await asyncio.sleep(BYTE_EVERY)
