"""Another city's software as it calls our Open311. Whatever it gets is judged by the standard."""
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema
import xmlschema

from deploy.local.folder import ROOT
from tests.api import Json
from tests.e2e.province import CATEGORY, PLACE, SECRETARY, Province
from tests.integration.waiting import eventually

HERE = Path(__file__).parent
XSD = xmlschema.XMLSchema(HERE / "georeport.xsd")
SCHEMAS: Json = json.loads((ROOT / "deploy" / "describe" / "georeport.schema.json").read_text(encoding="utf-8"))
SERVICE, COUNTY = "open311-lamps", "karaj-county"
QUESTIONS = [
    {"code": "pole", "type": "text", "name_fa": "شمارهٔ تیر", "name_en": "Number of the pole", "required": True},
    {"code": "lamps", "type": "number", "name_fa": "چند چراغ", "name_en": "How many lamps"},
    {"code": "since", "type": "date", "name_fa": "از کی", "name_en": "Since when"},
    {"code": "danger", "type": "yes_no", "name_fa": "خطر دارد؟", "name_en": "Is it dangerous?"},
    {"code": "kind", "type": "one", "name_fa": "چه چراغی", "name_en": "Which kind",
     "options": [{"code": "led", "name_fa": "ال‌ای‌دی", "name_en": "LED"},
                 {"code": "old", "name_fa": "قدیمی", "name_en": "Old"}]},
    {"code": "where", "type": "many", "name_fa": "کجا", "name_en": "Where",
     "options": [{"code": "road", "name_fa": "راه", "name_en": "Road"},
                 {"code": "park", "name_fa": "بوستان", "name_en": "Park"}]}]
GOOD = {"service_code": CATEGORY, "address_id": PLACE, "description": "چراغ کوچه خاموش است"}


@dataclass(frozen=True)
class Told:
    status: int
    headers: Message
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)


class Partner:
    """Another city's software. What it gets is checked against the standard, whatever it asks."""

    def __init__(self, province: Province) -> None:
        self.address, self._key_of = f"{province.platform.address('gateway')}/open311/v2", province.api.key_of

    def key(self, role: str = "resident", subject: str = "fixmystreet") -> str:
        return self._key_of(role, subject)

    def get(self, path: str, **query: str) -> Told:
        return self.ask("GET", f"{path}?{urlencode(query)}")

    def post(self, path: str, form: Any, **headers: str) -> Told:
        """`form`: pairs or a mapping, to which a key is added unless it has one; or the body as it is."""
        if isinstance(form, dict):
            form = {"api_key": self.key()} | form
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        sent = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"} | headers
        return self.ask("POST", path, body, sent)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Told:
        request = urllib.request.Request(self.address + quote(path, safe="/?&=%+"), body, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                found = Told(answer.status, answer.headers, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                found = Told(error.code, error.headers, error.read().decode())
        fits(path.partition("?")[0], found)
        return found

    def file(self, **form: str) -> str:
        """The id of a new request."""
        return str(self.post("/requests.json", GOOD | form).body[0]["service_request_id"])

    def read(self, code: str, **query: str) -> Json:
        found: Json = self.get(f"/requests/{code}.json", **query).body[0]
        return found


def fits(path: str, told: Told) -> None:
    """XML by the schema of XML and JSON by that of JSON, errors too; the content type says which."""
    if path.endswith(".csv") and told.status == 200:
        return
    if not path.endswith(".json"):
        assert told.headers["Content-Type"] == "text/xml; charset=utf-8"
        assert told.text.startswith('<?xml version="1.0" encoding="utf-8"?>')
        XSD.validate(told.text)
        return
    assert told.headers["Content-Type"] == "application/json; charset=utf-8"
    if path != "/bulk.json" or told.status != 200:
        jsonschema.validate(told.body, SCHEMAS | {"$ref": f"#/$defs/{kind(path, told)}"})


def kind(path: str, told: Told) -> str:
    if told.status >= 400:
        return "errors"
    name = path.strip("/").partition(".")[0].partition("/")
    if name[0] == "requests" and told.body and "status" not in told.body[0]:
        return "filed"
    if name[0] == "servicerequestupdates":
        return "service_request_updates" if not told.body or len(told.body[0]) > 1 else "taken"
    return {"discovery": "discovery", "tokens": "token", "requests": "service_requests",
            "services": "service_definition" if name[2] else "services"}[name[0]]


def a_partner(province: Province) -> Partner:
    """With a service that asks all that can be asked, routed as the category above it."""
    values = {"parent": "streets", "name_fa": "چراغ‌های معبر", "name_en": "Street lamps", "confidential": False,
              "accept_hours": 4, "finish_hours": 21, "questions": QUESTIONS}
    there = province.api.get(f"/v1/categories/{SERVICE}")
    seen = {"If_Match": there.headers["ETag"]} if there.status == 200 else {}
    assert province.api.put(f"/v1/categories/{SERVICE}", values, role="operator", **seen).status == 200
    found = Partner(province)
    eventually("the service is offered", lambda: found.get(f"/services/{SERVICE}.json").status, 60,
               until=lambda status: status == 200)
    body = {"category": SERVICE, "neighbourhood": PLACE}
    eventually("it is known where issues are kept", lambda: province.api.post("/v1/routing/try", body, **SECRETARY).status,
               until=lambda status: status == 200)
    return found


def update(code: str, number: str, status: str, **more: str) -> dict[str, str]:
    return {"service_request_id": code, "update_id": number, "status": status, "updated_datetime": "2026-11-26T10:00:00Z",
            "description": "کابل عوض شد"} | more
