"""Whether a port of this machine is free, said in a way that helps."""
import random
import socket
from contextlib import closing

from deploy.local.errors import CannotStart

BETWEEN = [20_000, 31_900]  # the tests' workers each narrow it to a part of their own
given: dict[int, None] = {}  # in order


def is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def require_free(port: int, variable: str, what: str) -> None:
    """Raises CannotStart naming the port and the variable that chooses another."""
    if not is_free(port):
        raise CannotStart(f"port {port}, meant for {what}, is taken by another program. Stop it, or choose another "
                          f"with {variable}, for example: make up {variable}={port + 1000}")


def free_ports(count: int) -> list[int]:
    """Ports in a row that nobody uses now, below those the machine hands out by itself; for tests.

    None is soon given twice by one process: who asked for it may not have taken it yet, or be starting again on it. Only
    when half of them were given are those of long ago given again.
    """
    low, high = BETWEEN
    while len(given) > (high - low) // 2:
        given.pop(next(iter(given)))
    while True:
        first = random.randrange(low, high)
        row = range(first, first + count)
        if given.keys().isdisjoint(row) and all(is_free(port) for port in row):
            given.update(dict.fromkeys(row))
            return list(row)
