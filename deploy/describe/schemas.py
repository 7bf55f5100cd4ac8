"""Marshmallow's schemas as JSON Schema 2020-12, with the rules of our own fields, for apispec."""
import inspect
import re
from collections.abc import Iterator
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields, missing, validate

from chassis.shown import Either

Json = dict[str, Any]
INLINE = ("Links",)
HTTPS = "^https://[^\\s/?#]+([/?#][^\\s]*)?$"


def described(kind: type) -> Json:
    """What the classes of a field or a schema say of its values, the nearest class last."""
    found: Json = {}
    for each in reversed(kind.__mro__):
        found |= vars(each).get("described", {})
    return found


def flat(validators: Any) -> Iterator[Any]:
    for validator in validators:
        yield from flat(validator.validators) if isinstance(validator, validate.And) else (validator,)


def ecma(pattern: str) -> str:
    """A pattern of Python as ECMA 262 has it, with its whole text meant."""
    return pattern.replace(r"\Z", "$").replace(r"\A", "^")


def rules(field: fields.Field[Any]) -> Json:
    """What the validators of a field demand, in the words for its kind."""
    found: Json = {}
    patterns = []
    least, most = names(field)
    for each in flat(field.validators):
        if isinstance(each, validate.URL):
            patterns.append(HTTPS)
        elif isinstance(each, validate.Regexp):
            patterns.append(ecma(str(each.regex.pattern)))
        elif isinstance(each, validate.Length):
            bounds = {least: each.equal or each.min, most: each.equal or each.max}
            found |= {name: bound for name, bound in bounds.items() if bound is not None}
        elif isinstance(each, validate.Range):
            found |= bounds_of(each)
    return found | joined(patterns)


def bounds_of(span: validate.Range) -> Json:
    least = "minimum" if span.min_inclusive else "exclusiveMinimum"
    most = "maximum" if span.max_inclusive else "exclusiveMaximum"
    return {name: bound for name, bound in ((least, span.min), (most, span.max)) if bound is not None}


def joined(patterns: list[str]) -> Json:
    if len(patterns) > 1:
        return {"allOf": [{"pattern": each} for each in patterns]}
    return {"pattern": patterns[0]} if patterns else {}


def names(field: fields.Field[Any]) -> tuple[str, str]:
    kinds = {fields.Dict: "Properties", fields.List: "Items"}
    kind = next((word for each, word in kinds.items() if isinstance(field, each)), "Length")
    return f"min{kind}", f"max{kind}"


class Converter(OpenAPIConverter):
    """apispec's, which knows neither `And` nor open ends nor lengths of objects, and takes a default for an example."""

    def init_attribute_functions(self) -> None:
        super().init_attribute_functions()
        for theirs in (self.field2range, self.field2length, self.field2pattern, self.field2nullable):
            self.attribute_functions.remove(theirs)
        self.attribute_functions += [self.shapes, self.ours, self.field2nullable]

    def field2property(self, field: fields.Field[Any]) -> Json:
        found: Json = super().field2property(field)
        if "example" in found:
            found["examples"] = [found.pop("example")]
        if field.allow_none and "anyOf" in found and {"type": "null"} not in found["anyOf"]:
            found["anyOf"] = [*found["anyOf"], {"type": "null"}]
        return found

    def field2default(self, field: fields.Field[Any], **kwargs: Any) -> Json:
        default = field.load_default
        return {} if callable(default) or default in (missing, None, "") else super().field2default(field, **kwargs)

    def shapes(self, field: fields.Field[Any], **kwargs: Any) -> Json:
        """A field of one of several shapes."""
        shapes = field.shapes if isinstance(field, Either) else ()
        return {"anyOf": [self.resolve_nested_schema(each) for each in shapes]} if shapes else {}

    def ours(self, field: fields.Field[Any], ret: Json, **kwargs: Any) -> Json:
        return described(type(field)) | rules(field) | {
            name: value for name, value in ret.items() if name in field.metadata}

    def schema2jsonschema(self, schema: Schema) -> Json:
        """With its docstring, unless it is inherited, and what it says of its fields together."""
        found: Json = super().schema2jsonschema(schema)
        kind = schema if isinstance(schema, type) else type(schema)
        if kind.__doc__ and kind.__doc__ != Schema.__doc__:
            found["description"] = inspect.cleandoc(kind.__doc__)
        return found | described(kind)


class Names:
    """One name for each schema: that of its class; with its service before it where another has the same.

    None for what is made on the spot and better stands where it is used.
    """

    def __init__(self) -> None:
        self._taken: dict[str, Any] = {}

    def __call__(self, schema: Any) -> str | None:
        kind = schema if isinstance(schema, type) else type(schema)
        if kind.__name__ in INLINE:
            return None
        name = kind.__name__.removesuffix("Schema")
        left_out = sorted(getattr(schema, "exclude", ()) if not isinstance(schema, type) else ())
        variant = "".join(f"_without_{each}" for each in left_out)
        if self._taken.setdefault(name + variant, kind) is not kind:
            name = "".join(word.title() for word in kind.__module__.split(".")[1:-1]) + name
        return name + variant


class Plugin(MarshmallowPlugin):
    Converter = Converter

    def __init__(self) -> None:
        super().__init__(schema_name_resolver=Names())  # type: ignore[arg-type]  # None is right there, its docstring says

    @property
    def made(self) -> OpenAPIConverter:
        """The converter of the document that this plugin belongs to."""
        assert self.converter is not None
        return self.converter


def is_json_schema(given: Any) -> bool:
    return isinstance(given, dict)


def schema_of(given: Any, converter: OpenAPIConverter) -> Json:
    """The JSON Schema, or a reference to it, of what a route says: see the package's docstring."""
    if isinstance(given, tuple):
        return {"anyOf": [schema_of(each, converter) for each in given]}
    if is_json_schema(given):
        return dict(given)
    found: Json = converter.resolve_nested_schema(given)
    return found


def simple(pattern: str) -> bool:
    """Whether Python and ECMA 262 read a pattern alike: no classes of Unicode, nothing that only one of them has."""
    return not re.search(r"\\[wWdDbBAZpP]|\(\?[^:=!]", pattern)
