"""nameko's HTTP entrypoint with its measured faults mended once, for gateway and services.

Every error is a Problem and nothing of an exception's text leaves; a body is bounded, and read before a worker is
asked; a full house answers 503 at once while health is answered outside the workers; every method has a time limit.
`web_server` is what lies around it.
"""
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, quote

import eventlet
import orjson
from eventlet.event import Event
from nameko.web.handlers import HttpRequestHandler
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from chassis import caller, logs
from chassis.container import TimeLimit
from chassis.protocol import SLOWEST
from chassis.validation import check_names
from chassis.web_server import Server
from contracts.errors import Malformed, Problem, TooLarge, Unavailable, UnsupportedMediaType, internal

MAX_BODY = 64 * 1024  # bytes; a joined call of filings is the chassis' own and may be larger
MAX_QUERY = 4096  # characters, escaped as they are handed on
BODY_WITHIN = 10  # seconds that a client may take to send its body, besides those that its size takes
WAITING = 2  # requests for each worker that may wait for it before the house is full
WAIT_WITHIN = 2  # seconds that one waits: a command must not be carried out long after its caller has gone
log = logs.get(__name__)


def full() -> Unavailable:
    return Unavailable("busy", "سامانه اکنون شلوغ است. چند ثانیه بعد دوباره تلاش کنید.",
                       "The platform is busy. Try again in a few seconds.", retry_after=2)


def too_slow() -> Unavailable:
    return Unavailable("time_limit", "انجام این کار بیش از اندازه طول کشید. با همان کلید دوباره تلاش کنید.",
                       "This took too long. Try again with the same Idempotency-Key.", retry_after=5)


def half_sent() -> Malformed:
    return Malformed("half_sent", "بدنهٔ درخواست ناتمام رسید. دوباره بفرستید.",
                     "The body did not arrive whole. Send it again.")


class Call:
    """One request: who asks, and its body and query, bounded. `json` and `query` raise Problems."""

    def __init__(self, request: Request, asking: caller.Caller, max_body: int = MAX_BODY) -> None:
        self.request, self.caller, self._max_body = request, asking, max_body
        self.headers = request.headers
        self._raw: bytes | None = None
        if len(quote(request.environ.get("QUERY_STRING", ""), safe="%&=+")) > MAX_QUERY:
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
        """The body as it came. Raises TooLarge before anything large is read, and Malformed for half of one."""
        if self._raw is None:
            if (self.request.content_length or 0) > self._max_body:
                raise self._too_large()
            self._raw = self._read()
        return self._raw

    def _read(self) -> bytes:
        seconds = BODY_WITHIN + (self.request.content_length or self._max_body) / SLOWEST
        try:
            with eventlet.Timeout(seconds, half_sent()):
                body = self.request.stream.read(self._max_body + 1)
        except (OSError, ValueError, HTTPException, Malformed) as error:  # it went away, its chunks are none, or it waits
            self.request.environ["mahalle.connection"].end()
            raise half_sent() from error
        if len(body) > self._max_body:
            raise self._too_large()
        if len(body) < (self.request.content_length or 0):
            raise half_sent()  # it went away: the beginning of what somebody wanted may be something else
        return body

    def _too_large(self) -> TooLarge:
        return TooLarge("body_too_large", f"متن درخواست بیش از {self._max_body // 1024} کیلوبایت است.",
                        f"The body is over {self._max_body // 1024} kB. Shorten it.")

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
        if not isinstance(found, dict):
            raise Malformed("malformed_json", "بدنهٔ درخواست باید یک شیء JSON باشد.", "The body must be a JSON object.")
        return found


class Http(HttpRequestHandler):
    """`@http("POST", "/filings", "platform:serve")` of a service: the caller must be signed by the gateway or another
    service, and allowed this deed of `contracts.policy`; how far that reaches, the use case asks.

    The method gets `Call` and the path's values; it returns plain JSON values, (status, values), (status, values,
    headers), or bytes that are JSON already. `asks` is the marshmallow schema of the query: whoever asks with a parameter
    that is not in it is refused. For the API's description alone: `takes` and `gives` are those of body and answer, `status`
    the answer's if all goes well; the docstring is its text. A dict says it for each value of the path.
    """

    server = Server()
    answers_problems = True
    call = Call

    def __init__(self, method: str, url: str, deed: str, seconds: float = 10, max_body: int = MAX_BODY, *,
                 takes: Any = None, asks: Any = None, gives: Any = None, status: int = 200, **options: Any) -> None:
        self.deed, self.seconds, self.max_body = deed, seconds, max_body
        self.takes, self.asks, self.gives, self.status = takes, asks, gives, status
        super().__init__(method, url, **options)

    def authenticate(self, request: Request) -> caller.Caller:
        return caller.verify(request.headers.get(caller.HEADER), self.container.config["settings"].internal_secret)

    def admit(self, request: Request) -> caller.Caller:
        """Who is asking, if they may. Raises Unauthenticated, NotAllowed."""
        return caller.demand(self.authenticate(request), self.deed)

    def trace(self, request: Request) -> str | None:
        return request.headers.get("traceparent")

    def get_entrypoint_parameters(self, request: Request) -> tuple[tuple[Any, ...], dict[str, Any]]:
        call = self.call(request, self.admit(request), self.max_body)
        values: dict[str, Any] = request.path_values  # type: ignore[attr-defined]
        self.demand_known(call, values)
        call.raw()
        return (call,), values

    def demand_known(self, call: Call, values: dict[str, Any]) -> None:
        """Raises Malformed for parameters that this address does not know."""
        known = parameters(self.asks, values)
        if known is not None:
            check_names(call.query, known)

    def handle_request(self, request: Request) -> Response:
        request.shallow = False
        logs.TRACE.set(self.trace(request))
        try:
            workers = self.container._worker_pool
            if workers.waiting() > WAITING * workers.size:
                raise full()
            result = self._result(*self.get_entrypoint_parameters(request), logs.TRACE.get())
            return self.server.problem(request, result) if isinstance(result, Problem) else self.response_from_result(result)
        except Exception as error:
            return self.server.problem(request, as_problem(error))

    def _result(self, args: tuple[Any, ...], values: dict[str, Any], trace: str | None) -> Any:
        """What a worker makes of it. Raises what the method raised, and `full` where no worker gets free."""
        done = Event()
        with eventlet.Timeout(WAIT_WITHIN, full()):
            self.container.spawn_worker(
                self, args, values, context_data={"trace": trace},
                handle_result=lambda worker, result, exc_info: self.handle_result(done, worker, result, exc_info))
        return done.wait()

    def handle_result(self, event: Event, worker: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        event.send(result, exc_info)
        return result, exc_info

    def response_from_result(self, result: Any) -> Response:
        status, headers = 200, {}
        if isinstance(result, Response):
            return result
        if isinstance(result, tuple):
            status, result, headers = (*result, {})[:3]
        body = result if isinstance(result, bytes) else orjson.dumps(result)
        return Response(body, status, headers, content_type="application/json")


def parameters(asks: Any, values: dict[str, Any]) -> Iterable[str] | None:
    """The names of the query that `asks` says, for these values of the path; None where it says nothing."""
    if isinstance(asks, dict):
        return next((parameters(asks[value], values) for value in values.values() if value in asks), None)
    return vars(asks)["_declared_fields"] if isinstance(asks, type) else asks and asks.fields


def as_problem(error: Exception) -> Problem:
    """The one map from exceptions to answers. What nobody foresaw is recorded and told without its text."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, TimeLimit):
        return too_slow()
    log.error("an error nobody foresaw", exc_info=error)
    return internal()


http = Http.decorator
