"""Every route of the registry that the gateway hands on answers what it says that it gives: each is asked here, by who may
all of it, and `Held` holds what comes back against the description."""
from collections.abc import Callable
from typing import Any

import pytest

from chassis.caller import PUBLIC, Caller
from contracts.errors import Invalid, Malformed
from services.registry import use_cases
from tests.builders import a_square
from tests.integration.conftest import Connect
from tests.integration.held import Held
from tests.integration.processes import Process
from tests.integration.registered import BY, SHAPES, TREE, headquarters
from tests.integration.waiting import eventually

OPERATOR, SECRETARY = Caller("operator"), Caller("secretary", "alborz")
NAMES = {"name_fa": "نو", "name_en": "New"}
ANY = {"If-Match": "*"}
HOURS = [{"weekday": 6, "opens": "08:00", "closes": "14:00"}]
CATEGORY = NAMES | {
    "accept_hours": 8, "finish_hours": 80, "finish_days": 10, "checked_by": "reporter", "photograph": True,
    "allowances": [{"accept_hours": 1, "finish_hours": 2, "level": "county", "priority": "high", "accept_days": 1}],
    "questions": [NAMES | {"code": "where", "type": "one", "options": [NAMES | {"code": "street"}]},
                  NAMES | {"code": "deep", "type": "number", "required": True}],
    "ladder": [{"after_hours": 48, "to": "agency_head"}]}
CALENDAR = {"time_zone": "Asia/Tehran", "weekend": [5], "office_hours": HOURS, "holidays": [NAMES | {"date": "2026-12-01"}],
            "closures": [{"date": "2026-12-02", "reason": "برف", "starts": "10:00"}]}
RECORDS: dict[str, tuple[str, dict[str, Any]]] = {
    "territories": ("n9", NAMES | {"kind": "neighbourhood", "parent": "karaj", "contested_with": "fardis"}),
    "boundaries": ("fardis", {"polygon": a_square(51.2, 35.7)}),
    "headquarters": ("h9", NAMES | {"level": "county", "territory": "fardis", "parent": "h-alborz"}),
    "agencies": ("a9", NAMES | {"level": "county", "territory": "karaj", "channel": "pull", "office_hours": HOURS}),
    "committees": ("c9", NAMES | {"subject": "آب", "members": ["a9"], "headquarters": "h9"}),
    "categories": ("streets", CATEGORY),
    "rules": ("r9", {"category": "streets", "territory": "karaj", "agency": "a9", "priority": 100, "others": ["a9"],
                     "committee": "c9", "answers": {"where": ["street", 5, True]}}),
    "calendars": ("karaj", CALENDAR), "seats": ("s9", {"role": "reporter", "territory": "n1"})}


@pytest.fixture
def client(environment: dict[str, str], database: Connect, running: Callable[..., Process]) -> Held:
    database("registry")
    use_cases.put([*TREE, *SHAPES, headquarters("h-alborz", "province", "alborz")], BY)
    running("registry")
    return Held("registry", environment["MAHALLE_REGISTRY_URL"], environment["MAHALLE_INTERNAL_SECRET"])


def test_registers_and_places_answer_as_they_say(client: Held) -> None:
    client.post("/agencies", OPERATOR, NAMES | {"code": "a1", "level": "city", "territory": "n1", "channel": "email",
                                                "email": "a1@example.org"})
    for register, (code, values) in RECORDS.items():
        client.put(f"/{register}/{code}", OPERATOR, values)
        client.get(f"/{register}", PUBLIC, {"limit": "1"})
        client.get(f"/{register}/{code}", PUBLIC)
    client.put("/committees/c9", OPERATOR, RECORDS["committees"][1] | {"valid_from": "2030-01-01", "reason": "بعداً"},
               {"If-Match": "*"})
    assert client.get("/territories", PUBLIC, {"kind": "neighbourhood", "path": "karaj"})["items"]
    assert client.get("/neighbourhoods", PUBLIC, {"parent": "karaj", "limit": "1"})["next_cursor"]
    for register, (code, _) in reversed(RECORDS.items()):
        if register != "calendars":
            assert client.post(f"/{register}/{code}/end", OPERATOR, {"reason": "پایان"}, ANY)["edits"][-1]["values"] is None
        assert client.get(f"/{register}/{code}/history", OPERATOR)["edits"]
    for point in ({"lat": "35.802", "lon": "50.912"}, {"lat": "35.9", "lon": "50.912"}, {"lat": "30", "lon": "50"},
                  {"lat": "35.802", "lon": "50.912", "as_of": "2020-01-01"}):
        client.get("/locate", PUBLIC, point)
    client.post("/territories/n1/rename", OPERATOR, NAMES, ANY)
    client.post("/territories/n1/target", OPERATOR, {"valid_to": "2099-01-01"}, ANY)
    client.post("/territories/q1/split", OPERATOR, {"into": [NAMES | {"code": "q2"}, NAMES | {"code": "q3"}]})
    merged = client.post("/territories/merge", OPERATOR, {"codes": ["n1", "n2"], "into": NAMES | {
        "code": "n3", "target": False, "polygon": a_square(50.91, 35.8)}})
    assert {each["register"] for each in merged["left_behind"]} == {"agencies"}
    assert client.get("/territories/n1/history", OPERATOR)["periods"][-1]["values"]["became"] == ["n3"]
    client.post("/calendars/karaj/closures", OPERATOR, {"date": "2026-12-20", "reason": "برف", "starts": "10:00"})
    client.delete("/calendars/karaj/closures/2026-12-20", OPERATOR, {"starts": "10:00"})
    client.post("/calendars/karaj/holidays", OPERATOR, NAMES | {"date": "2026-12-21", "estimated": True})
    client.delete("/calendars/karaj/holidays/2026-12-21", OPERATOR)
    assert client.get("/territories/z1/calendar", PUBLIC)["calendar"]["code"] == "karaj"
    assert client.get("/territories/qazvin/calendar", PUBLIC)["calendar"] is None
    assert client.get("/exports/territories", OPERATOR)["type"] == "text/csv"
    for content in ("code,name_fa,name_en,kind,parent\nn7,نو,New,neighbourhood,karaj\n", "code\nn8\n", ""):
        begun = client.post_file("/imports", OPERATOR, content.encode(), {"register": "territories", "file": "n.csv"}, 30)
        eventually("the import is over", lambda job=begun["id"]: client.get(  # type: ignore[misc]
            f"/imports/{job}", OPERATOR)["state"] in ("done", "refused"))
    assert client.said.unseen("registers") == {"team", "Team", "TeamSummary"}


def test_people_seats_and_teams_answer_as_they_say(client: Held) -> None:
    person = client.post("/people", OPERATOR, {"name_fa": "زهرا احمدی", "telephone": "۰۹۱۲۱۲۳۴۵۶۷"})["id"]
    client.put(f"/people/{person}", OPERATOR, {"name_fa": "زهرا احمدی", "name_en": "Zahra Ahmadi"}, {"If-Match": "*"})
    for given in ({"name": "کمک‌های اولیه", "expires": "2021-01-01"}, {"name": "اطفا"}):
        client.post(f"/people/{person}/certificates", OPERATOR, given | {"given": "2020-01-01"})
    client.put("/seats/s1", OPERATOR, {"role": "neighbourhood_manager", "territory": "n1"})
    client.put("/seats/s2", OPERATOR, {"role": "reporter", "territory": "n1"})
    assert client.post("/seats/s1/appoint", OPERATOR, {"person": person, "how": "elected"})["person"] == person
    for asking in (OPERATOR, PUBLIC):
        client.get("/seats/s1", asking)
        client.get("/seats", asking)
        client.get("/territories/n1/team", asking)
        assert client.get("/territories/karaj/team", asking, {"limit": "1"})["next_cursor"]
    assert client.get("/seats", OPERATOR, {"person": person})["items"]
    assert client.get("/seats/s1/history", OPERATOR)["edits"]
    assert client.post("/people/search", OPERATOR, {"name": "زهرا", "why": "نشست"})["items"]
    client.get(f"/people/{person}", OPERATOR, {"why": "نشست"})
    client.post("/seats/s1/vacate", OPERATOR, {}, ANY)
    client.post(f"/people/{person}/erase", OPERATOR, {})
    assert client.get("/contact-reads", OPERATOR, {"limit": "1"})["next_cursor"]
    assert {each["why"] for each in client.get("/contact-reads", OPERATOR, {"code": person})["items"]} == {None}
    assert client.said.unseen("people", "seats") == set()


def test_profiles_answer_as_they_say(client: Held) -> None:
    indicator = NAMES | {"kind": "count", "higher_is": "worse", "valid_from": "2020-03-20", "most": 10_000}
    for code in ("population", "clinics"):
        client.put(f"/indicators/{code}", OPERATOR, indicator)
    client.put("/weightings/deprivation", OPERATOR, NAMES | {"valid_from": "2020-03-20", "weights": [
        {"indicator": "clinics", "weight": 1.5, "per": "population"}, {"indicator": "population", "weight": 1}]})
    client.put("/facilities/clinic-1", OPERATOR, NAMES | {"neighbourhood": "n1", "kind": "clinic", "lat": 35.8, "lon": 50.9})
    for value in (5000, 5100):
        client.put("/territories/n1/profile", OPERATOR, {"year": 1404, "entries": [
            {"indicator": "population", "value": value, "source": "خانه به خانه", "day": "2025-05-01"}]})
    client.put("/territories/n1/profile", OPERATOR, {"year": 1403, "entries": [{"indicator": "population", "value": 5}]})
    for asking in (OPERATOR, PUBLIC):
        assert client.get("/territories/n1/profile", asking, {"year": "۱۴۰۴"})["missing"] == ["clinics"]
        assert client.get("/territories/n1/profile/compare", asking, {"years": "1403,1404"})["indicators"]
        assert client.get("/deprivation", asking, {"province": "alborz", "year": "1404"})["items"]
    asked = {"year": "1404", "indicator": "population"}
    assert len(client.get("/territories/n1/profile/corrections", OPERATOR, asked)["items"]) == 2
    assert client.get("/facilities", PUBLIC, {"neighbourhood": "n1"})["items"]
    for kind, code in (("indicators", "population"), ("weightings", "deprivation"), ("facilities", "clinic-1")):
        client.get(f"/{kind}", PUBLIC)
        client.get(f"/{kind}/{code}", PUBLIC)
        client.post(f"/{kind}/{code}/end", OPERATOR, {}, ANY)
    assert client.get("/territories/n1/profile", PUBLIC, {"year": "1404"})["indicators"][0]["name_fa"]
    with pytest.raises(Invalid) as refused:
        client.put("/indicators/R,I", OPERATOR, indicator)
    assert refused.value.code == "bad_code"
    assert client.said.unseen("profiles") == set()


def test_accounts_and_keys_answer_as_they_say(client: Held) -> None:
    person = client.post("/people", OPERATOR, {"name_fa": "زهرا احمدی"})["id"]
    client.post("/accounts", OPERATOR, {"person": person, "login": "zahra"})
    for deed in ("disable", "enable"):
        client.post(f"/accounts/{person}/{deed}", OPERATOR, {})
    asked = {"name": "سامانه", "owner": "agency:a1", "role": "agency", "subject": "a1", "scopes": ["tasks:read"]}
    key = client.post("/keys", OPERATOR, asked)
    client.post("/keys", OPERATOR, asked | {"valid_to": "2027-01-01T00:00:00+03:30"})
    client.post("/keys/check", Caller("service", "gateway"), {"key": key["key"]})
    assert client.get("/keys", OPERATOR, {"owner": "agency:a1", "limit": "1"})["next_cursor"]
    client.post(f"/keys/{key['id']}/revoke", OPERATOR, {})
    assert client.said.unseen("accounts", "keys") == set()


REFUSED: list[tuple[str, dict[str, str], str]] = [
    ("/territories", {"kinds": "zone"}, "unknown_parameter"), ("/territories", {"kind": "hamlet"}, "bad_kind"),
    ("/territories", {"parent": "Karaj"}, "bad_parent"), ("/territories", {"as_of": "2025-02-30"}, "bad_day"),
    ("/territories", {"as_of": "20250321"}, "bad_day"), ("/territories", {"limit": "501"}, "bad_limit"),
    ("/territories", {"cursor": "…"}, "bad_cursor"), ("/neighbourhoods", {"kind": "zone"}, "unknown_parameter"),
    ("/territories/n1", {"day": "2025-03-21"}, "unknown_parameter"), ("/seats", {"role": "boss"}, "bad_role"),
    ("/seats", {"person": "zahra"}, "bad_person"), ("/territories/n1/history", {"known_at": "2025-03-21"}, "bad_instant"),
    ("/locate", {"lat": "35", "lng": "50"}, "unknown_parameter"), ("/locate", {"lat": "35", "lon": "nan"}, "bad_point"),
    ("/territories/n1/team", {"within": "-1"}, "bad_within"), ("/territories/n1/team", {"limit": "0"}, "bad_limit"),
    ("/indicators", {"neighbourhood": "n1"}, "unknown_parameter"),
    ("/facilities", {"neighbourhood": "N1"}, "bad_neighbourhood"), ("/deprivation", {"year": "1404,1403"}, "bad_year"),
    ("/territories/n1/profile", {"year": "04"}, "bad_year"), ("/contact-reads", {"limit": "x"}, "bad_limit"),
    ("/territories/n1/profile/corrections", {"year": "1404"}, "bad_indicator"),
    ("/contact-reads", {"kind": "person"}, "unknown_parameter"), ("/exports/territories", {"format": "pdf"}, "bad_format"),
    ("/keys", {"owner": "a1"}, "bad_owner"), ("/keys", {"after": "0"}, "unknown_parameter")]


def test_what_a_query_cannot_mean_is_refused(client: Held) -> None:
    for path, query, code in REFUSED:
        with pytest.raises(Malformed) as refused:
            client.get(path, OPERATOR, query)
        assert refused.value.code == code, (path, query)
    for dry_run in ("yes", "True"):  # neither only tried nor in earnest
        with pytest.raises(Malformed) as refused:
            client.post_file("/imports", OPERATOR, b"code", {"register": "territories", "dry_run": dry_run}, 30)
        assert refused.value.code == "bad_dry_run"
