"""The web server around the workers: connections, routes, health, and what is answered before a worker is asked.

Stock nameko ends the whole process with the first connection that breaks in an unforeseen way, or when no file is left
to accept one more; shares its port with whoever else listens there; takes a chunked body for an empty one; and reads
on for as long as somebody sends. A request that cannot be read, an address and a method that are not there are
Problems here as everywhere.
"""
import socket
import time
from functools import partial
from typing import Any

import eventlet
import orjson
from nameko.web.server import HttpOnlyProtocol, WebServer, WsgiApp
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WerkzeugMethodNotAllowed
from werkzeug.wrappers import Request, Response

from chassis import health, logs, metrics
from contracts.errors import Malformed, MethodNotAllowed, Problem, not_found

HEARD_OUT = 8 * 1024 * 1024  # bytes that are taken of a body that is refused
CHUNK = 64 * 1024
SOCKET_TIMEOUT = 30  # seconds that a client may keep us waiting for a byte
BACKLOG = 1024  # connections that wait to be accepted
PAUSE = 0.1  # seconds before the next try where none could be
METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")  # in metrics; anybody can invent more
log = logs.get(__name__)


class Protocol(HttpOnlyProtocol):
    """One connection. The application may ask for its end: `environ["mahalle.connection"].close_connection = True`."""

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ["mahalle.connection"] = self
        return environ

    def log_message(self, *args: object) -> None:
        """Nothing: the standard library would write the request into our log of JSON lines."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What is no HTTP is told so, without being repeated."""
        told = orjson.dumps({"type": "about:blank", "status": code, "title": self.responses.get(code, ("error",))[0]})
        self.send_response_only(code)
        for name, value in (("Content-Type", "application/problem+json"), ("Content-Length", str(len(told))),
                            ("Connection", "close")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(told)


class App(WsgiApp):
    """Routes, and what is answered without a worker."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        if path in health.PATHS:
            status, kind, body = health.answer(path, self.server.ready)
            return Response(body, status, content_type=kind)(environ, start_response)
        request = Request(environ, shallow=True)
        began = time.monotonic()
        route, response = self._answer(request, environ)
        hear_out(environ)
        name = self.server.container.service_name
        method = request.method if request.method in METHODS else "other"
        metrics.HTTP_REQUESTS.labels(name, method, route, response.status_code).inc()
        metrics.HTTP_SECONDS.labels(name, route).observe(time.monotonic() - began)
        return response(environ, start_response)

    def _answer(self, request: Request, environ: dict[str, Any]) -> tuple[str, Response]:
        encoding = environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        if encoding not in ("", "chunked"):
            return "none", self._unreadable(request)
        if encoding:
            environ["wsgi.input_terminated"] = True  # without it a chunked body arrives empty
        try:
            provider, values = self.url_map.bind_to_environ(environ).match()
        except WerkzeugMethodNotAllowed as error:
            return "none", self._no_method(request, error)
        except (HTTPException, UnicodeError):
            return "none", self.server.problem(request, not_found())
        request.path_values = values  # type: ignore[attr-defined]
        return provider.url, provider.handle_request(request)

    def _unreadable(self, request: Request) -> Response:
        """Where such a body ends nobody can say: what follows it must not be taken for a request."""
        end_connection(request.environ)
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


def end_connection(environ: dict[str, Any]) -> None:
    """After the answer, without waiting for anything more from this client."""
    environ["mahalle.connection"].close_connection = environ["mahalle.ended"] = True


def hear_out(environ: dict[str, Any]) -> None:
    """Takes the rest of a body that nobody read: to close on it would reset the connection, and the answer be lost.
    Who sends even more is not heard out."""
    stream, left = environ["eventlet.input"], HEARD_OUT
    if "mahalle.ended" in environ or stream.should_send_hundred_continue or not (
            environ.get("CONTENT_LENGTH") or "wsgi.input_terminated" in environ):
        return
    try:
        while read := stream.read(min(left, CHUNK)):
            left -= len(read)
            if left <= 0:
                end_connection(environ)
                break
    except (OSError, ValueError):
        end_connection(environ)  # the client is gone, or its chunks are none


def listen(address: tuple[str, int]) -> Any:
    """A listener. Raises OSError when the port is taken, be it by another of ourselves."""
    found = eventlet.listen(address, backlog=BACKLOG, reuse_port=False)
    found.settimeout(None)
    return found


class Server(WebServer):
    """One per process, on the listener that the runner opened. `problem` writes an error for the one who asked."""

    _starting: bool

    def start(self) -> None:
        if self._starting:
            return
        self._starting, self._sock = True, self.container.config["listener"]
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
            connection.settimeout(SOCKET_TIMEOUT)
            self.container.spawn_managed_thread(partial(self.process_request, connection, address))

    def process_request(self, connection: Any, address: Any) -> None:
        try:
            super().process_request(connection, address)
        except Exception as error:  # whatever a client or its network does, it concerns nobody else
            log.info("a connection broke", error=type(error).__name__)
        finally:
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
