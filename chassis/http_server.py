"""nameko's HTTP entrypoint with its measured faults mended once, for gateway and services.

Every error, 404 and 405 included, is a Problem and nothing of an exception's text leaves; bodies are bounded (413) and
chunked ones read; a full house answers 503 at once while `/livez`, `/readyz` and `/metrics` are answered outside the
workers; every method has a time limit.
"""
import socket
import time
from typing import Any
from urllib.parse import parse_qs

import orjson
from eventlet.event import Event
from nameko.web.handlers import HttpRequestHandler
from nameko.web.server import WebServer, WsgiApp
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WerkzeugMethodNotAllowed
from werkzeug.wrappers import Request, Response

from chassis import caller, health, logs, metrics
from chassis.container import TimeLimit
from contracts.errors import (
    Malformed,
    MethodNotAllowed,
    Problem,
    TooLarge,
    Unavailable,
    UnsupportedMediaType,
    internal,
    not_found,
)

MAX_BODY = 64 * 1024  # bytes; a joined call of filings is the chassis' own and may be larger
HEARD_OUT = 8 * 1024 * 1024  # bytes that are taken of a body that is refused
MAX_QUERY = 4096  # characters
WAITING = 200  # requests that may wait for a free worker before the house is full
SOCKET_TIMEOUT = 30  # seconds that a client may keep us waiting for a byte
log = logs.get(__name__)

FULL = Unavailable("busy", "سامانه اکنون شلوغ است. چند ثانیه بعد دوباره تلاش کنید.",
                   "The platform is busy. Try again in a few seconds.", retry_after=2)
TOO_SLOW = Unavailable("time_limit", "انجام این کار بیش از اندازه طول کشید. با همان کلید دوباره تلاش کنید.",
                       "This took too long. Try again with the same Idempotency-Key.", retry_after=5)


class App(WsgiApp):
    """Routes, and what is answered without a worker."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        if path in health.PATHS:
            status, kind, body = health.answer(path, self.server.ready)
            return Response(body, status, content_type=kind)(environ, start_response)
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            environ["wsgi.input_terminated"] = True  # without it a chunked body arrives empty
        request = Request(environ, shallow=True)
        began = time.monotonic()
        route, response = self._answer(request, environ)
        hear_out(environ)
        name = self.server.container.service_name
        metrics.HTTP_REQUESTS.labels(name, request.method, route, response.status_code).inc()
        metrics.HTTP_SECONDS.labels(name, route).observe(time.monotonic() - began)
        return response(environ, start_response)

    def _answer(self, request: Request, environ: dict[str, Any]) -> tuple[str, Response]:
        try:
            provider, values = self.url_map.bind_to_environ(environ).match()
        except WerkzeugMethodNotAllowed as error:
            return "none", self._no_method(request, error)
        except (HTTPException, UnicodeError):
            return "none", self.server.problem(request, not_found())
        request.path_values = values  # type: ignore[attr-defined]
        return provider.url, provider.handle_request(request)

    def _no_method(self, request: Request, error: WerkzeugMethodNotAllowed) -> Response:
        allowed = ", ".join(sorted(error.valid_methods or ()))
        response = self.server.problem(request, MethodNotAllowed(
            "method_not_allowed", f"این نشانی این روش را نمی‌پذیرد. روش‌های ممکن: {allowed}",
            f"This address does not take this method. It takes: {allowed}"))
        response.headers["Allow"] = allowed
        return response


def hear_out(environ: dict[str, Any]) -> None:
    """Takes the rest of a body that nobody read: to close on it would reset the connection, and the answer be lost."""
    stream, left = environ["eventlet.input"], HEARD_OUT
    if stream.should_send_hundred_continue or not (environ.get("CONTENT_LENGTH") or "wsgi.input_terminated" in environ):
        return
    try:
        while left > 0 and (read := stream.read(min(left, MAX_BODY))):
            left -= len(read)
    except (OSError, ValueError):
        return  # the client is gone, or its chunks are none


class Server(WebServer):
    """One per process. `ready` is set by the service; `problem` writes an error for the one who asked."""

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


class Http(HttpRequestHandler):
    """`@http("POST", "/filings")` of a service: the caller must be signed by the gateway or another service.

    The method gets `Call` and the path's values; it returns plain JSON values, (status, values), (status, values,
    headers), or bytes that are JSON already.
    """

    server = Server()
    answers_problems = True

    def __init__(self, method: str, url: str, seconds: float = 10, max_body: int = MAX_BODY, **options: Any) -> None:
        self.seconds, self.max_body = seconds, max_body
        super().__init__(method, url, **options)

    def authenticate(self, request: Request) -> caller.Caller:
        return caller.verify(request.headers.get(caller.HEADER), self.container.config["settings"].internal_secret)

    def trace(self, request: Request) -> str | None:
        return request.headers.get("traceparent")

    def get_entrypoint_parameters(self, request: Request) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (Call(request, self.authenticate(request), self.max_body),), request.path_values  # type: ignore

    def handle_request(self, request: Request) -> Response:
        request.shallow = False
        try:
            if self.container._worker_pool.waiting() > WAITING:
                raise FULL
            args, kwargs = self.get_entrypoint_parameters(request)
            done = Event()
            self.container.spawn_worker(
                self, args, kwargs, context_data={"trace": self.trace(request)},
                handle_result=lambda worker, result, exc_info: self.handle_result(done, worker, result, exc_info))
            result = done.wait()
            return self.server.problem(request, result) if isinstance(result, Problem) else self.response_from_result(result)
        except Exception as error:
            return self.server.problem(request, as_problem(error))

    def handle_result(self, event: Event, worker: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        event.send(result, exc_info)
        return result, exc_info

    def response_from_result(self, result: Any) -> Response:
        status, headers = 200, {}
        if isinstance(result, tuple):
            status, result, headers = (*result, {})[:3]
        body = result if isinstance(result, bytes) else orjson.dumps(result)
        return Response(body, status, headers, content_type="application/json")


def as_problem(error: Exception) -> Problem:
    """The one map from exceptions to answers. What nobody foresaw is recorded and told without its text."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, TimeLimit):
        return TOO_SLOW
    log.error("an error nobody foresaw", exc_info=error)
    return internal()


class Call:
    """One request: who asks, and its body and query, bounded. `json` and `query` raise Problems."""

    def __init__(self, request: Request, asking: caller.Caller, max_body: int = MAX_BODY) -> None:
        self.request, self.caller, self._max_body = request, asking, max_body
        self.headers = request.headers
        if len(request.environ.get("QUERY_STRING", "")) > MAX_QUERY:
            raise TooLarge("query_too_long", "نشانی درخواست بیش از اندازه بلند است. آن را کوتاه کنید.",
                           f"The query is too long. Keep it under {MAX_QUERY} characters.")

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; of a repeated one the last. Broken UTF-8 is Malformed."""
        try:
            typed = self.request.environ.get("QUERY_STRING", "").encode("latin-1").decode()
            found = parse_qs(typed, errors="strict", max_num_fields=50)
        except ValueError as error:
            raise Malformed("malformed_query", "نشانی درخواست خواندنی نیست (UTF-8).",
                            "The query cannot be read. Encode it as UTF-8, percent-escaped.") from error
        return {key: values[-1] for key, values in found.items()}

    def raw(self) -> bytes:
        """The body as it came. Raises TooLarge before anything large is read."""
        too_large = TooLarge("body_too_large", f"متن درخواست بیش از {self._max_body // 1024} کیلوبایت است.",
                             f"The body is over {self._max_body // 1024} kB. Shorten it.")
        if (self.request.content_length or 0) > self._max_body:
            raise too_large
        body = self.request.stream.read(self._max_body + 1)
        if len(body) > self._max_body:
            raise too_large
        return body

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; an empty body is an empty object."""
        raw = self.raw()
        if not raw:
            return {}
        if self.request.mimetype != "application/json":
            raise UnsupportedMediaType("not_json", "بدنهٔ درخواست باید application/json باشد.",
                                       "The body must be application/json.")
        try:
            found = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise Malformed("malformed_json", "بدنهٔ درخواست JSON درست با UTF-8 نیست.",
                            "The body is not valid JSON in UTF-8.") from error
        if not isinstance(found, dict) or raw.count(b"{") + raw.count(b"[") > 10_000:
            raise Malformed("malformed_json", "بدنهٔ درخواست باید یک شیء JSON باشد.", "The body must be a JSON object.")
        return found


http = Http.decorator
