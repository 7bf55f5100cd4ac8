"""The page that shows an OpenAPI document to people: one part for each operation, one for each schema."""
import json
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

HERE = Path(__file__).parent / "page"
STYLE = (HERE / "style.css").read_text(encoding="utf-8")
LIMITS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minimum", "maximum",
          "exclusiveMinimum", "exclusiveMaximum", "pattern", "default")
MANY = 12  # words of an enumeration that are shown
Json = dict[str, Any]


def page(document: Json) -> str:
    made = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                       lstrip_blocks=True)
    made.filters |= {"type": type_of, "limits": limits, "words": words, "example": example, "rows": rows, "target": target}
    return made.get_template("page.html").render(
        told=document, style=Markup(STYLE), groups=groups(document), components=document["components"])


def groups(document: Json) -> list[Json]:
    """The tags, each with its operations in the order of addresses."""
    found: dict[str, list[Json]] = {tag["name"]: [] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            found[operation["tags"][0]].append({"path": path, "method": method.upper(), **operation})
    return [{"tag": tag, "operations": found[tag["name"]]} for tag in document["tags"] if found[tag["name"]]]


def target(reference: str) -> str:
    return reference.rpartition("/")[2]


def type_of(schema: Json) -> Markup:
    """What a value is, in a few words, with links to the schemas that have names."""
    if "$ref" in schema:
        name = target(schema["$ref"])
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    if "anyOf" in schema:
        return Markup(" or ").join(type_of(each) for each in schema["anyOf"])
    if "const" in schema:
        return Markup("<code>{}</code>").format(schema["const"])
    kinds = schema.get("type", "anything")
    names = [Markup("list of ") + type_of(schema.get("items", {})) if kind == "array" else escape(kind)
             for kind in (kinds if isinstance(kinds, list) else [kinds])]
    form = Markup(" ({})").format(schema["format"]) if "format" in schema else Markup("")
    return Markup(" or ").join(names) + form


def limits(schema: Json) -> str:
    """What besides its type is demanded of a value."""
    found = [f"{name} {json.dumps(schema[name], ensure_ascii=False)}" for name in LIMITS if name in schema]
    if chosen := schema.get("enum"):
        shown = ", ".join(str(each) for each in chosen[:MANY])
        found.append(f"one of {shown}{f' and {len(chosen) - MANY} more' if len(chosen) > MANY else ''}")
    return "; ".join(found)


def rows(schema: Json) -> list[Json]:
    """The fields of an object."""
    needed = schema.get("required", ())
    return [{"name": name, "schema": each, "needed": name in needed} for name, each in schema.get("properties", {}).items()]


def words(text: str) -> Markup:
    """A text with `code`, **strong** and paragraphs."""
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", str(escape(text))))
    return Markup("".join(f'<p dir="auto">{each}</p>' for each in marked.split("\n\n")))


def example(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
