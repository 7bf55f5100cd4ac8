"""What a contract's dataclass looks like on the wire, derived from it, so that an event is described once.

Readers are tolerant: a field they do not know is ignored. Instants are aware datetimes in UTC, on the wire RFC 3339
with `Z` and milliseconds, as MongoDB keeps them. Every consumer reads every message, so this is plain Python, made ready
once for each class: by a marshmallow schema an issue's snapshot took five times as long.
"""
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from marshmallow import ValidationError
from marshmallow import fields as ma

Read = Callable[[Any], Any]  # from a JSON value to what stands in the dataclass. Raises Unfit


class Unfit(ValueError):
    """A value is not what the contract says, or a field is missing: in `names`, of the outermost ones."""

    def __init__(self, *names: str) -> None:
        super().__init__(f"does not fit: {', '.join(names)}")
        self.names = names


def instant(value: datetime) -> str:
    """An aware datetime as RFC 3339 in UTC, to the millisecond."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def read_instant(value: Any) -> datetime:
    """An aware datetime in UTC. Raises Unfit, also for a local time without an offset."""
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise Unfit
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise Unfit from error


class Instant(ma.Field[datetime]):
    """An aware point in time in the body of a request."""

    described = {"type": "string", "format": "date-time"}

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else instant(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        try:
            return read_instant(value)
        except Unfit as error:
            raise ValidationError("not an RFC 3339 time") from error


@dataclass(frozen=True)
class Shape:
    """Of one class: how each of its fields is read, and which must be there."""

    cls: Any
    readers: dict[str, Read]
    required: frozenset[str]

    def load(self, data: Any) -> Any:
        """An instance from a JSON object. Raises Unfit."""
        if type(data) is not dict:
            raise Unfit
        found, wrong = {}, self.required - data.keys()
        for name, read in self.readers.items():
            if name in data:
                try:
                    found[name] = read(data[name])
                except Unfit:
                    wrong |= {name}
        if wrong:
            raise Unfit(*sorted(wrong))
        return self.cls(**found)

    def dump(self, instance: Any) -> dict[str, Any]:
        """Plain JSON values, of every field."""
        return {name: _plain(getattr(instance, name)) for name in self.readers}


@cache
def schema_of(cls: Any) -> Shape:
    """The shape of a contract's dataclass."""
    hints = get_type_hints(cls)
    required = (each.name for each in fields(cls) if each.default is MISSING and each.default_factory is MISSING)
    return Shape(cls, {each.name: _reader(hints[each.name]) for each in fields(cls)}, frozenset(required))


def _reader(hint: Any) -> Read:
    """How one type annotation of a contract is read."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType) and NoneType in arguments:
        return _or_none(_reader(next(each for each in arguments if each is not NoneType)))
    if origin is tuple:
        return _each(_reader(arguments[0]))
    if hint is Any:
        return lambda value: value
    if hint is datetime:
        return read_instant
    return schema_of(hint).load if _is_contract(hint) else _only(origin or hint)


def _is_contract(what: Any) -> bool:
    return is_dataclass(what)


def _or_none(read: Read) -> Read:
    return lambda value: None if value is None else read(value)


def _only(kind: type) -> Read:
    def read(value: Any) -> Any:
        if type(value) is not kind:  # a bool is no int
            raise Unfit
        return value

    return read


def _each(read: Read) -> Read:
    def read_all(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise Unfit
        return tuple(map(read, value))

    return read_all


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return schema_of(value.__class__).dump(value) if _is_contract(value) else value
