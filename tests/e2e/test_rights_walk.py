"""Every address of the gateway with every role, beside the table of rights: who may is let through, also by the service
behind, and who may not is not. Nothing is changed by it: what would be is sent for a version that nothing has.
"""
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace

import jwt
import pytest

from chassis.caller import HEADER
from chassis.topology import SERVICES
from contracts import policy
from deploy.describe.routes import Route, expanded, routes
from tests.api import Answer, Api
from tests.e2e.province import Province
from tests.e2e.walking import ELSEWHERE, SUBJECTS, Things, front

NO_PLACE = ("categories", "indicators", "weightings")  # the whole platform's
LET_THROUGH = 200
THE_ONE = "statistics:read"  # scope of a key that is for nothing else


def fate(answer: Answer) -> int:
    return answer.status if answer.status in (401, 403) else LET_THROUGH


def wanted(route: Route, role: str) -> int:
    """What the table says of somebody with all scopes of a role. Raises KeyError for a deed without a rule."""
    if policy.allowed(role, route.entrypoint.deed):
        return LET_THROUGH
    return 401 if role == "public" and "open311" not in route.path else 403  # Open311 has 403 for a key that lacks, too


@pytest.fixture(scope="module")
def things(province: Province) -> Things:
    return Things(province.file(), province.file(category="addiction"))


def subject_of(route: Route, role: str, subjects: Mapping[str, str] = SUBJECTS) -> str:
    nowhere = role == "secretary" and any(f"/{register}" in route.path for register in NO_PLACE)
    return "" if nowhere and policy.RULES[route.entrypoint.deed].who.get(role) == policy.PLACE else subjects.get(role, "")


@pytest.mark.parametrize("role", policy.OUTSIDE)
def test_every_address_answers_as_the_table_of_rights_says(province: Province, things: Things, role: str) -> None:
    wrong, asked = [], 0
    for route in front():
        answer = things.ask(province.api, route, role, subject_of(route, role))
        asked += 1
        if fate(answer) != wanted(route, role):
            wrong.append((route.method, route.path, route.entrypoint.deed, answer.status, answer.body))
        assert answer.status < 500 or answer.status == 503, (route.path, answer)
    assert not wrong
    assert asked > 150


@pytest.mark.parametrize("role", policy.OF_A_PLACE)
def test_what_lies_in_another_place_is_refused_or_not_there(province: Province, things: Things, role: str) -> None:
    """Addresses that name something; a person, a key and an import are nobody's place."""
    wrong, asked = [], 0
    for route in front():
        deed, named = route.entrypoint.deed, {"{ref}", "{code}"} & set(route.path.split("/"))
        if policy.RULES[deed].who.get(role) != policy.PLACE or not named or deed in ("keys:write", "accounts:write"):
            continue
        answer = things.ask(province.api, route, role, ELSEWHERE[role])
        asked += 1
        codes = ("not_your_place", "not_found", "not_a_party", "not_allowed")
        if answer.status not in (403, 404) or answer.body["code"] not in codes:
            wrong.append((route.method, route.path, deed, answer.status, answer.body))
    assert not wrong
    assert asked


def test_a_key_does_nothing_but_what_it_is_for(province: Province, things: Things) -> None:
    """With one scope, that everybody has: every other deed of its role is refused, and says which scope it takes; but for
    those that need none."""
    keys = {role: a_key_for_nothing(province, role) for role in policy.OUTSIDE[1:]}
    api = Api(province.api.address, lambda role, subject: keys[role])
    assert {"agency", "secretary", "operator"} <= {role for role, key in keys.items() if key}
    for route in front():
        for role in (role for role, key in keys.items() if key and policy.allowed(role, route.entrypoint.deed)):
            answer = things.ask(api, route, role)
            if route.entrypoint.deed in (THE_ONE, *policy.UNSCOPED):
                assert answer.status != 403, (route.path, role, answer)
            else:
                assert answer.status == 403, (route.path, role, answer)
                assert answer.body is None or route.entrypoint.deed in str(answer.body), (route.path, answer)


def a_key_for_nothing(province: Province, role: str) -> str:
    """Empty where no key of this role is given."""
    body = {"name": "walk", "owner": "service:walk", "role": role, "subject": SUBJECTS.get(role, ""),
            "scopes": [THE_ONE]}
    made = province.api.post("/v1/keys", body, role="operator")
    return str(made.body["key"]) if made.status == 201 else ""


def test_a_route_without_a_rule_is_found_out() -> None:
    """The walk can fail."""
    planted = replace(front()[0], entrypoint=SimpleNamespace(deed="issues:everything"))
    with pytest.raises(KeyError):
        wanted(planted, "operator")


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_answers_who_is_not_signed_by_the_gateway(province: Province, service: str) -> None:
    api = Api(province.platform.address(service))
    forged = jwt.encode({"aud": "mahalle", "role": "operator", "sub": "", "exp": 4_000_000_000}, "x" * 40, "HS256")
    asked = 0
    for route in routes(f"services.{service}.service"):
        [(path, _)] = expanded(route.path)
        address = path.replace("{", "").replace("}", "")
        raw = None if route.method in ("GET", "DELETE") else b"{}"
        for headers in ({}, {HEADER: forged}, {"Authorization": f"Bearer {province.api.key_of('operator', '')}"}):
            answer = api.ask(route.method, address, None, raw=raw, role="", subject="", **headers)
            asked += 1
            assert (answer.status, answer.body["code"]) == (401, "unsigned_call"), (route.method, address, answer)
    assert asked
