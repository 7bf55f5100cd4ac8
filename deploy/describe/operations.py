"""One operation as OpenAPI describes it."""
import re
from typing import Any

from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema

from contracts import policy
from deploy.describe import words
from deploy.describe.elsewhere import JUDGED, OTHER
from deploy.describe.open311 import is_open311, parts
from deploy.describe.real import real
from deploy.describe.routes import Operation
from deploy.describe.schemas import is_json_schema, schema_of

Json = dict[str, Any]
ALWAYS = (400, 401, 403, 413, 429, 431, 500, 503)
EVERYWHERE = ("traceparent", "RequestId", "RateLimit", "RateLimitPolicy")
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
ADDING = ("/join", "/leave", "/messages")  # which hang on nothing that somebody has seen
JSON, PROBLEM_JSON = "application/json", "application/problem+json"


def described(operation: Operation, converter: OpenAPIConverter) -> Json:
    summary, text = texts(operation)
    found: Json = {"operationId": operation.id, "summary": summary, "description": text, "tags": [tag(operation)],
                   "x-deed": operation.deed, "x-roles": dict(policy.RULES[operation.deed].who),
                   "security": security(operation), "parameters": parameters(operation, converter)}
    if is_open311(operation):
        own = parts(operation)
        headers = found["parameters"]
        return found | own | {"parameters": [*headers, *own["parameters"]]}
    if takes := content(operation, "takes", converter):
        found["requestBody"] = {"required": needs_a_body(operation.said("takes")), "content": takes}
    known = {"304": {"$ref": "#/components/responses/NotModified"}} if operation.method == "GET" else {}
    return found | {"responses": {str(operation.said("status")): good(operation, converter)} | known | problems(operation)}


def needs_a_body(takes: Any) -> bool:
    """An empty body is an empty object, which will do where no field is required."""
    if isinstance(takes, tuple):
        return all(map(needs_a_body, takes))
    if takes is None or is_json_schema(takes):  # a file, or what the gateway's own route says
        return True
    schema: Schema = takes() if isinstance(takes, type) else takes
    return any(field.required for field in schema.fields.values())


def content(operation: Operation, name: str, converter: OpenAPIConverter) -> Json:
    """A body or an answer by media type."""
    other = OTHER.get((name, operation.method, operation.path))
    if other:
        return {kind: {"schema": schema} for kind, schema in other.items()}
    said = operation.said(name)
    return {} if said is None else {JSON: {"schema": schema_of(said, converter)}}


def texts(operation: Operation) -> tuple[str, str]:
    """The first sentence of the docstring, with the words that an address stands for; and the whole."""
    text = " ".join(operation.text.split())
    first = re.split(r"(?<=[.:;]) ", text, maxsplit=1)[0].rstrip(".:;")
    chosen = ", ".join(operation.front.chosen.values())
    return (f"{first}: {chosen}" if chosen else first), text


def tag(operation: Operation) -> str:
    return "open311" if is_open311(operation) else operation.deed.partition(":")[0]


def security(operation: Operation) -> list[Json]:
    who = policy.RULES[operation.deed].who
    if is_open311(operation):
        return [*([{}] if "public" in who else []), {"api_key": []}, {"bearer": []}]
    proven = policy.FILER in who.values() or operation.deed in ("issues:read", "messages:read")
    return [*([{}] if "public" in who else []), {"bearer": []},
            *([{"issue_secret": []}] if proven and of_one(operation) else [])]


def of_one(operation: Operation) -> bool:
    return "ref" in operation.variables


def parameters(operation: Operation, converter: OpenAPIConverter) -> list[Json | str]:
    """Those of the address, of the query, and of the headers that this method knows."""
    headers = ["AcceptLanguage", "RequestId"]
    headers += ["IdempotencyKey"] if operation.method in CHANGING and tag(operation) != "sessions" else []
    changes = operation.method in CHANGING and not operation.path.endswith(ADDING)
    headers += ["IfMatch"] if changes and operation.variables else []
    headers += ["IfNoneMatch"] if operation.method == "PUT" else ["KnownTag"] if operation.method == "GET" else []
    headers += ["Fields"] if operation.method == "GET" and JSON in content(operation, "gives", converter) else []
    return [*map(in_path, operation.variables), *in_query(operation.said("asks"), converter),
            *headers]


def in_path(name: str) -> Json:
    text, example = words.NAMES.get(name, (f"The {name}.", name))
    return {"name": name, "in": "path", "required": True, "description": text, "example": example,
            "schema": {"type": "string", "minLength": 1, "pattern": "^[^/]+$"}}


def in_query(asks: Any, converter: OpenAPIConverter) -> list[Json]:
    """Of several schemas all that any of them has. An empty parameter counts as none: see `Call.query`."""
    schemas = asks if isinstance(asks, tuple) else (asks,) if asks is not None else ()
    found: dict[str, Json] = {}
    for each in schemas:
        if is_json_schema(each):
            raise TypeError("asks is a marshmallow schema")
        schema: Schema = each() if isinstance(each, type) else each
        found |= {one["name"]: one for one in converter.schema2parameters(schema, location="query")}
    return [one if one["required"] else one | {"allowEmptyValue": True} for one in found.values()]


def good(operation: Operation, converter: OpenAPIConverter) -> Json:
    """The answer when all went well."""
    status, gives = operation.said("status"), content(operation, "gives", converter)
    if JSON in gives and (answer := real(operation)) is not None:
        gives[JSON]["example"] = answer
    headers = [*EVERYWHERE, *(["Location"] if status in (201, 202) else []),
               *(["ETag", "Link"] if operation.method == "GET" else [])]
    return {"description": texts(operation)[0] or "Done", "headers": named("headers", headers),
            **({"content": gives} if gives else {})}


def named(kind: str, names: list[str]) -> Json:
    """References to components, by the names of headers on the wire."""
    wire = {"RetryAfter": "Retry-After", "ContentLanguage": "Content-Language", "WwwAuthenticate": "WWW-Authenticate",
            "RequestId": "X-Request-ID", "RateLimitPolicy": "RateLimit-Policy"}
    return {wire.get(name, name): {"$ref": f"#/components/{kind}/{name}"} for name in names}


def problems(operation: Operation) -> Json:
    statuses = {*ALWAYS}
    if operation.variables or operation.method == "GET":
        statuses |= {404}
    if operation.method in CHANGING:
        statuses |= {404, 409, 412, 422, 428}
    if operation.path in JUDGED:
        statuses |= {422}
    if operation.method in ("POST", "PUT", "PATCH"):
        statuses |= {415}
    return {str(status): {"$ref": f"#/components/responses/{words.PROBLEMS[status][0]}"} for status in sorted(statuses)}


def problem_responses() -> Json:
    """All problems, as components, and that there is nothing new."""
    known = {"description": "Nothing has changed: what has one of these tags is what you have.",
             "headers": named("headers", [*EVERYWHERE, "ETag"])}
    return {"NotModified": known} | {name: {
        "description": meaning, "headers": named("headers", problem_headers(status)), "content": {PROBLEM_JSON: {
        "schema": {"$ref": "#/components/schemas/Problem"}, "example": {
            "type": f"urn:mahalle:problem:{code}", "title": code.replace("_", " "), "status": status, "code": code,
            "detail": said}}}} for status, (name, meaning, code, said) in words.PROBLEMS.items()}


def problem_headers(status: int) -> list[str]:
    return [*EVERYWHERE, "ContentLanguage", *(["WwwAuthenticate"] if status == 401 else []),
            *(["RetryAfter"] if status in (409, 429, 503) else [])]
