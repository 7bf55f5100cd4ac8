"""Open311 as OpenAPI describes it: GeoReport v2 with its forms, in XML and JSON, and its own errors.

What the standard says of each answer in JSON is in georeport.schema.json, by which the tests judge answers too.
"""
import json
from pathlib import Path
from typing import Any

from deploy.describe.georeport import described
from deploy.describe.responses import EVERYWHERE, headers, problem, unchanged
from deploy.describe.routes import Operation
from gateway.open311.requests import COLUMNS
from gateway.open311.updates import MEANT
from gateway.open311.writing import xml

Json = dict[str, Any]
BASE = "/open311/v2"
STANDARD: Json = json.loads((Path(__file__).parent / "georeport.schema.json").read_text(encoding="utf-8"))["$defs"]
ERRORS = {400: "What a caller can mend, one error for each bad parameter.", 403: "A missing or wrong api_key.",
          404: "No such service, jurisdiction, request or address.", 429: "Asked too often.", 500: "What nobody foresaw.",
          503: "Not now; Retry-After says when."}
MOMENT = {"type": "string", "format": "date-time"}
TEXT = {"type": "string"}
CODE = "1234-5678-903"
ASKED: dict[str, tuple[str, Json, Any]] = {  # parameters of the query: what they are, their schema, an example
    "jurisdiction_id": ("The code of a province or county.", TEXT, "karaj-county"),
    "locale": ("`fa` or `en`.", TEXT, "en"),
    "extensions": ("`true` adds the answers, and the status in our own word.", TEXT, "true"),
    "service_request_id": ("Up to 100 ids, with commas; overrides all else.", TEXT, CODE),
    "service_code": ("Categories, with commas, without those below.", TEXT, "street-lighting"),
    "status": ("`open`, `closed` or both, with commas.", {"type": "string", "enum": ["open", "closed", "open,closed"]},
               "open"),
    "start_date": ("From then on, with its time zone.", MOMENT, "2026-11-01T00:00:00Z"),
    "end_date": ("Until then; 90 days at most.", MOMENT, "2026-11-30T00:00:00Z"),
    "updated_after": ("Changed since.", MOMENT, "2026-11-24T00:00:00Z"),
    "updated_before": ("Changed until.", MOMENT, "2026-11-25T00:00:00Z"),
    "page": ("Of `page_size` each; a thousand rows at most.", {"type": "integer", "minimum": 1, "maximum": 1000}, 1),
    "page_size": ("50 where a page is asked for.", {"type": "integer", "minimum": 1, "maximum": 200}, 20),
    "cursor": ("From the header Link.", TEXT, "a2FyYWotbjEy"),
}
LISTING = ("jurisdiction_id", "locale", "service_request_id", "service_code", "status", "start_date", "end_date",
           "updated_after", "updated_before", "page", "page_size", "cursor")
FILED: Json = {
    "type": "object", "required": ["service_code"], "properties": {
        "api_key": {"type": "string", "description": "Unless it comes in the query or as Authorization."},
        "jurisdiction_id": TEXT, "service_code": TEXT, "lat": {"type": "number"}, "long": {"type": "number"},
        "address_string": {"type": "string", "maxLength": 500}, "address_id": TEXT,
        "description": {"type": "string", "maxLength": 4000}, "email": TEXT, "phone": TEXT, "first_name": TEXT,
        "last_name": TEXT, "device_id": TEXT, "account_id": TEXT, "media_url": TEXT},
    "additionalProperties": {"type": ["string", "array"], "items": TEXT,
                             "description": "attribute[CODE], and attribute[CODE][] where several are taken."}}
UPDATED: Json = {
    "type": "object", "required": ["service_request_id", "update_id", "status"], "properties": {
        "api_key": TEXT, "jurisdiction_id": TEXT, "service_request_id": TEXT,
        "update_id": {"type": "string", "minLength": 1, "maxLength": 100},
        "status": {"type": "string", "enum": list(MEANT)}, "updated_datetime": MOMENT,
        "description": {"type": "string", "maxLength": 2000}, "media_url": TEXT}}
FILED_EXAMPLE = {"service_code": "street-lighting", "address_string": "خیابان بهار، مهرویلا، کرج",
                 "description": "چراغ کوچه خاموش است"}
UPDATED_EXAMPLE = {"service_request_id": CODE, "update_id": "17", "status": "FIXED", "description": "لامپ عوض شد.",
                   "updated_datetime": "2026-11-26T10:00:00Z"}
BULK: Json = {"type": "object", "additionalProperties": False, "required": ["requests"], "properties": {
    "requests": {"type": "array", "maxItems": 1000, "items": {
        "type": "object", "additionalProperties": False, "required": list(COLUMNS),
        "properties": {name: {"type": ["string", "number", "null"]} for name in COLUMNS}}}},
    "examples": [{"requests": []}]}
ANSWERS: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {  # by method and path: the answer, and what may be asked
    ("GET", "/discovery"): ("discovery", ()),
    ("GET", "/services"): ("services", ("jurisdiction_id", "locale")),
    ("GET", "/services/{code}"): ("service_definition", ("jurisdiction_id", "locale")),
    ("POST", "/requests"): ("filed", ("jurisdiction_id", "locale")),
    ("GET", "/requests"): ("service_requests", (*LISTING, "extensions")),
    ("GET", "/requests/{code}"): ("service_requests", ("jurisdiction_id", "locale", "extensions")),
    ("GET", "/bulk"): ("bulk", LISTING),
    ("GET", "/tokens/{token}"): ("token", ("jurisdiction_id",)),
    ("GET", "/servicerequestupdates"): ("service_request_updates", ("jurisdiction_id", "locale", "start_date", "end_date",
                                                                    "cursor")),
    ("POST", "/servicerequestupdates"): ("taken", ("jurisdiction_id",)),
}
BODIES = {"/requests": (described("filed", FILED), FILED_EXAMPLE),
          "/servicerequestupdates": (described("updated", UPDATED), UPDATED_EXAMPLE)}
KINDS = {"xml": "text/xml", "json": "application/json", "csv": "text/csv"}


def is_open311(operation: Operation) -> bool:
    return operation.path.startswith(BASE)


def components() -> Json:
    """The standard's own schemas, by names of ours."""
    said = {name: described(name, schema) for name, schema in {**STANDARD, "bulk": BULK}.items()}
    text = json.dumps(said).replace("#/$defs/", "#/components/schemas/GeoReport_")
    return {f"GeoReport_{name}": schema for name, schema in json.loads(text).items()}


def parts(operation: Operation) -> Json:
    """Parameters of the query, body and answers."""
    path, _, form = operation.path.removeprefix(BASE).rpartition(".")
    answer, asked = ANSWERS[operation.method, path]
    reading = [*(["ETag"] if operation.method == "GET" else []), *(["Link"] if "cursor" in asked else [])]
    found: Json = {"parameters": [in_query(name) for name in asked], "responses": {
        "200": {"description": "As the standard has it.", "headers": headers(*EVERYWHERE, *reading),
                "content": {KINDS[form]: schema(form, answer)}},
        **unchanged(operation), **{str(status): error(form, status, meaning) for status, meaning in ERRORS.items()},
        "431": problem(431)}}  # which is told before the address is read
    if operation.method == "POST":
        body, example = BODIES[path]
        found["requestBody"] = {"required": True, "content": {
            "application/x-www-form-urlencoded": {"schema": body, "example": example}}}
    return found


def in_query(name: str) -> Json:
    text, schema, example = ASKED[name]
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema,
            "example": example}


def schema(form: str, answer: str) -> Json:
    """Of XML and CSV, that they are text: their forms are the standard's (docs/open311.md)."""
    if form == "json":
        return {"schema": {"$ref": f"#/components/schemas/GeoReport_{answer}"}}
    texts = {"csv": ",".join(COLUMNS), "xml": xml(answer, None).decode()}
    return {"schema": {"type": "string"}, "example": texts[form]}


def error(form: str, status: int, meaning: str) -> Json:
    """Errors come as XML, unless the address ends in .json."""
    form = "json" if form == "json" else "xml"
    return {"description": meaning, "headers": headers(*EVERYWHERE, *(["RetryAfter"] if status in (429, 503) else [])),
            "content": {KINDS[form]: schema(form, "errors") | {"example": told(form, status, meaning)}}}


def told(form: str, status: int, meaning: str) -> Any:
    """One error, as an example."""
    found = [{"code": status, "description": meaning}]
    return found if form == "json" else xml("errors", found).decode()
