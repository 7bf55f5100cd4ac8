"""What surrounds every answer of the gateway, also at addresses that are not there: ids that find it in logs, the headers
that protect who reads it, other origins' leave to read it, compression, and one line of what was done or refused.
"""
import re
import secrets
import zlib
from collections.abc import Callable
from functools import partial

import eventlet
from werkzeug.wrappers import Request, Response

from chassis import logs, metrics
from chassis.addresses import masked, read
from chassis.caller import PUBLIC, Caller
from gateway.limits import Spent
from gateway.settings import GatewaySettings
from gateway.tags import tag

TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}", re.ASCII)
SAFE = ("GET", "HEAD", "OPTIONS")
PROTECTING = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
              "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
HSTS = "max-age=31536000"
MAY_SEND = ("Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Issue-Secret, "
            "traceparent, X-Request-ID")
MAY_READ = ("Content-Disposition, Content-Language, ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, "
            "traceparent, WWW-Authenticate, X-Request-ID")
PREFLIGHT_FOR = "600"  # seconds
REFUSALS = (401, 403, 413, 429, 503)  # that are counted by their code
SMALLEST = 1400  # bytes; what fits in one packet gains nothing
SLICE = 64 * 1024  # bytes that are compressed before others have their turn
TEXTS = re.compile(r"text/.*|application/(.*\+)?(json|xml|javascript|yaml)|image/svg\+xml")
log = logs.get(__name__)
Told = Callable[[], GatewaySettings]


def around(told: Told, request: Request, answer: Callable[[], Response]) -> Response:
    settings = told()
    begin(settings, request)
    response = answer()
    for name, value in PROTECTING.items():
        response.headers.setdefault(name, value)
    if settings.url.startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    allow_origin(settings, request, response)
    identify(request, response)
    write_down(request, response)
    tag(request, response)
    compress(request, response)
    return response


def begin(settings: GatewaySettings, request: Request) -> None:
    """Ids as the client gave them, where they are well formed, else new ones; and the client's address."""
    given, trace = request.headers.get("X-Request-ID", ""), request.headers.get("traceparent", "")
    request.environ["mahalle.request"] = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
    request.environ["mahalle.trace"] = trace if TRACEPARENT.fullmatch(trace) else (
        f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01")
    request.environ["mahalle.address"] = address_of(request, settings.proxies)


def address_of(request: Request, proxies: int) -> str:
    """Whose request it is: what the outermost of our own proxies saw. What stands left of it anybody can have written."""
    seen = request.headers.get("X-Forwarded-For", "").split(",") if proxies else []
    found = read(seen[-proxies]) if 0 < proxies <= len(seen) else None
    return str(found or request.environ.get("REMOTE_ADDR", ""))


def allow_origin(settings: GatewaySettings, request: Request, response: Response) -> None:
    """CORS, without credentials: no cookie means anything here."""
    origin, allowed = request.headers.get("Origin"), settings.origins
    if not allowed:
        return
    if "*" not in allowed:
        response.vary.add("Origin")
    if origin is None or not {"*", origin} & allowed:
        return
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*" if "*" in allowed else origin
    headers["Access-Control-Expose-Headers"] = MAY_READ
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        headers["Access-Control-Allow-Methods"] = headers.get("Allow", "")
        headers["Access-Control-Allow-Headers"] = MAY_SEND
        headers["Access-Control-Max-Age"] = PREFLIGHT_FOR


def identify(request: Request, response: Response) -> None:
    response.headers["X-Request-ID"] = request.environ["mahalle.request"]
    response.headers["traceparent"] = request.environ["mahalle.trace"]
    spent: Spent | None = request.environ.get("mahalle.spent")
    if spent:
        response.headers.update(spent.headers)


def write_down(request: Request, response: Response) -> None:
    """A line for every attempt to change something, and for everything that was refused to somebody; never a body, a secret,
    a query, or an address whole. Of what one caller is throttled the first of a window stands for all."""
    environ, status = request.environ, response.status_code
    code = environ.get("mahalle.problem", "")
    if code and status in REFUSALS:
        metrics.REFUSED.labels("gateway", code).inc()
    refused = status in (401, 403, 429)
    if environ.get("mahalle.silent") or environ["mahalle.route"] == "none" or not (refused or request.method not in SAFE):
        return
    by: Caller = environ.get("mahalle.by", PUBLIC)
    log.info("refused" if refused else "asked for a change", account=by.account, role=by.role, subject=by.subject,
             deed=environ.get("mahalle.deed", ""), method=request.method, route=environ["mahalle.route"], status=status,
             code=code, request=environ["mahalle.request"], address=masked(environ["mahalle.address"]))


def compress(request: Request, response: Response) -> None:
    """Reads alone: what is written is answered shortly, and with secrets."""
    if request.method not in ("GET", "HEAD") or not TEXTS.fullmatch(response.mimetype or ""):
        return
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) >= SMALLEST and request.accept_encodings.quality("gzip") > 0 and "Content-Encoding" not in response.headers:
        response.set_data(gzipped(body))
        response.headers["Content-Encoding"] = "gzip"


def gzipped(body: bytes) -> bytes:
    """At the fastest level, which takes a tenth of the time for a quarter more bytes; a large one a slice at a time."""
    packing = zlib.compressobj(1, wbits=31)
    packed = []
    for at in range(0, len(body), SLICE):
        if at:
            eventlet.sleep(0)
        packed.append(packing.compress(body[at:at + SLICE]))
    return b"".join([*packed, packing.flush()])


def surrounding(told: Told) -> Callable[[Request, Callable[[], Response]], Response]:
    return partial(around, told)
