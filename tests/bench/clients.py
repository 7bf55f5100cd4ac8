"""Many clients on kept connections in one process, cheap enough to share the machine with what they measure.

A client is a coroutine with a connection of its own (HTTP/1.1, no pipelining). In the closed loop each asks again as
soon as it was answered; in the open loop requests leave at their time whatever the answers do, and are timed from
then, so that a stall is not hidden by clients that wait for it.
"""
import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
SECONDS = 30.0  # that an answer may take
TICK = 0.5  # seconds between two words on how far it is
NO_ANSWER = 0
clock = time.perf_counter


@dataclass(frozen=True)
class Answer:
    """`status` NO_ANSWER: the connection broke, or nothing came in time."""

    status: int
    body: bytes = b""

    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass(frozen=True)
class Done:
    """One thing done: when it should have begun, when it was over (seconds of `clock`), and its last answer."""

    began: float
    ended: float
    answer: Answer

    @property
    def took(self) -> float:
        return self.ended - self.began


@dataclass
class Load:
    """What was done under one load. `cost`: CPU seconds of the clients themselves."""

    began: float
    done: list[Done] = field(default_factory=list)
    cost: float = 0.0

    @property
    def ended(self) -> float:
        return max((done.ended for done in self.done), default=self.began)

    @property
    def well(self) -> list[Done]:
        """What was answered with a 2xx."""
        return [done for done in self.done if 200 <= done.answer.status < 300]

    @property
    def rate(self) -> float:
        """Well done in a second."""
        return len(self.well) / (self.ended - self.began)

    @property
    def refused(self) -> str:
        """What was answered otherwise, by status; nothing where nothing was."""
        counted = Counter(done.answer.status for done in self.done) - Counter(done.answer.status for done in self.well)
        return ", ".join(f"{count} answered {status or 'not at all'}" for status, count in sorted(counted.items()))


class Connection(asyncio.Protocol):
    """One kept connection to a port of this machine; opened when it is needed and again when it broke."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._answer: asyncio.Future[Answer] | None = None

    async def ask(self, request: bytes) -> Answer:
        loop = asyncio.get_running_loop()
        try:
            if self._transport is None or self._transport.is_closing():
                self._transport, _ = await loop.create_connection(lambda: self, "127.0.0.1", self._port)
        except OSError:
            return Answer(NO_ANSWER)
        self._answer = loop.create_future()
        late = loop.call_later(SECONDS, self._transport.abort)
        self._transport.write(request)
        answer = await self._answer
        late.cancel()
        return answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        found = LENGTH.search(self._buffer, 0, head)
        end = head + 4 + (int(found[1]) if found else 0)
        if len(self._buffer) >= end:
            self._give(Answer(int(self._buffer[9:12]), bytes(self._buffer[head + 4:end])))

    def connection_lost(self, error: Exception | None) -> None:
        self._give(Answer(NO_ANSWER))

    def _give(self, answer: Answer) -> None:
        self._buffer.clear()
        if self._answer and not self._answer.done():
            self._answer.set_result(answer)

    def close(self) -> None:
        if self._transport:
            self._transport.close()


Play = Callable[[Connection], Awaitable[Answer]]
Tell = Callable[[float], None]  # how much of it is over, 0 to 1


def request(method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """As it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _once(play: Play, connection: Connection, load: Load, began: float) -> None:
    answer = await play(connection)
    load.done.append(Done(began, clock(), answer))


async def closed_loop(port: int, clients: int, seconds: float, play: Play, tell: Tell) -> Load:
    """Each client plays again and again until the time is over; what it has begun then it ends."""
    connections = [Connection(port) for _ in range(clients)]
    load = Load(clock())

    async def one(connection: Connection) -> None:
        while clock() < load.began + seconds:
            await _once(play, connection, load, clock())

    await _told(asyncio.gather(*map(one, connections)), load, seconds, tell)
    for connection in connections:
        connection.close()
    return load


async def open_loop(port: int, rate: float, seconds: float, play: Play, tell: Tell) -> Load:
    """`rate` plays begin in each second, each on a connection that is idle then, or a new one."""
    load, idle = Load(clock()), list[Connection]()

    async def one(at: float) -> None:
        connection = idle.pop() if idle else Connection(port)
        await _once(play, connection, load, at)
        idle.append(connection)

    async def all_of_them() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(round(rate * seconds)):
                at = load.began + number / rate
                await asyncio.sleep(at - clock())
                group.create_task(one(at))

    await _told(all_of_them(), load, seconds, tell)
    for connection in idle:
        connection.close()
    return load


async def _told(playing: Awaitable[Any], load: Load, seconds: float, tell: Tell) -> None:
    cost, under_way = time.process_time(), asyncio.ensure_future(playing)
    while not under_way.done():
        await asyncio.wait([under_way], timeout=TICK)
        tell(min((clock() - load.began) / seconds, 1.0))
    load.cost = time.process_time() - cost
    await under_way
