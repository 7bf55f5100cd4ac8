"""A telephone line to a server that can be cut, stalled and mended without touching the server. Loopback only."""
import select
import socket
import threading
from types import TracebackType

from deploy.local.ports import free_ports


class Line:
    """Forwards its `port` to another port of this machine while it is up."""

    def __init__(self, to: int) -> None:
        self.to, self.port = to, free_ports(1)[0]
        self._ends: set[socket.socket] = set()
        self._flowing = threading.Event()
        self._listener: socket.socket | None = None

    def __enter__(self) -> "Line":
        self.mend()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.cut()

    def mend(self) -> None:
        """New calls come through, and what was stalled flows again."""
        self._flowing.set()
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stall(self) -> None:
        """Calls stay open and nothing passes."""
        self._flowing.clear()

    def cut(self) -> None:
        """Every call ends, new ones are refused, as when the server is away."""
        listener, self._listener = self._listener, None
        for end in [*self._ends, *([listener] if listener else [])]:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it had ended already
            end.close()
        self._ends.clear()
        self._flowing.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return
            self._ends |= {near, far}
            threading.Thread(target=self._forward, args=(near, far), daemon=True).start()

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        try:
            while True:
                for end in select.select([near, far], [], [])[0]:
                    self._flowing.wait()
                    found = end.recv(65536)
                    if not found:
                        return
                    other[end].sendall(found)
        except (OSError, ValueError):
            return
        finally:
            for end in (near, far):
                end.close()
                self._ends.discard(end)
