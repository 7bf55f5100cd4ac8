"""A body that the description allows is taken, and one that it forbids is refused: both are the same schema."""
from typing import Any

import jsonschema
import pytest
from apispec import APISpec
from marshmallow import Schema, ValidationError

from deploy.describe.schemas import Plugin, schema_of
from services.registry.accounts.schemas import InviteSchema
from services.registry.people.schemas import PersonSchema
from services.registry.places.schemas import TargetSchema
from services.registry.profiles.schemas import FacilitySchema, IndicatorSchema
from services.registry.registers import REGISTERS
from services.registry.schemas import NewAgencySchema, QuestionSchema

NAMES = {"name_fa": "نو", "name_en": "New"}
PLACE = NAMES | {"kind": "zone", "parent": "n1"}
AGENCY = NAMES | {"code": "a1", "level": "city", "territory": "karaj", "channel": "queue"}
QUESTION = NAMES | {"code": "where", "type": "text"}
OPTIONS = [NAMES | {"code": "street"}]
FACILITY = NAMES | {"neighbourhood": "n1", "kind": "clinic"}
INDICATOR = NAMES | {"kind": "count", "higher_is": "worse"}
RULE = {"category": "c", "territory": "t", "agency": "a", "priority": 1}
LOGIN = {"person": "3f0f6a3e-8f44-4b57-9a64-0c4a7c9d2a10"}
TERRITORY, SEAT = REGISTERS["territories"].change, REGISTERS["seats"].change
RULES = REGISTERS["rules"].change
Body = dict[str, Any]


def described(kind: type[Schema]) -> Any:
    plugin = Plugin()
    spec = APISpec("", "", "3.1.1", [plugin])
    schema = schema_of(kind, plugin.converter)
    return jsonschema.Draft202012Validator(schema | {"components": spec.to_dict()["components"]})


def is_taken(kind: type[Schema], body: Body) -> bool:
    try:
        kind().load(body)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(("kind", "body"), [
    (TERRITORY, PLACE | {"valid_from": "2026-03-21", "valid_to": "9999-12-31", "reason": None}),
    (TERRITORY, NAMES | {"kind": "province"}), (TERRITORY, NAMES | {"kind": "province", "parent": None}),
    (SEAT, {"role": "reporter", "territory": "n1"}), (SEAT, {"role": "clerk", "agency": "a1", "territory": None}),
    (NewAgencySchema, AGENCY), (NewAgencySchema, AGENCY | {"channel": "email", "email": "a@example.org"}),
    (QuestionSchema, QUESTION), (QuestionSchema, QUESTION | {"type": "many", "options": OPTIONS}),
    (QuestionSchema, QUESTION | {"options": []}), (FacilitySchema, FACILITY | {"lat": 35, "lon": 50.5}),
    (FacilitySchema, FACILITY | {"lat": None}), (IndicatorSchema, INDICATOR | {"least": 0, "most": 1.5, "unit": ""}),
    (RULES, RULE | {"answers": {"where": ["street", 5, 2.5, True]}}), (RULES, RULE | {"priority": 3.0}),
    (InviteSchema, LOGIN | {"login": "زهرا‌احمدی"}), (InviteSchema, LOGIN | {"login": "z.k-1"}), (TargetSchema, {})])
def test_what_the_description_allows_is_taken(kind: type[Schema], body: Body) -> None:
    assert described(kind).is_valid(body) and is_taken(kind, body)


@pytest.mark.parametrize(("kind", "body"), [
    (TERRITORY, NAMES | {"kind": "zone"}), (TERRITORY, PLACE | {"parent": None}), (TERRITORY, PLACE | {"target": "yes"}),
    (TERRITORY, PLACE | {"target": 1}), (TERRITORY, PLACE | {"valid_from": "20260321"}),
    (TERRITORY, PLACE | {"name_fa": " "}), (TERRITORY, PLACE | {"parent": "N1"}), (TERRITORY, PLACE | {"path": ["n1"]}),
    (TERRITORY, PLACE | {"valid_to": None}),
    (SEAT, {"role": "reporter"}), (SEAT, {"role": "reporter", "territory": "n1", "agency": "a1"}),
    (NewAgencySchema, AGENCY | {"channel": "email"}), (NewAgencySchema, AGENCY | {"channel": "email", "email": None}),
    (QuestionSchema, QUESTION | {"type": "one"}), (QuestionSchema, QUESTION | {"options": OPTIONS}),
    (FacilitySchema, FACILITY | {"lat": 35}), (FacilitySchema, FACILITY | {"lat": "35", "lon": "50"}),
    (IndicatorSchema, INDICATOR | {"most": "1"}), (IndicatorSchema, INDICATOR | {"most": 1e13}),
    (RULES, RULE | {"answers": {"Where": ["x"]}}), (RULES, RULE | {"answers": {"where": []}}),
    (RULES, RULE | {"answers": {"where": [2.0**60]}}), (RULES, RULE | {"priority": "3"}), (RULES, RULE | {"priority": True}),
    (PersonSchema, {"name_fa": "زهرا\x00"}), (InviteSchema, LOGIN | {"login": "\u200c" * 5}),
    (InviteSchema, LOGIN | {"login": "a b c"}), (InviteSchema, LOGIN | {"login": "ab"}), (TargetSchema, {"target": None})])
def test_what_the_description_forbids_is_refused(kind: type[Schema], body: Body) -> None:
    assert not described(kind).is_valid(body) and not is_taken(kind, body)
