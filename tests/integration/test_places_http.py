"""Places, profiles and calendars over HTTP, as the running registry answers the gateway; nothing for who may not change."""
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from chassis.caller import PUBLIC, Caller
from chassis.http_client import Client
from contracts.errors import Invalid, Malformed, NotAllowed, Problem, Unauthenticated
from services.registry import use_cases
from tests.integration.conftest import Connect
from tests.integration.held import Held
from tests.integration.processes import Process
from tests.integration.registered import BY, DAY, SHAPES, TREE

SECRETARY, WHOLE, CLERK = Caller("secretary", "alborz"), Caller("secretary"), Caller("agency", "a0")
INDICATOR = {"name_fa": "جمعیت", "name_en": "Population", "kind": "count", "higher_is": "worse", "valid_from": "2020-03-20"}
WEIGHTS = {"name_fa": "محرومیت", "name_en": "Deprivation", "valid_from": "2020-03-20",
           "weights": [{"indicator": "population", "weight": 1}]}
CALENDAR = {"time_zone": "Asia/Tehran", "weekend": [5],
            "office_hours": [{"weekday": 6, "opens": "08:00", "closes": "14:00"}]}
HOLIDAY = {"date": "2026-12-01", "name_fa": "روز", "name_en": "Day"}
ANY = {"If-Match": "*"}


@pytest.fixture
def client(environment: dict[str, str], database: Connect, running: Callable[..., Process]) -> Client:
    database("registry")
    use_cases.put([*TREE, *SHAPES], BY)
    running("registry")
    return Held("registry", environment["MAHALLE_REGISTRY_URL"], environment["MAHALLE_INTERNAL_SECRET"])


def test_everybody_may_ask_where_a_point_lies(client: Client) -> None:
    assert client.get("/locate", PUBLIC, {"lat": "۳۵.۸۰۸", "lon": "50.918"})["neighbourhood"]["code"] == "n1"
    assert not client.get("/locate", PUBLIC, {"lat": "35.808", "lon": "50.918", "as_of": "2020-01-01"})["inside"]
    refused(Malformed, partial(client.get, "/locate", PUBLIC, {}))
    for lat, lon in (("95", "50"), ("50.918", "35.808")):
        refused(Invalid, partial(client.get, "/locate", PUBLIC, {"lat": lat, "lon": lon}))


def test_a_secretary_reshapes_territories(client: Client) -> None:
    def post(path: str, body: dict[str, Any]) -> Any:
        return client.post(f"/territories/{path}", SECRETARY, {"day": DAY, **body}, ANY)

    names = {"name_fa": "نو", "name_en": "New"}
    assert post("n1/rename", names)["name_en"] == "New"
    assert post("n2/split", {"into": [names | {"code": "n3"}, names | {"code": "n4"}]})["ended"] == ["n2"]
    assert post("merge", {"codes": ["n1", "n3"], "into": names | {"code": "n5"}, "day": "2025-06-01"})["moved"] == ["z1"]
    target = client.post("/territories/n5/target", SECRETARY, {"valid_from": "2025-07-01", "valid_to": "2026-03-21"},
                         ANY)
    assert target["target"] is True
    with pytest.raises(Invalid) as invalid:
        post("n4/rename", names | {"code": "x"})
    assert invalid.value.errors[0]["pointer"] == "/code"


def test_a_secretary_enters_profiles_and_everybody_reads_them(client: Client) -> None:
    client.put("/indicators/population", WHOLE, INDICATOR)
    client.put("/weightings/deprivation", WHOLE, WEIGHTS)
    body = {"year": 1404, "entries": [{"indicator": "population", "value": 5000, "source": "خانه به خانه"}]}
    assert client.put("/territories/n1/profile", SECRETARY, body)["added"] == 1
    [shown] = client.get("/territories/n1/profile", PUBLIC, {"year": "۱۴۰۴"})["indicators"]
    assert shown["value"] == 5000 and "by" not in shown
    [row] = client.get("/territories/n1/profile/compare", SECRETARY, {"years": "1403,1404"})["indicators"]
    assert [year["by"] for year in row["years"]] == [SECRETARY.id]
    history = client.get("/territories/n1/profile/corrections", SECRETARY, {"year": "1404", "indicator": "population"})
    assert len(history["items"]) == 1
    assert client.get("/deprivation", PUBLIC, {"province": "alborz", "year": "1404"})["compared"] == 2
    client.post("/indicators/population/end", WHOLE, {}, ANY)
    assert client.get("/indicators", PUBLIC)["items"] == []


def test_a_secretary_closes_and_opens_days(client: Client) -> None:
    client.put("/calendars/alborz", SECRETARY, CALENDAR)
    closed = client.post("/calendars/alborz/closures", SECRETARY, {"date": "2026-12-20", "reason": "برف", "starts": "10:00"})
    assert closed["closures"][0]["starts"] == "10:00"
    assert client.get("/territories/n1/calendar", PUBLIC)["calendar"]["closures"] == closed["closures"]
    assert client.delete("/calendars/alborz/closures/2026-12-20", SECRETARY, {"starts": "10:00"})["closures"] == []
    assert len(client.post("/calendars/alborz/holidays", SECRETARY, HOLIDAY)["holidays"]) == 1
    assert client.delete("/calendars/alborz/holidays/2026-12-01", SECRETARY)["holidays"] == []
    backwards = {"date": "2026-12-20", "reason": "x", "starts": "12:00", "ends": "10:00"}
    refused(Invalid, partial(client.post, "/calendars/alborz/closures", SECRETARY, backwards))


def test_nobody_else_changes_anything(client: Client) -> None:
    names = {"name_fa": "نو", "name_en": "New"}
    for path, body in (("territories/merge", {}), ("territories/n1/split", {}), ("territories/n1/rename", names),
                       ("territories/n1/target", {}), ("calendars/alborz/closures", {}), ("calendars/alborz/holidays", {}),
                       ("indicators/i/end", {})):
        refused(NotAllowed, partial(client.post, f"/{path}", CLERK, body))
        refused(Unauthenticated, partial(client.post, f"/{path}", PUBLIC, body))
    for path in ("territories/n1/profile", "indicators/i", "weightings/w", "facilities/f"):
        refused(NotAllowed, partial(client.put, f"/{path}", CLERK, {}))
    for path in ("calendars/alborz/closures/2026-12-20", "calendars/alborz/holidays/2026-12-01"):
        refused(NotAllowed, partial(client.delete, f"/{path}", CLERK))
    refused(NotAllowed, partial(client.get, "/territories/n1/profile/corrections", CLERK, {"year": "1404"}))


def refused(problem: type[Problem], deed: Callable[[], Any]) -> None:
    with pytest.raises(problem):
        deed()
