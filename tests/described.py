"""Whether an answer is one that gateway/openapi.json describes: its address, status, content type, headers and body."""
import re
from email.message import Message
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import orjson

from deploy.describe.__main__ import WRITTEN

Json = dict[str, Any]
ANYWHERE = (405, 408, 414, 501, 505)  # that the server answers before it knows what is asked
NO_BODY = (204, 304)


class Undescribed(AssertionError):
    pass


@cache
def told() -> Json:
    found: Json = orjson.loads(WRITTEN.read_bytes())
    return found


@cache
def addresses() -> list[tuple[re.Pattern[str], Json]]:
    """Those without variables first: they go before."""
    paths = sorted(told()["paths"].items(), key=lambda item: ("{" in item[0], item[0]))
    return [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), operations) for path, operations in paths]


def operation(method: str, path: str) -> Json | None:
    name = "get" if method == "HEAD" else method.lower()
    return next((operations[name] for pattern, operations in addresses()
                 if pattern.fullmatch(path) and name in operations), None)


@cache
def validator(operation_id: str, status: str, kind: str, whole: bool = True) -> Any:
    """Of the body of an answer; one that is not `whole` may lack what it must have."""
    found = next(each for operations in told()["paths"].values() for each in operations.values()
                 if each["operationId"] == operation_id)
    schema = {**resolved(found["responses"][status])["content"][kind]["schema"], "components": told()["components"]}
    return jsonschema_rs.Draft202012Validator(schema if whole else demanding_nothing(schema), validate_formats=True)


def demanding_nothing(found: Any) -> Any:
    """A schema without `required`."""
    if isinstance(found, list):
        return [demanding_nothing(each) for each in found]
    return {name: demanding_nothing(each) for name, each in found.items() if not (
        name == "required" and isinstance(each, list))} if isinstance(found, dict) else found


def resolved(response: Json) -> Json:
    found: Json = response
    if "$ref" in response:
        found = told()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return found


def is_needed(header: Json) -> bool:
    named = told()["components"]["headers"][header["$ref"].rpartition("/")[2]]
    return bool(named.get("required"))


def judge(method: str, url: str, status: int, headers: Message, body: Any) -> None:
    """Raises Undescribed."""
    address = urlsplit(url)
    found = operation(method, address.path)
    if found is None or status in ANYWHERE or method == "OPTIONS":
        return
    where = f"{method} {address.path} {status}"
    if str(status) not in found["responses"] and status != 304:
        raise Undescribed(f"{where} is not described: {body}")
    answer = resolved(found["responses"][str(status)])
    if missing := [name for name in answer.get("headers", {}) if is_needed(answer["headers"][name]) and name not in headers]:
        raise Undescribed(f"{where} lacks its header {missing[0]}")
    content = {} if status in NO_BODY or method == "HEAD" else answer.get("content", {})
    kind = headers.get_content_type()
    if content and kind not in content:
        raise Undescribed(f"{where} is {kind}, described is {', '.join(content)}")
    if content and kind.endswith("json"):
        whole = status >= 300 or "fields=" not in address.query
        wrong = next(validator(found["operationId"], str(status), kind, whole).iter_errors(body), None)
        if wrong is not None:
            place = "/".join(map(str, wrong.instance_path))
            raise Undescribed(f"{where} leaves its schema at /{place}: {wrong.message[:500]}")
