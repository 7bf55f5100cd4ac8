"""The gateway's HTTP entrypoint: who asks and what it costs them, and problem+json (RFC 9457) in the reader's language."""
import re
import secrets
from collections import Counter
from typing import Any
from urllib.parse import unquote_plus

import orjson
from werkzeug.wrappers import Request, Response

from chassis.caller import PUBLIC, Caller, demand
from chassis.http_server import Call, Http
from contracts.errors import Malformed, Problem, Unauthenticated
from gateway import fields
from gateway.credentials import Credentials
from gateway.limits import Throttled
from gateway.tags import note_version

KEY = re.compile(r'"?([\x21\x23-\x7e]{1,200}?)"?')
MAX_DEPTH = 20  # arrays and objects within each other; what is nested deeper could not be written again
LANGUAGES = ("fa", "en")
OVER_QUOTA = "https://iana.org/assignments/http-problem-types#quota-exceeded"


class PublicCall(Call):
    """A request of somebody outside. `fields`: what of the answer is wanted; nothing for all of it."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Raises Malformed."""
        asked = super().query.get("fields") if self.request.method in ("GET", "HEAD") else None
        return fields.read(asked) if asked else ()

    @property
    def query(self) -> dict[str, str]:
        """Without `fields`, which is not for those who are asked."""
        found = super().query
        found.pop("fields", None)
        return found

    def json(self) -> dict[str, Any]:
        """Raises Malformed also for a body that is nested too deeply: joined with others, it would spoil theirs."""
        found = super().json()
        if is_deeper(found, MAX_DEPTH):
            raise Malformed("malformed_json", "بدنهٔ درخواست بیش از اندازه تو در تو است.",
                            f"The body is nested too deeply. {MAX_DEPTH} levels are enough.")
        return found


def is_deeper(value: Any, levels: int) -> bool:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(is_deeper(child, levels - 1) for child in children if isinstance(child, (dict, list)))


class PublicHttp(Http):
    """`@public("GET", "/v1/issues", "issues:read")`: the method gets a `Call` whose caller was told by what they sent.

    `cost` is a name of `limits.COSTS`: what one request takes of its caller's budget.
    """

    call = PublicCall
    credentials = Credentials()

    def __init__(self, method: str, url: str, deed: str, *more: Any, cost: str = "", **options: Any) -> None:
        super().__init__(method, url, deed, *more, **options)
        self.cost = cost or ("reading" if method == "GET" else "writing")

    def admit(self, request: Request) -> Caller:
        """Raises also Throttled. Whoever shows what is not good pays as nobody known, and more."""
        request.environ["mahalle.deed"] = self.deed
        try:
            by = self.authenticate(request)
        except Unauthenticated:
            self._pay(request, PUBLIC, "writing")
            raise
        request.environ["mahalle.by"] = by
        self._pay(request, by, self.cost)
        return demand(by, self.deed)

    def _pay(self, request: Request, by: Caller, cost: str) -> None:
        environ = request.environ
        try:
            environ["mahalle.spent"] = self.container.config["limits"]().spend(by, environ["mahalle.address"], cost)
        except Throttled as problem:
            environ["mahalle.spent"], environ["mahalle.silent"] = problem.spent, not problem.first
            raise

    def authenticate(self, request: Request) -> Caller:
        """Addresses of signing in go by what is in the body: a client that refreshes may send its old token along."""
        if self.deed == "sessions:write":
            return PUBLIC
        return self.credentials.known(request.headers.get("Authorization")).caller

    def demand_known(self, call: Call, values: dict[str, Any]) -> None:
        """That each is sent once. Which there are, who is asked in the end says; clients of Open311 send what they like."""
        query = call.request.environ.get("QUERY_STRING", "")
        names = Counter(unquote_plus(each.partition("=")[0]) for each in query.split("&") if each)
        if repeated := [name[:60] for name, times in names.items() if times > 1]:
            raise Malformed("repeated_parameter", f"{repeated[0]} بیش از یک بار آمده است؛ یک بار بفرستید.",
                            f"{repeated[0]} was sent more than once. Send it once.")

    def trace(self, request: Request) -> str:
        found: str = request.environ["mahalle.trace"]
        return found

    def _result(self, args: tuple[Any, ...], values: dict[str, Any], trace: str | None) -> Any:
        wanted = args[0].fields
        found = super()._result(args, values, trace)
        note_version(args[0].request, found)
        return found if not wanted or isinstance(found, (Problem, Response)) else fields.picked(found, wanted)


def language_for(request: Request) -> str:
    """The reader's favourite of those that we have, whatever its country; Persian where none is named."""
    wanted = [tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0]
    return next((language for language in wanted if language in LANGUAGES), LANGUAGES[0])


def problem_json(request: Request, problem: Problem) -> Response:
    """RFC 9457, with the stable `code`, in Persian unless the reader prefers English."""
    language = language_for(request)
    told = {"type": f"urn:mahalle:problem:{problem.code}", "title": problem.code.replace("_", " "),
            "status": problem.status, "code": problem.code, "detail": getattr(problem, language)}
    if problem.errors:
        told["errors"] = [{"pointer": e["pointer"], "detail": e[language]} for e in problem.errors]
    if isinstance(problem, Throttled):
        told |= {"type": OVER_QUOTA, "violated-policies": [problem.spent.policy]}
    told |= {name: found for name in ("trace", "request") if (found := request.environ.get(f"mahalle.{name}"))}
    response = Response(orjson.dumps(told), problem.status, {"Content-Language": language},
                        content_type="application/problem+json")
    if challenge := challenge_of(problem):
        response.headers["WWW-Authenticate"] = challenge
    return response


def challenge_of(problem: Problem) -> str:
    """RFC 6750: why the token or key that came was not enough; nothing besides where none came."""
    if problem.code in ("invalid_token", "key_refused"):
        return 'Bearer error="invalid_token"'
    if problem.code == "out_of_scope":
        return 'Bearer error="insufficient_scope"'
    return "Bearer" if problem.status == 401 else ""


def idempotency_key(call: Call) -> str:
    """The caller's key, quoted (as the draft asks) or not; a new one where none is given. Raises Malformed."""
    given = call.headers.get("Idempotency-Key")
    if given is None:
        return secrets.token_hex(16)
    found = KEY.fullmatch(given.strip())
    if not found:
        raise Malformed("bad_idempotency_key", "Idempotency-Key باید ۱ تا ۲۰۰ نویسهٔ ASCII باشد.",
                        "The Idempotency-Key must be 1 to 200 visible ASCII characters.")
    return found[1]


public = PublicHttp.decorator
