"""Whether a port of this machine is free, said in a way that helps."""
import random
import socket
from contextlib import closing

from deploy.local.errors import CannotStart


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
    """Ports that nobody uses now, all different, below those the machine hands out by itself; for tests."""
    found: set[int] = set()
    while len(found) < count:
        port = random.randrange(20_000, 32_000)
        if is_free(port):
            found.add(port)
    return list(found)
