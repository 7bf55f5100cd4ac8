"""One example for each body, answer and parameter: what the fields say of themselves, else words of the sample province."""
import re
from typing import Any

Json = dict[str, Any]
ID = "0d9d6a51-3f3e-4c79-9a67-0d6b8a8d5a11"
BY_NAME: Json = {
    "category": "power-cut", "neighbourhood": "karaj-mehrvilla", "agency": "alborz-electricity", "territory": "karaj",
    "parent": "alborz", "committee": "urban-services", "headquarters": "alborz-headquarters", "indicator": "population",
    "others": ["karaj-municipality"], "members": ["karaj-municipality"], "codes": ["karaj-mehrvilla", "karaj-eslamabad"],
    "text": "از دیشب برق کوچهٔ بهار قطع است.", "title": "قطعی برق کوچهٔ بهار", "reason": "همان خرابی تیر ۱۲ است.",
    "words": "ممنون، درست شد.", "part": "سیم‌کشی", "note": "تماس گرفته شد.", "why": "پیگیری پروندهٔ آموزش",
    "name_fa": "کوی بهار", "name_en": "Bahar", "name": "زهرا احمدی", "subject": "معابر و پاکیزگی",
    "source": "سرشماری ۱۴۰۰", "password": "گذرواژه‌ای دراز و تنها برای اینجا", "login": "zahra.ahmadi",
    "email": "zahra@example.org", "phone": "09121112233", "telephone": "02632001000", "address": "09121112233",
    "person": ID, "code": "karaj", "lat": 35.8355, "lon": 50.9649, "priority": 100, "year": 1404, "satisfaction": 4,
    "opens": "07:30", "closes": "14:30", "starts": "10:00", "ends": "12:00", "time_zone": "Asia/Tehran", "answers": {},
    "owner": "agency:alborz-electricity", "role": "agency", "scopes": ["tasks:read"], "key": "mhl_…",
    "photograph": "https://example.org/1.jpg", "cursor": "a2FyYWotbjEy", "next_cursor": "a2FyYWotbjEy", "change_set": ID,
    "access_token": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJwZXJzb24ifQ.c2ln", "refresh_token": "mhr_5d0c7f2e91ab4c63_Zq3",
    "polygon": {"type": "Polygon", "coordinates": [[[50.9, 35.8], [51.0, 35.8], [51.0, 35.9], [50.9, 35.8]]]},
}
BY_FORMAT: Json = {"uuid": ID, "date": "2026-03-21", "date-time": "2026-11-24T08:30:00.000Z", "email": "zahra@example.org",
                   "uri": "https://example.org/1.jpg"}
BY_TYPE: Json = {"string": "…", "integer": 1, "number": 1.5, "boolean": False, "null": None}
TEXTS = ("…", "karaj", "1404")


class Examples:
    """Made from JSON Schemas, with the references of one document."""

    def __init__(self, document: Json) -> None:
        self._schemas = document["components"]["schemas"]

    def of(self, schema: Json, name: str = "") -> Any:
        """An example of what the schema describes, as the value of a field of that name."""
        schema = self._resolved(schema)
        if "examples" in schema:
            return schema["examples"][0]
        if "const" in schema:
            return schema["const"]
        if "anyOf" in schema and "properties" not in schema:
            return self.of(schema["anyOf"][0], name)
        kind = self._kind(schema)
        if "enum" in schema and not (name in BY_NAME and BY_NAME[name] in schema["enum"]):
            return schema["enum"][0]
        if kind == "object" and "properties" in schema:
            return self._object(schema)
        if name in BY_NAME and fits(BY_NAME[name], kind, schema):
            return BY_NAME[name]
        return self._plain(schema, kind)

    def _object(self, schema: Json) -> Json:
        """Of several ways in which its fields may go together, the first."""
        first = schema["allOf"][0]["anyOf"][0].get("properties", {}) if "allOf" in schema else {}
        fixed = {name: each for name, each in first.items() if "const" in each or each.get("type") == "null"}
        return {name: self.of(each, name) for name, each in (schema["properties"] | fixed).items()}

    def _plain(self, schema: Json, kind: str) -> Any:
        if kind == "array":
            return [self.of(schema.get("items", {}))] * max(1, schema.get("minItems", 1))
        if kind == "object":
            return {}
        if schema.get("format") in BY_FORMAT:
            return BY_FORMAT[schema["format"]]
        if kind in ("integer", "number"):
            return max(BY_TYPE[kind], schema.get("minimum", 1))
        return next((text for text in TEXTS if fits(text, kind, schema)), BY_TYPE[kind])

    def _resolved(self, schema: Json) -> Json:
        if "$ref" not in schema:
            return schema
        return {**self._schemas[schema["$ref"].rpartition("/")[2]], **{k: v for k, v in schema.items() if k != "$ref"}}

    def _kind(self, schema: Json) -> str:
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        return str(kinds[0] if isinstance(kinds, list) else kinds)


def fits(value: Any, kind: str, schema: Json) -> bool:
    kinds: Json = {"string": str, "integer": int, "number": int | float, "array": list, "object": dict, "boolean": bool}
    return kind in kinds and isinstance(value, kinds[kind]) and bool(re.search(schema.get("pattern", ""), str(value)))


def add_examples(document: Json) -> Json:
    """The document, with an example wherever a body or an answer has a schema and none yet."""
    examples = Examples(document)
    for operation in (each for path in document["paths"].values() for each in path.values()):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for media in (each for body in bodies for each in body.get("content", {}).values()):
            if "schema" in media and not {"example", "examples"} & set(media):
                media["example"] = examples.of(media["schema"])
        for parameter in operation["parameters"]:
            if "schema" in parameter and "example" not in parameter:
                parameter["example"] = examples.of(parameter["schema"], parameter["name"])
    return document
