"""Values as they come in JSON: days, answers to questions, polygons. `described` says the same to readers of the API."""
from collections.abc import Sequence
from typing import Any

from marshmallow import ValidationError, fields

from services.registry.model import is_day

TEXT, NUMBER, NULL = {"type": "string"}, {"type": "number"}, {"type": "null"}


def either(*shapes: dict[str, Any]) -> dict[str, Any]:
    """For `described` of a schema: one of these holds as well. As an `allOf`: a bare `anyOf` beside fields is to generators
    of clients another body, which may be sent instead."""
    return {"allOf": [{"anyOf": list(shapes)}]}


def rule(says: str) -> dict[str, Any]:
    """For `described` of a schema: a rule that JSON Schema cannot say, in the words of its refusal."""
    return {"x-rules": [says]}


def given(nothing: Sequence[str] = (), **properties: Any) -> dict[str, Any]:
    """Such values are given; of `nothing` none or null."""
    return {"required": list(properties), "properties": properties | dict.fromkeys(nothing, NULL)}


class Day(fields.String):
    """YYYY-MM-DD."""

    described = {"format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        if not is_day(text):
            raise ValidationError("No such day; write it like 2025-03-21.")
        return text


class Answer(fields.Raw):
    """What a question may be answered with: a short text, a number, yes or no."""

    described = {"type": ["string", "number", "boolean"], "maxLength": 1000, "minimum": -2**53, "maximum": 2**53}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str | int | float | bool) or len(str(value)) > 1000 or (
                isinstance(value, int | float) and abs(value) > 2**53):
            raise ValidationError("An answer is a short text, a number, true or false.")
        return value


class Answers(fields.Dict):
    """Question → answers."""

    described = {"propertyNames": {"pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 60}}


def filled(each: dict[str, Any], most: int | None = None, *, least: int = 1) -> dict[str, Any]:
    """A list of these, not empty."""
    return {"type": "array", "items": each, "minItems": least} | ({} if most is None else {"maxItems": most})


RINGS = filled(filled(filled(NUMBER, 4, least=2)))


class Polygon(fields.Dict):
    """A GeoJSON Polygon or MultiPolygon; what is wrong inside it, `geometry` finds."""

    described = {"required": ["type", "coordinates"], "properties": {
        "type": {"type": "string", "enum": ["Polygon", "MultiPolygon"]}, "coordinates": {"anyOf": [RINGS, filled(RINGS)]}}}
