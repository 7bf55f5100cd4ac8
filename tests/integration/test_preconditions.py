"""Whoever changes a thing of the registry says which version they have read; of two who read the same, one is first."""
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chassis.caller import Caller
from services.registry.documents import Headquarters
from services.registry.schemas import ROLES
from tests.integration.changing import CHANGES, INDICATOR, MARYAM, NAMES, SEAT, ZAHRA, Asked, Registry, prepared
from tests.integration.conftest import Connect
from tests.integration.processes import Process

MINE = NAMES | {"level": "province", "territory": "alborz"}
OTHERS = [role for role in ROLES if role != SEAT["role"]]
PUTS = {  # what is there, and what somebody puts in its place, the n-th of several
    "a record": ("/headquarters/h-alborz", lambda n: MINE | {"name_en": f"New {n}"}),
    "a record that takes others along": ("/territories/n1", lambda n: NAMES | {
        "kind": "neighbourhood", "parent": "fardis", "name_en": f"New {n}"}),
    "a seat that is held": ("/seats/held", lambda n: {"role": OTHERS[n % len(OTHERS)], "territory": "n1"}),
    "a calendar": ("/calendars/alborz", lambda n: {"time_zone": "Asia/Tehran", "weekend": [5, n % 4 + 1], "office_hours": [
        {"weekday": 6, "opens": "08:00", "closes": f"14:{n:02}"}]}),
    "a person": (f"/people/{ZAHRA}", lambda n: {"name_fa": f"زهرا {n}"}),
    "a person's address": (f"/people/{MARYAM}", lambda n: {"name_fa": "مریم", "email": f"m{n}@example.org"}),
    "what is counted": ("/indicators/population", lambda n: INDICATOR | {"name_en": f"People {n}"})}


@pytest.fixture
def registry(environment: dict[str, str], database: Connect, running: Callable[..., Process]) -> Registry:
    database("registry")
    prepared()
    running("registry")
    return Registry(environment["MAHALLE_REGISTRY_URL"], environment["MAHALLE_INTERNAL_SECRET"])


def read(registry: Registry, path: str) -> Any:
    return registry.get(path, {"why": "x"} if "people" in path else None)


def put(registry: Registry, path: str, body: Any, **headers: str) -> Any:
    return registry.ask(Asked(path, body, 1, method="PUT"), "", **headers)


def test_what_is_there_is_replaced_only_by_who_has_read_it(registry: Registry) -> None:
    for name, (path, body) in PUTS.items():
        version = read(registry, path)["version"]
        assert put(registry, path, body(1)) == "precondition_required", name
        assert put(registry, path, body(1), If_Match='"v99"') == "changed_meanwhile", name
        assert put(registry, path, body(1), If_None_Match="*") == "exists_already", name
        assert put(registry, path, body(1), If_Match="v1") == "bad_if_match", name
        assert read(registry, path)["version"] == version, name
        assert isinstance(put(registry, path, body(1), If_Match=f'"v{version}-0123456789abcdef"'), dict), name
        assert read(registry, path)["version"] == version + 1, name
        assert put(registry, path, body(2), If_Match=f'"v{version}"') == "changed_meanwhile", name
        assert isinstance(put(registry, path, body(3), If_Match="*"), dict), name


def test_of_ten_editors_who_read_the_same_one_is_first(registry: Registry) -> None:
    """Each with a key of its own, as the gateway gives one."""
    for name, (path, body) in PUTS.items():
        version = read(registry, path)["version"]
        with ThreadPoolExecutor(10) as many:
            answers = list(many.map(lambda n: registry.ask(
                Asked(path, body(n), 1, method="PUT"), f"{name} {n}", If_Match=f'"v{version}"'), range(10)))  # noqa: B023
        first = [answer for answer in answers if isinstance(answer, dict)]
        assert len(first) == 1, (name, answers)
        assert {answer for answer in answers if not isinstance(answer, dict)} <= {
            "changed_meanwhile", "being_changed"}, (name, answers)
        assert read(registry, path)["version"] == version + 1, name


def test_what_is_new_is_put_without_a_version_and_what_is_not_there_has_none(registry: Registry) -> None:
    for code, headers in (("h-1", {}), ("h-2", {"If_None_Match": "*"})):
        assert put(registry, f"/headquarters/{code}", MINE, **headers)["version"] == 1
    for if_match in ("*", '"v1"'):
        assert put(registry, "/headquarters/h-3", MINE, If_Match=if_match) == "changed_meanwhile"
    assert put(registry, "/headquarters/h-3", MINE, If_None_Match='"v1"') == "bad_if_none_match"
    assert read(registry, "/indicators/population")["version"] == 1
    with ThreadPoolExecutor(10) as many:
        answers = list(many.map(lambda n: put(registry, "/headquarters/h-4", MINE | {"name_en": f"New {n}"}), range(10)))
    assert sum(isinstance(answer, dict) for answer in answers) == 1 and answers.count("precondition_required") == 9


def test_what_has_ended_is_there_still_and_its_history_says_in_which_version(registry: Registry) -> None:
    registry.ask(CHANGES["a record ends"], "k", If_Match="*")
    assert put(registry, "/headquarters/h-karaj", MINE) == "precondition_required"
    version = registry.get("/headquarters/h-karaj/history")["version"]
    assert put(registry, "/headquarters/h-karaj", MINE, If_Match=f'"v{version}"')["version"] == version + 1


def test_whoever_says_which_version_a_change_is_for_is_held_to_it(registry: Registry) -> None:
    for name in ("a record ends", "a name", "a closure", "a closure taken back", "an appointment", "a vacancy",
                 "a certificate", "what is counted no more"):
        asked, (register, code) = CHANGES[name], CHANGES[name].path.split("/")[1:3]
        version = read(registry, f"/{register}/{code}")["version"]
        assert registry.ask(asked, "k", If_Match=f'"v{version + 1}"') == "changed_meanwhile", name
        assert isinstance(registry.ask(asked, "k", If_Match=f'"v{version}"'), dict), name


READ = ("a record ends", "a name", "a target", "a vacancy", "what is counted no more")


def test_what_ends_or_replaces_and_does_not_say_what_is_for_who_has_read_it(registry: Registry) -> None:
    assert set(READ) == {name for name, asked in CHANGES.items() if asked.of and asked.method == "POST"}
    for name in READ:
        before = read(registry, CHANGES[name].of)
        assert registry.ask(CHANGES[name], "k") == "precondition_required", name
        assert read(registry, CHANGES[name].of) == before, name
        assert isinstance(registry.ask(CHANGES[name], "k", If_Match="*"), dict), name


def test_nobody_loses_a_seat_because_whoever_sat_there_before_was_to_go(registry: Registry) -> None:
    version = read(registry, "/seats/held")["version"]
    registry.ask(CHANGES["a vacancy"], "first", If_Match=f'"v{version}"')
    registry.ask(Asked("/seats/held/appoint", {"person": ZAHRA, "how": "elected"}, 1), "second")
    assert registry.ask(CHANGES["a vacancy"], "third", If_Match=f'"v{version}"') == "changed_meanwhile"
    assert read(registry, "/seats/held")["person"] == ZAHRA


def test_a_write_that_was_not_answered_is_nobody_elses_when_it_is_repeated(registry: Registry) -> None:
    path, body = PUTS["a record"]
    first = registry.ask(Asked(path, body(1), 1, method="PUT"), "k", If_Match='"v1"')
    assert first == registry.ask(Asked(path, body(1), 1, method="PUT"), "k", If_Match='"v1"')
    assert len(Headquarters._get_collection().find_one({"_id": "h-alborz"})["edits"]) == 2


def test_only_who_may_change_it_learns_in_which_version_it_is(
        registry: Registry, environment: dict[str, str]) -> None:
    other = Registry(environment["MAHALLE_REGISTRY_URL"], environment["MAHALLE_INTERNAL_SECRET"], Caller("agency", "a0"))
    assert put(other, *("/headquarters/h-alborz", MINE), If_Match='"v99"') == "not_allowed"
