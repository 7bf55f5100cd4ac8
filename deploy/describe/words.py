"""What the description says once for all: about the whole, its tags, parameters, headers and problems."""
from typing import Any

Json = dict[str, Any]

ABOUT = """از مسئلهٔ محله تا دستگاه مسئول و پاسخ آن. نشانی‌های /v1 با JSON کار می‌کنند و /open311/v2 با GeoReport v2.
آدم‌ها توکن ورود و برنامه‌ها کلید API را در سرآیند `Authorization: Bearer …` می‌فرستند، و ثبت‌کنندهٔ بی‌حساب رمز مسئله را
در `Issue-Secret`. تغییری که با همان `Idempotency-Key` دوباره برسد یک بار انجام می‌شود. خطاها problem+json است: `code` برای
برنامه، و `detail` به فارسی (یا با `Accept-Language: en` به انگلیسی) برای خواننده. زمان‌ها RFC 3339 و UTC است.

From a neighbourhood's issue to its agency and back, solved. Every address under /v1 speaks JSON; /open311/v2 speaks
GeoReport v2.

**Who asks.** Send `Authorization: Bearer …` with an access token from `POST /v1/sign-in`, or with an API key. `x-deed` of
each operation names the deed, which is also the scope of an API key (`sessions:read` and `sessions:write` need none);
`x-roles` says who may do it and how far that reaches.
A filer without an account proves it by the header `Issue-Secret`.

**Twice is once.** A change with an `Idempotency-Key` that was carried out is answered the same again, for a day; with
another body, 422; while the first is under way, 409.

**Nobody overwrites anybody.** What has a version answers an `ETag`; send it back as `If-Match`: 412 says that somebody was
faster, 428 that it is missing where it must be.

**Lists.** `limit` and `cursor`; `next_cursor` and the header `Link` with `rel="next"` lead on until they are no more.
A parameter that is empty counts as none; one that an address does not know is refused, and one that is sent twice.

**Errors** are problem+json (RFC 9457) with a stable `code`, in Persian or English by `Accept-Language`; `errors` points at
each bad field (RFC 6901).

**Times** are RFC 3339 in UTC; days are YYYY-MM-DD; points are WGS 84 in degrees."""

TAGS: dict[str, tuple[str, str]] = {
    "platform": ("سامانه", "The platform: its description and public keys"),
    "sessions": ("ورود", "Signing in and out"),
    "issues": ("مسئله‌ها", "Issues: filing, finding, answering, deciding"),
    "messages": ("پیام‌ها", "Messages: conversation on an issue"),
    "tasks": ("کارهای دستگاه", "Tasks: what an agency has to do"),
    "cases": ("پرونده‌های محرمانه", "Cases: confidential issues"),
    "deliveries": ("نامه‌ها", "Deliveries: what was sent to whom"),
    "statistics": ("آمار", "Statistics: the published numbers"),
    "registers": ("دفترها", "Registers: territories, agencies, categories and the rest"),
    "seats": ("جایگاه‌ها", "Seats: who is appointed where"),
    "people": ("اشخاص", "People: names, addresses, certificates"),
    "profiles": ("نمایهٔ محله", "Profiles: indicators and deprivation"),
    "routing": ("ارجاع", "Routing: trying where an issue would go"),
    "accounts": ("حساب‌ها", "Accounts: inviting, shutting, opening"),
    "keys": ("کلیدها", "API keys"),
    "open311": ("Open311", "Open311 GeoReport v2: the same issues in the words of the standard"),
}

SECURITY: Json = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT or mhl_…",
               "description": "An access token (JWT, five minutes) or an API key (`mhl_<id>_<secret>`)."},
    "issue_secret": {"type": "apiKey", "in": "header", "name": "Issue-Secret",
                     "description": "The secret that was told when the issue was filed, or the address was joined to it."},
    "api_key": {"type": "apiKey", "in": "query", "name": "api_key", "description": "An API key, as Open311 has it."},
}

WORD: Json = {"type": "string", "minLength": 1, "pattern": "^[^/]+$"}
NAMES: dict[str, tuple[str, str, Json]] = {  # variables of addresses: what they are, one of them, what it looks like
    "ref": ("The issue's id or tracking code.", "6202-0295-279", WORD),
    "task": ("The task's id.", "7f6d1c52-3a0c-5a3e-9a9c-000000000001-1", WORD),
    "code": ("The record's code.", "karaj", WORD),
    "person": ("The person's id.", "5f0c1c1e-6a3b-4d0e-8a55-1f7e9d1f0a01", {"type": "string", "format": "uuid"}),
    "day": ("A day, YYYY-MM-DD.", "2026-03-21", {"type": "string", "format": "date"}),
    "job": ("The import's id.", "2b1f3c9a-7d55-4a8e-9a21-6d9c0e7b4c02", {"type": "string", "format": "uuid"}),
    "name": ("Its name.", "waiting", WORD),
    "token": ("A token, or the tracking code itself.", "6202-0295-279", WORD),
}
CODES = {  # of each register, one that the sample province has, or that looks like those that are given
    "territories": "karaj-mehrvilla", "boundaries": "karaj-mehrvilla", "headquarters": "alborz-headquarters",
    "agencies": "alborz-electricity", "committees": "utilities", "categories": "street-lighting", "rules": "streets-karaj",
    "calendars": "alborz", "seats": "mehrvilla-manager", "indicators": "population", "weightings": "deprivation",
    "facilities": "mehrvilla-clinic", "keys": "5d0c7f2e91ab4c63", "requests": "6202-0295-279", "services": "street-lighting"}

PARAMETERS: Json = {
    "IdempotencyKey": {
        "name": "Idempotency-Key", "in": "header", "required": False, "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
        "description": "1 to 200 visible ASCII characters, quoted or not. With the same one again nothing is done twice, "
                       "and the same is answered for a day.",
        "schema": {"type": "string", "pattern": '^("[!#-~]{1,200}"|[!#-~]{1,200})$'}},
    "IfMatch": {
        "name": "If-Match", "in": "header", "required": False, "example": '"v3"',
        "description": "The `ETag` of what you have read, or its version alone. Where somebody has changed it since, "
                       "nothing is done: 412. A PUT that replaces what is there needs it, if only as `*`; so does a POST "
                       "that says so: 428.",
        "schema": {"type": "string", "pattern": '^([*]|"v[0-9]{1,9}(-[0-9a-f]{1,64})?")$'}},
    "AcceptLanguage": {
        "name": "Accept-Language", "in": "header", "required": False, "example": "fa",
        "description": "The language of problems: `fa`, which is also the default, or `en`.", "schema": {"type": "string"}},
    "IfNoneMatch": {
        "name": "If-None-Match", "in": "header", "required": False, "example": "*",
        "description": "`*`: only if there is none yet; else 412.", "schema": {"type": "string", "const": "*"}},
    "KnownTag": {
        "name": "If-None-Match", "in": "header", "required": False, "example": '"v3-9c01d2ab9c01d2ab"',
        "description": "The `ETag` of what you have: where it is still that, 304 without a body.",
        "schema": {"type": "string"}},
    "Fields": {
        "name": "fields", "in": "query", "required": False, "example": "id,status",
        "description": "What of the answer, or of each of its items, is wanted; names with commas between.",
        "schema": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,59}(,[a-z][a-z0-9_]{0,59}){0,49}$"}},
    "RequestId": {
        "name": "X-Request-ID", "in": "header", "required": False, "example": "kiosk-17-000451",
        "schema": {"type": "string"},
        "description": "Your own name of this request, answered back: up to 100 ASCII letters, digits, `.`, `_`, `:`, `-`."},
}

HEADERS: Json = {
    "traceparent": {"description": "The request's trace (W3C), yours if you sent one.",
                    "schema": {"type": "string", "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"}},
    "RequestId": {"description": "The request's id, yours if you sent one.", "schema": {"type": "string"}},
    "RateLimit": {"description": "What is left of your budget: `\"policy\";r=left;t=seconds until all of it is back`.",
                  "schema": {"type": "string"}},
    "RateLimitPolicy": {"description": "Your budget: `\"policy\";q=amount;w=seconds`.", "schema": {"type": "string"}},
    "RetryAfter": {"description": "Seconds after which it makes sense to ask again.",
                   "schema": {"type": "integer", "minimum": 0}},
    "ETag": {"description": "What is answered, in which version: `\"v3-…\"`; of a list `W/\"…\"`.", "schema": {
        "type": "string", "pattern": '^(W/"[0-9a-f]+"|"v[0-9]+-[0-9a-f]+")$'}},
    "Link": {"description": "The next page: `<…>; rel=\"next\"` (RFC 8288).", "schema": {"type": "string"}},
    "Location": {"description": "Where what was made is found.", "required": True,
                 "schema": {"type": "string", "format": "uri-reference"}},
    "ContentLanguage": {"description": "The language of the text: `fa` or `en`.",
                        "schema": {"type": "string", "enum": ["fa", "en"]}},
    "WwwAuthenticate": {"description": "How to say who asks (RFC 6750).", "schema": {"type": "string"}},
}

PROBLEM: Json = {
    "type": "object", "description": "What went wrong and what to do next (RFC 9457).", "additionalProperties": False,
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "pattern": "^[a-z0-9_]+$", "description": "Stable, for programs."},
        "detail": {"type": "string", "description": "For people, in the language of `Content-Language`."},
        "errors": {"type": "array", "items": {
            "type": "object", "additionalProperties": False, "required": ["pointer", "detail"],
            "properties": {"pointer": {"type": "string", "description": "JSON Pointer (RFC 6901) into the body."},
                           "detail": {"type": "string"}}}},
        "violated-policies": {"type": "array", "items": {"type": "string"}, "description": "Of 429: whose budget is spent."},
        "request": {"type": "string", "description": "The request's id, for asking us about it."},
        "trace": {"type": "string", "description": "The request's traceparent."}}}

PROBLEMS: dict[int, tuple[str, str, str, str]] = {  # the component's name, what it means, a code and a sentence of it
    400: ("Malformed", "The request cannot be read.", "malformed_json", "بدنهٔ درخواست JSON درست با UTF-8 نیست."),
    401: ("Unauthenticated", "Nobody known is asking.", "key_needed",
          "برای این کار وارد شوید یا کلیدی در سرآیند Authorization بفرستید."),
    403: ("NotAllowed", "Who asks is known, and may not.", "not_allowed",
          "این کار با این نقش مجاز نیست. از دبیرخانه یا راهبر سامانه بپرسید."),
    404: ("NotFound", "No such thing, or none that you may know of.", "not_found",
          "چنین چیزی پیدا نشد. نشانی، کد و رمز را، اگر رمزی دارد، دوباره بررسی کنید."),
    409: ("Refused", "The present state forbids it.", "not_now", "در این وضعیت این کار شدنی نیست."),
    412: ("Changed", "Somebody has changed it since you read it.", "changed_meanwhile",
          "این از وقتی آن را خواندید تغییر کرده است. دوباره بخوانید."),
    413: ("TooLarge", "Over a stated limit of size.", "body_too_large", "متن درخواست بیش از ۶۴ کیلوبایت است."),
    415: ("UnsupportedMediaType", "The body is of another kind.", "not_json", "بدنهٔ درخواست باید application/json باشد."),
    422: ("Invalid", "Readable, but not right; `errors` says where.", "invalid",
          "بخش‌هایی از درخواست درست نیست؛ فهرست آن‌ها در errors آمده است."),
    428: ("VersionNeeded", "Say with `If-Match` which version you have read.", "precondition_required",
          "نخست آن را بخوانید و ETag آن را در If-Match بفرستید."),
    429: ("TooMany", "Asked too often; `Retry-After` says when to come again.", "quota_exceeded",
          "بیش از اندازه درخواست کردید. پس از ۳۰ ثانیه دوباره تلاش کنید."),
    431: ("HeadersTooLarge", "Too many or too long headers.", "headers_too_large", "سرآیندها بیش از اندازه است."),
    500: ("Internal", "What nobody foresaw; it was recorded.", "internal",
          "خطایی در سامانه رخ داد و ثبت شد. بعداً دوباره تلاش کنید."),
    503: ("Unavailable", "Not now; `Retry-After` says when to come again.", "busy",
          "سامانه اکنون شلوغ است. چند ثانیه بعد دوباره تلاش کنید."),
}
