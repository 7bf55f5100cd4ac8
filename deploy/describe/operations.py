"""One operation as OpenAPI describes it."""
import re
from typing import Any

from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema

from contracts import policy
from deploy.describe import words
from deploy.describe.elsewhere import CHOSEN, OTHER
from deploy.describe.open311 import is_open311, parts
from deploy.describe.real import real
from deploy.describe.responses import CHANGING, headers_of, is_conditional, problems, replaces, unchanged
from deploy.describe.routes import Operation
from deploy.describe.schemas import is_json_schema, schema_of

Json = dict[str, Any]
JSON = "application/json"


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
    return found | {"responses": {
        str(operation.said("status")): good(operation, converter)} | unchanged(operation) | problems(operation)}


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
    anybody: list[Json] = [{}] if who.get("public") == policy.EVERYWHERE else []
    if is_open311(operation):
        return [*anybody, {"api_key": []}, {"bearer": []}]
    proven = policy.FILER in who.values() or operation.deed in ("issues:read", "messages:read")
    return [*anybody, {"bearer": []}, *([{"issue_secret": []}] if proven and of_one(operation) else [])]


def of_one(operation: Operation) -> bool:
    return "ref" in operation.variables


def parameters(operation: Operation, converter: OpenAPIConverter) -> list[Json | str]:
    """Those of the address, of the query, and of the headers that this method knows."""
    headers = ["AcceptLanguage", "RequestId"]
    headers += ["IdempotencyKey"] if operation.method in CHANGING and tag(operation) != "sessions" else []
    headers += ["IfMatch"] if is_conditional(operation) else []
    headers += ["IfNoneMatch"] if replaces(operation) else ["KnownTag"] if operation.method == "GET" else []
    headers += ["Fields"] if operation.method == "GET" and JSON in content(operation, "gives", converter) else []
    return [*(in_path(name, operation.path) for name in operation.variables), *in_query(operation.said("asks"), converter),
            *headers]


def in_path(name: str, path: str) -> Json:
    """A variable of an address; of a code the example is one of the register that stands before it."""
    text, example, schema = words.NAMES[name]
    if name in CHOSEN.get(path, {}):
        schema = {"type": "string", "enum": CHOSEN[path][name]}
        example = schema["enum"][0]
    elif name == "code":
        example = words.CODES[path.partition("/{")[0].rpartition("/")[2]]
    return {"name": name, "in": "path", "required": True, "description": text, "example": example, "schema": schema}


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
    gives = content(operation, "gives", converter)
    if JSON in gives and (answer := real(operation)) is not None:
        gives[JSON]["example"] = answer
    return {"description": texts(operation)[0] or "Done", "headers": headers_of(operation),
            **({"content": gives} if gives else {})}
