"""The web server around the workers: connections, routes, health, and what is answered before a worker is asked.

Stock nameko ends the whole process with the first connection that breaks in an unforeseen way, or when no file is left
to accept one more; shares its port with whoever else listens there; and takes a chunked body for an empty one. A request
that cannot be read, an address and a method that are not there are Problems here as everywhere. `protocol` is what a
connection may send and how long it may take, `connections` how many there may be.
"""
import re
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import eventlet
import orjson
from nameko.web.server import WebServer, WsgiApp
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.exceptions import MethodNotAllowed as WerkzeugMethodNotAllowed
from werkzeug.wrappers import Request, Response

from chassis import health, logs, metrics
from chassis.connections import Connections
from chassis.protocol import HEARD_OUT, HEARD_WITHIN, PIECE, Protocol, refusal
from contracts.errors import Malformed, MethodNotAllowed, Problem, internal, not_found

SOCKET_TIMEOUT = 30  # seconds that a client may keep us waiting for a byte
BACKLOG = 1024  # connections that wait to be accepted
PAUSE = 0.1  # seconds before the next try where none could be
ESCAPED = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*")
# What a proxy may read as another address than we do: an escaped slash, backslashes, a NUL, steps up.
NOWHERE = re.compile(r"%(?:2f|5c|00)|\\|(?:^|/)(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")  # in metrics; anybody can invent more
Around = Callable[[Request, Callable[[], Response]], Response]
log = logs.get(__name__)


class App(WsgiApp):
    """Routes, and what is answered without a worker."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        if path in self.server.container.config["health"]:
            status, kind, body = health.answer(path, self.server.ready)
            return Response(body, status, content_type=kind)(environ, start_response)
        request = Request(environ, shallow=True)
        began = time.monotonic()
        environ["mahalle.route"] = "none"
        response = self._surrounded(request, environ)
        hear_out(environ)
        name, route = self.server.name, environ["mahalle.route"]
        method = request.method if request.method in METHODS else "other"
        metrics.HTTP_REQUESTS.labels(name, method, route, response.status_code).inc()
        metrics.HTTP_SECONDS.labels(name, route).observe(time.monotonic() - began)
        environ["mahalle.connection"].expect_taken(response.content_length or 0)
        return response(environ, start_response)

    def _surrounded(self, request: Request, environ: dict[str, Any]) -> Response:
        around: Around = self.server.container.config.get("around", alone)
        try:
            return around(request, lambda: self._answer(request, environ))
        except Exception as error:
            log.error("an error nobody foresaw, around an answer", exc_info=error)
            return self.server.problem(request, internal())

    def _answer(self, request: Request, environ: dict[str, Any]) -> Response:
        encoding, typed = environ.get("HTTP_TRANSFER_ENCODING", "").lower(), environ.get("RAW_PATH_INFO", "")
        if encoding not in ("", "chunked"):
            return self._unreadable(request)
        if encoding:
            environ["wsgi.input_terminated"] = True  # without it a chunked body arrives empty
        if not ESCAPED.fullmatch(typed):
            return self.server.problem(request, bad_escape())
        try:
            if NOWHERE.search(typed):
                raise NotFound
            provider, values = self.url_map.bind_to_environ(environ).match()
        except WerkzeugMethodNotAllowed as error:
            return self._no_method(request, error)
        except (HTTPException, UnicodeError):
            return self.server.problem(request, not_found())
        request.path_values = values  # type: ignore[attr-defined]
        environ["mahalle.route"] = provider.url
        return provider.handle_request(request)

    def _unreadable(self, request: Request) -> Response:
        """Where such a body ends nobody can say: what follows it must not be taken for a request."""
        request.environ["mahalle.connection"].end()
        return self.server.problem(request, Malformed(
            "unknown_encoding", "بدنهٔ درخواست را با Content-Length یا Transfer-Encoding: chunked بفرستید.",
            "Send the body with Content-Length or with Transfer-Encoding: chunked."))

    def _no_method(self, request: Request, error: WerkzeugMethodNotAllowed) -> Response:
        allowed = ", ".join(sorted({*(error.valid_methods or ()), "OPTIONS"}))
        if request.method == "OPTIONS":
            return Response(status=204, headers={"Allow": allowed})
        response = self.server.problem(request, MethodNotAllowed(
            "method_not_allowed", f"این نشانی این روش را نمی‌پذیرد. روش‌های ممکن: {allowed}",
            f"This address does not take this method. It takes: {allowed}"))
        response.headers["Allow"] = allowed
        return response


def alone(request: Request, answer: Callable[[], Response]) -> Response:
    """What surrounds an answer where the process' CONFIG names nothing as `around`."""
    return answer()


def bad_escape() -> Malformed:
    return Malformed("malformed_address", "نشانی درست نوشته نشده است؛ پس از هر % دو رقم شانزده‌شانزدهی لازم است.",
                     "The address is not written rightly. Each % needs two hexadecimal digits.")


def turn_away(connection: Any) -> None:
    """With an answer that takes no time: it fits in what the kernel holds, or is lost."""
    try:
        connection.setblocking(False)
        connection.send(refusal(503))
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    connection.close()


def hear_out(environ: dict[str, Any]) -> None:
    """Takes the rest of a body that nobody read: to close on it would reset the connection, and the answer be lost.
    Who sends even more is not heard out."""
    stream, connection, left = environ["eventlet.input"], environ["mahalle.connection"], HEARD_OUT
    if connection.ended or stream.should_send_hundred_continue or not (
            environ.get("CONTENT_LENGTH") or "wsgi.input_terminated" in environ):
        return
    try:
        with eventlet.Timeout(HEARD_WITHIN):
            while read := stream.read(min(left, PIECE)):
                left -= len(read)
                if left <= 0:
                    connection.end()
                    break
    except (OSError, ValueError, eventlet.Timeout):
        connection.end()  # the client is gone or in no hurry, or its chunks are none


def listen(address: tuple[str, int]) -> Any:
    """A listener. Raises OSError when the port is taken, be it by another of ourselves."""
    found = eventlet.listen(address, backlog=BACKLOG, reuse_port=False)
    found.settimeout(None)
    return found


class Server(WebServer):
    """One per process, on the listener that the runner opened. `problem` writes an error for the one who asked."""

    _starting: bool
    name: str
    connections: Connections

    def start(self) -> None:
        if self._starting:
            return
        self._starting, self._sock = True, self.container.config["listener"]
        settings, self.name = self.container.config["settings"], self.container.service_name
        self.connections = Connections(settings.connections, settings.connections_each)
        self._serv = self.get_wsgi_server(self._sock, self.get_wsgi_app(), Protocol)
        self._gt = self.container.spawn_managed_thread(self.run)

    def run(self) -> None:
        while True:
            try:
                connection, address = self._sock.accept()
            except OSError as error:  # no file is left, most likely: some will be, when others have gone
                log.warning("no connection could be accepted", error=type(error).__name__, reason=error.strerror)
                eventlet.sleep(PAUSE)
                continue
            if self.connections.admit(connection, address[0]):
                connection.settimeout(SOCKET_TIMEOUT)
                self.container.spawn_managed_thread(partial(self.process_request, connection, address))
            else:
                metrics.REFUSED.labels(self.name, "too_many_connections").inc()
                turn_away(connection)
            metrics.CONNECTIONS.labels(self.name).set(len(self.connections))
            eventlet.sleep(0)  # who has come says what they want before the next comes, who may need their place

    def process_request(self, connection: Any, address: Any) -> None:
        try:
            super().process_request(connection, address)
        except Exception as error:  # whatever a client or its network does, it concerns nobody else
            log.info("a connection broke", error=type(error).__name__)
        finally:
            self.connections.left(connection, address[0])
            metrics.CONNECTIONS.labels(self.name).set(len(self.connections))
            connection.close()

    def ready(self) -> dict[str, bool]:
        return dict(self.container.config["ready"]())

    def get_wsgi_app(self) -> App:
        return App(self)

    def get_wsgi_server(self, sock: Any, *args: Any, **kwargs: Any) -> Any:
        # Headers and body leave in two writes: without this, Nagle and delayed acknowledgements cost 40 ms an answer.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = super().get_wsgi_server(sock, *args, **kwargs)
        server.socket_timeout, server.log_output = SOCKET_TIMEOUT, False
        server.connections, server.name = self.connections, self.name
        return server

    def problem(self, request: Request, problem: Problem) -> Response:
        write = self.container.config.get("problem", internal_problem)
        response: Response = write(request, problem)
        if problem.retry_after is not None:
            response.headers["Retry-After"] = str(problem.retry_after)
        return response


def internal_problem(request: Request, problem: Problem) -> Response:
    """Between services: both languages, so that the gateway can choose."""
    return Response(orjson.dumps(problem.as_json()), problem.status, content_type="application/json")
