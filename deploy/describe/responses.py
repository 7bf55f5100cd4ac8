"""What any operation may answer besides what it is for: its headers, that nothing is new, and problems."""
from typing import Any

from deploy.describe import words
from deploy.describe.elsewhere import JUDGED
from deploy.describe.routes import Operation, nameless, operations

Json = dict[str, Any]
ALWAYS = (400, 401, 403, 413, 429, 431, 500, 503)
EVERYWHERE = ("traceparent", "RequestId", "RateLimit", "RateLimitPolicy")
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
VERSIONLESS = ("/join", "/leave", "/messages", "/profile", "/disable", "/enable", "/revoke", "/erase")  # ends of addresses
PROBLEM_JSON = "application/problem+json"
ON_THE_WIRE = {"RetryAfter": "Retry-After", "ContentLanguage": "Content-Language", "WwwAuthenticate": "WWW-Authenticate",
               "RequestId": "X-Request-ID", "RateLimitPolicy": "RateLimit-Policy"}


def is_conditional(operation: Operation) -> bool:
    """Whether the change is of something with a version, and its sender may say of which."""
    return bool(operation.method in CHANGING and operation.variables and not operation.path.endswith(VERSIONLESS))


def replaces(operation: Operation) -> bool:
    return operation.method == "PUT" and is_conditional(operation)


def headers(*names: str) -> Json:
    """References to components, by the names on the wire."""
    return {ON_THE_WIRE.get(name, name): {"$ref": f"#/components/headers/{name}"} for name in names}


def headers_of(operation: Operation) -> Json:
    """Of the answer when all went well."""
    reading = ["ETag", "Link"] if operation.method == "GET" else ["Location"] if makes_what_is_read(operation) else []
    return headers(*EVERYWHERE, *reading)


def makes_what_is_read(operation: Operation) -> bool:
    """Whether something new is made that has an address of its own."""
    return operation.said("status") in (201, 202) and any(
        other.method == "GET" and nameless(other.path) == f"{operation.path}/{{}}" for other in operations())


def problems(operation: Operation) -> Json:
    statuses = {*ALWAYS}
    if operation.variables or operation.method == "GET":
        statuses |= {404}
    if operation.method in CHANGING:
        statuses |= {404, 409, 422}
    if is_conditional(operation):
        statuses |= {412, 428}
    if operation.path in JUDGED:
        statuses |= {422}
    if operation.method in ("POST", "PUT", "PATCH"):
        statuses |= {415}
    return {str(status): problem(status) for status in sorted(statuses)}


def unchanged(operation: Operation) -> Json:
    return {"304": {"$ref": "#/components/responses/NotModified"}} if operation.method == "GET" else {}


def problem(status: int) -> Json:
    return {"$ref": f"#/components/responses/{words.PROBLEMS[status][0]}"}


def components() -> Json:
    """All problems, and that there is nothing new."""
    known = {"description": "Nothing has changed: what has one of these tags is what you have.",
             "headers": headers(*EVERYWHERE, "ETag")}
    return {"NotModified": known} | {name: {
        "description": meaning, "headers": headers(*problem_headers(status)), "content": {PROBLEM_JSON: {
        "schema": {"$ref": "#/components/schemas/Problem"}, "example": {
            "type": f"urn:mahalle:problem:{code}", "title": code.replace("_", " "), "status": status, "code": code,
            "detail": said}}}} for status, (name, meaning, code, said) in words.PROBLEMS.items()}


def problem_headers(status: int) -> list[str]:
    """Headers that are too large are refused before anybody reads what is in them."""
    return [*(EVERYWHERE if status != 431 else []), "ContentLanguage", *(["WwwAuthenticate"] if status == 401 else []),
            *(["RetryAfter"] if status in (409, 429, 503) else [])]
