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
COMMON = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


class PublicHttp(Http):
    """`@public("GET", "/v1/issues")`: the method gets a `Call` whose caller the API key told."""

    def authenticate(self, request: Request) -> Caller:
        secret: str = self.container.config["gateway"]().key_secret
        return keys.caller_of(request.headers.get("Authorization"), secret)

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


def problem_json(request: Request, problem: Problem) -> Response:
    """RFC 9457, with the stable `code`, in Persian unless the reader prefers English."""
    language = request.accept_languages.best_match(["fa", "en"], default="fa") or "fa"
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
