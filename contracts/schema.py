"""Marshmallow schemas derived from dataclasses, so that an event is described once.

Readers are tolerant: a field they do not know is ignored. Instants are aware datetimes in UTC, on the wire RFC 3339
with `Z` and milliseconds, as MongoDB keeps them.
"""
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from marshmallow import EXCLUDE, Schema, ValidationError, post_load
from marshmallow import fields as ma


def instant(value: datetime) -> str:
    """An aware datetime as RFC 3339 in UTC, to the millisecond."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


class Instant(ma.Field[datetime]):
    """An aware point in time; a local time without an offset is refused."""

    described = {"type": "string", "format": "date-time"}

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else instant(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise ValidationError("a time without an offset")
            return moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValidationError("not an RFC 3339 time") from error


PLAIN: dict[Any, type[ma.Field[Any]]] = {
    str: ma.String, int: ma.Integer, float: ma.Float, bool: ma.Boolean, datetime: Instant, dict: ma.Dict, Any: ma.Raw,
}


def field_of(hint: Any, **options: Any) -> ma.Field[Any]:
    """The marshmallow field for one type annotation of a contract."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType) and NoneType in arguments:
        inner = next(a for a in arguments if a is not NoneType)
        return field_of(inner, allow_none=True, **options)
    if origin is tuple:
        return ma.List(field_of(arguments[0]), **options)
    if origin is dict:
        return ma.Dict(**options)
    if is_dataclass(hint):
        return ma.Nested(schema_of(hint), **options)  # type: ignore[arg-type]
    if hint is int:
        options["strict"] = True
    return PLAIN[hint](**options)


@cache
def schema_of(cls: Any) -> Schema:
    """The schema of a contract dataclass: `load` gives an instance, `dump` plain JSON values. Raises ValidationError."""
    hints = get_type_hints(cls)
    members: dict[str, Any] = {}
    for item in fields(cls):
        required = item.default is MISSING and item.default_factory is MISSING
        members[item.name] = field_of(hints[item.name], **({"required": True} if required else {}))

    def build(self: Schema, loaded: dict[str, Any], **kwargs: Any) -> Any:
        return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in loaded.items()})

    members["build"] = post_load(build)
    return Schema.from_dict(members, name=f"{cls.__name__}Schema")(unknown=EXCLUDE)
