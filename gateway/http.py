"""The gateway's HTTP entrypoint: API keys, traces, problem+json (RFC 9457) in the reader's language."""
import re
import secrets
from typing import Any

import orjson
from werkzeug.wrappers import Request, Response

from chassis.caller import Caller
from chassis.http_server import Call, Http
from contracts.errors import Malformed, Problem
from gateway import keys

TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
KEY = re.compile(r'"?([\x21\x23-\x7e]{1,200}?)"?')
MAX_DEPTH = 20  # arrays and objects within each other; what is nested deeper could not be written again
LANGUAGES = ("fa", "en")
COMMON = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


class PublicCall(Call):
    """A request of somebody outside."""

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
    """`@public("GET", "/v1/issues", "issues:read")`: the method gets a `Call` whose caller was told by what they sent."""

    call = PublicCall

    def authenticate(self, request: Request) -> Caller:
        secret: str = self.container.config["gateway"]().key_secret
        return keys.caller_of(request.headers.get("Authorization"), secret)

    def demand_known(self, call: Call, values: dict[str, Any]) -> None:
        """Nothing: whoever is asked in the end says which parameters there are; clients of Open311 send what they like."""

    def trace(self, request: Request) -> str:
        """The caller's traceparent (W3C), or a new one."""
        found = request.headers.get("traceparent", "")
        if not TRACEPARENT.fullmatch(found):
            found = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
        request.environ["mahalle.trace"] = found
        return found

    def response_from_result(self, result: Any) -> Response:
        response = super().response_from_result(result)
        response.headers.extend(COMMON)
        return response

    def handle_request(self, request: Request) -> Response:
        response = super().handle_request(request)
        if trace := request.environ.get("mahalle.trace"):
            response.headers["traceparent"] = trace
        return response


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
    if trace := request.environ.get("mahalle.trace"):
        told["trace"] = trace
    response = Response(orjson.dumps(told), problem.status, COMMON | {"Content-Language": language},
                        content_type="application/problem+json")
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


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
