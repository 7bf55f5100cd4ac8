"""What answers and questions are made of, said once: for the API's description, and for the tests that hold answers to it.

Whoever answers makes plain JSON, never by these. `tests` compare what was answered with what is described here.
"""
from collections.abc import Collection, Iterable, Mapping
from copy import copy
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

CODE = validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*$")
INSTANT = validate.Regexp(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$")
DAY = validate.Regexp(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
Field = fields.Field[Any]
Shape = type[Schema]


class Shown(Schema):
    """An answer, or a part of one: it has every field that is named, but for those that `may_lack`, and no other."""

    class Meta:
        unknown = RAISE


class Either(fields.Field[Any]):
    """One of several shapes."""

    def __init__(self, *shapes: Shape, says: str) -> None:
        super().__init__(required=True, metadata=about(says))
        self.shapes = shapes


def about(says: str, example: Any = None, **more: Any) -> dict[str, Any]:
    """What the description says of a field, for its `metadata`."""
    return {"description": says, **({} if example is None else {"example": example}), **more}


def said(kind: type[Field], says: str, example: Any = None, *, null: bool = False, may_lack: bool = False,
         metadata: Mapping[str, Any] | None = None, **options: Any) -> Field:
    """A field, described. `null`: it may be null; `may_lack`: it may not be there at all."""
    return kind(required=not may_lack, allow_none=null, metadata=about(says, example, **(metadata or {})), **options)


def a_text(says: str, example: str | None = None, **options: Any) -> Field:
    return said(fields.String, says, example, **options)


def a_code(says: str, example: str, **options: Any) -> Field:
    """The code of a record of a register."""
    return a_text(says, example, validate=CODE, **options)


def one_of(choices: Iterable[str], says: str, example: str | None = None, **options: Any) -> Field:
    return a_text(says, example, validate=validate.OneOf(tuple(choices)), **options)


def a_moment(says: str, example: str = "2026-11-24T08:30:00.000Z", **options: Any) -> Field:
    """An instant in UTC, to the millisecond."""
    return a_text(says, example, validate=INSTANT, metadata={"format": "date-time"}, **options)


def a_day(says: str, example: str = "2026-03-21", **options: Any) -> Field:
    """A day of the Gregorian calendar."""
    return a_text(says, example, validate=DAY, metadata={"format": "date"}, **options)


def a_count(says: str, example: int | None = None, *, least: int = 0, most: int | None = None, **options: Any) -> Field:
    """A whole number."""
    return said(fields.Integer, says, example, validate=validate.Range(least, most), **options)


def a_number(says: str, example: float | None = None, *, least: float | None = 0, most: float | None = None,
           **options: Any) -> Field:
    return said(fields.Float, says, example, validate=validate.Range(least, most), **options)


def yes_no(says: str, **options: Any) -> Field:
    return said(fields.Boolean, says, **options)


def a_part(shape: Shape, says: str, *, null: bool = False, may_lack: bool = False) -> Field:
    """An object within an object."""
    return fields.Nested(shape, required=not may_lack, allow_none=null, metadata=about(says))


def many(each: Shape | Field, says: str, example: Any = None, **options: Any) -> Field:
    """A list."""
    inner = each if isinstance(each, fields.Field) else fields.Nested(each)
    return said(fields.List, says, example, cls_or_instance=inner, **options)


class LinksSchema(Shown):
    self = a_text("Its own address.", "/v1/issues/7f6d1c52-3a0c-5a3e-9a9c-000000000001")


def items(*shapes: Shape) -> Field:
    return many(shapes[0] if len(shapes) == 1 else Either(*shapes, says="One of these."), "In the order asked for.")


def page(name: str, *shapes: Shape) -> Shape:
    """A page of a list, and where the next one begins."""
    return listing(name, *shapes, next_cursor=a_text(
        "Ask with it as `cursor` for the next page; null on the last. A page may be short, even empty, while it is there.",
        null=True))


def listing(name: str, *shapes: Shape, **besides: Field) -> Shape:
    """A list that comes whole."""
    return type(name, (Shown,), {"items": items(*shapes), **besides})


PAGING = {
    "limit": said(fields.Integer, "How many items a page has at most; 50 where it is not said.", 20,
                  validate=validate.Range(1, 200)),
    "cursor": a_text("`next_cursor` of the page before, with everything else asked as there.")}


def asking(name: str, known: Iterable[str], described: Mapping[str, Field], needs: Collection[str] = ()) -> Shape:
    """A query: of the described parameters those that it knows, and of these those that it needs."""
    def asked(parameter: str) -> Field:
        found = copy(described[parameter])
        found.required = parameter in needs
        return found

    return Schema.from_dict({each: asked(each) for each in known}, name=name)
