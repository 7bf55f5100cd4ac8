"""Who is connected to this process, and who is let in when there are many.

A client that sends nothing, or half of something, costs a file and some kilobytes until its time is over. However many
of them there are, they keep no place from somebody who has something to ask: where the house is full, whoever has waited
longest without a whole request is shown out.
"""
import socket
from collections import Counter, OrderedDict
from typing import Any

from chassis.addresses import counted_as


class Connections:
    """`most` in all; `each` from one address, or 0 where a proxy stands in front and all have one."""

    def __init__(self, most: int, each: int) -> None:
        self._most, self._each = most, each
        self._here: Counter[str] = Counter()
        self._count = 0
        self._idle: OrderedDict[Any, None] = OrderedDict()  # who has sent no whole request, the longest waiting first

    def __len__(self) -> int:
        return self._count

    def admit(self, connection: Any, address: str) -> bool:
        """Whether one more from there has a place. If so it counts from now on, until it has `left`."""
        place = counted_as(address)
        if (self._each and self._here[place] >= self._each) or (self._count >= self._most and not self._make_room()):
            return False
        self._here[place] += 1
        self._count += 1
        self.waits(connection)
        return True

    def left(self, connection: Any, address: str) -> None:
        place = counted_as(address)
        self._here[place] -= 1
        self._count -= 1
        if not self._here[place]:
            del self._here[place]
        self._idle.pop(connection, None)

    def waits(self, connection: Any) -> None:
        """For its next request, or the rest of one."""
        self._idle[connection] = None

    def asks(self, connection: Any) -> None:
        self._idle.pop(connection, None)

    def _make_room(self) -> bool:
        """False where everybody is being answered."""
        if not self._idle:
            return False
        connection, _ = self._idle.popitem(last=False)
        try:
            connection.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for it to say something
        except OSError:
            pass  # it has gone by itself
        return True
