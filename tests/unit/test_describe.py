"""How routes become addresses of OpenAPI, and marshmallow's rules those of JSON Schema."""
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from apispec import APISpec
from marshmallow import Schema, ValidationError, fields, validate

from chassis.validation import Number, Whole, Words
from contracts.schema import Instant
from deploy.describe import open311
from deploy.describe.routes import expanded
from deploy.describe.schemas import Plugin, simple


def test_an_address_with_alternatives_is_an_address_for_each() -> None:
    assert list(expanded('/v1/<any(seats,"end-of"):kind>/<code>')) == [
        ("/v1/seats/{code}", {"kind": "seats"}), ("/v1/end-of/{code}", {"kind": "end-of"})]


def fields_of(schema: Any) -> Iterator[tuple[str, Any]]:
    for each in schema if isinstance(schema, list) else schema.values() if isinstance(schema, dict) else ():
        yield from fields_of(each)
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()


def test_every_field_of_open311_says_what_it_means() -> None:
    told = [open311.components(), *(form for form, _ in open311.BODIES.values())]
    silent = {name for name, field in fields_of(told) if isinstance(field, dict) and len(field.get("description", "")) < 3}
    assert not silent


class Sample(Schema):
    described = {"allOf": [{"anyOf": [{"required": ["words"]}, {"required": ["code"]}]}]}
    words = Words(allow_none=True, validate=validate.Length(1, 20))
    code = fields.String(validate=validate.And(validate.Regexp(r"^[a-z]+\Z"), validate.Length(max=5)))
    share = Number(validate=validate.Range(0, 1, min_inclusive=False))
    count = Whole(validate=validate.Range(min=1))
    listed = fields.Dict(fields.String(), fields.String(), validate=validate.Length(max=1))
    kind = fields.String(allow_none=True, validate=validate.OneOf(["a", "b"]))
    until = Instant()
    person = fields.UUID()


def described(schema: type[Schema]) -> dict[str, Any]:
    plugin = Plugin()
    spec = APISpec("x", "1", "3.1.1", [plugin])
    spec.components.schema("Sample", schema=schema)
    found: dict[str, Any] = spec.to_dict()["components"]["schemas"]["Sample"]
    return found


@pytest.mark.parametrize(("value", "good"), [
    ({"words": "سلام"}, True), ({"words": None}, True), ({"words": "\u200c \n\u200f"}, False), ({"words": "a\x00b"}, False),
    ({"words": "x" * 21}, False), ({"words": "a\nb"}, True), ({"words": ""}, False), ({"words": 5}, False),
    ({"code": "abc"}, True), ({"code": "abcdef"}, False), ({"code": "A"}, False), ({"code": None}, False),
    ({"code": "a", "share": 0}, False), ({"code": "a", "share": 1}, True), ({"code": "a", "share": "1"}, False),
    ({"code": "a", "count": 3}, True), ({"code": "a", "count": 3.0}, True), ({"code": "a", "count": 3.5}, False),
    ({"code": "a", "count": "3"}, False), ({"code": "a", "count": 0}, False), ({"code": "a", "count": True}, False),
    ({"code": "a", "listed": {"x": "y"}}, True), ({"code": "a", "listed": {"x": "y", "z": "y"}}, False),
    ({"code": "a", "kind": None}, True), ({"code": "a", "kind": "c"}, False), ({"code": "a", "colour": "red"}, False),
    ({"code": "a", "until": "2026-12-20T08:00:00+03:30"}, True), ({"code": "a", "person": 5}, False)])
def test_what_marshmallow_takes_json_schema_takes_and_nothing_else(value: dict[str, Any], good: bool) -> None:
    try:
        Sample().load(value)
        taken = True
    except ValidationError:
        taken = False
    assert taken == good == jsonschema.Draft202012Validator(described(Sample)).is_valid(value)


def test_fields_that_need_each_other_are_said_by_the_schema() -> None:
    assert not jsonschema.Draft202012Validator(described(Sample)).is_valid({"count": 3})


def test_patterns_that_languages_read_differently_are_not_simple() -> None:
    assert simple("^[a-z]+(-[a-z]+)*$") and not any(map(simple, [r"^\w+$", r"a\Z", r"\p{L}", "(?i)a"]))
