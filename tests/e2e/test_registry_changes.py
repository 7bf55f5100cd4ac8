"""What changes in the registry changes what happens next, in every process of `issues`, and needs no restart."""
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from chassis.caller import Caller
from chassis.clock import now
from chassis.http_client import Client
from deploy.local.ports import free_ports
from tests.api import Answer, Json
from tests.builders import a_square
from tests.e2e.province import AGENCY, CATEGORY, PLACE, SECRETARY, Province
from tests.integration.processes import Process, run_of
from tests.integration.waiting import eventually

OTHER = "karaj-municipality"
RULE = "power-cut-of-mehrvilla"
NOWHERE = {"lon": 55.0, "lat": 30.0}  # in no neighbourhood of the sample
WHOLE_WEEK = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(1, 8)]
AN_HOUR_A_DAY = [each | {"opens": "08:00", "closes": "09:00"} for each in WHOLE_WEEK]
keys = count()


class Second:
    """A second process of `issues` beside the platform's own, asked without the gateway."""

    def __init__(self, province: Province, process: Process) -> None:
        self._client = Client(f"http://127.0.0.1:{process.port}", province.platform.environment["MAHALLE_INTERNAL_SECRET"])

    def file(self, **body: Any) -> Json:
        """The outcome of one filing, straight from this process."""
        filing = {"caller": "resident:second", "key": f"second-{next(keys)}",
                  "body": {"category": CATEGORY, "text": "متن"} | body}
        [outcome] = self._client.post("/filings", Caller("service", "gateway"), {"filings": [filing]})["outcomes"]
        return dict(outcome.get("issue") or outcome["problem"])


@pytest.fixture(scope="module")
def second(province: Province, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Second]:
    log: Path = tmp_path_factory.mktemp("second") / "issues.log"
    process = Process(run_of("issues"), province.platform.environment, free_ports(1)[0], log).start()
    yield Second(province, process)
    process.stop()


def put(province: Province, path: str, **values: Any) -> Answer:
    there = province.api.get(f"/v1/{path}")
    seen = {"If_Match": there.headers["ETag"]} if there.status == 200 else {}
    answer = province.api.put(f"/v1/{path}", values, **seen, **SECRETARY)
    assert answer.status == 200, answer.body
    return answer


def end(province: Province, path: str) -> None:
    read = province.api.get(f"/v1/{path}").headers["ETag"]
    assert province.api.post(f"/v1/{path}/end", {}, If_Match=read, **SECRETARY).status == 200


def routed(province: Province, second: Second, **body: Any) -> list[str | None]:
    """Whom the platform's own process and the second one give the same filing."""
    where = body or {"neighbourhood": PLACE}
    return [province.file(**{"neighbourhood": None, **where})["agency"], second.file(**where).get("agency")]


def rule(**given: Any) -> Json:
    return {"category": CATEGORY, "territory": PLACE, "agency": OTHER, "priority": 0} | given


def test_a_rule_routes_from_now_on_until_it_ends(province: Province, second: Second) -> None:
    assert routed(province, second) == [AGENCY, AGENCY]
    put(province, f"rules/{RULE}", **rule())
    eventually("both route by the new rule", lambda: routed(province, second), until=lambda seen: seen == [OTHER, OTHER])
    end(province, f"rules/{RULE}")
    eventually("both route as before", lambda: routed(province, second), until=lambda seen: seen == [AGENCY, AGENCY])


def test_an_agency_that_has_ended_gets_nothing(province: Province, second: Second) -> None:
    found = province.api(f"/v1/agencies/{OTHER}")
    values = {name: found[name] for name in ("name_fa", "name_en", "level", "territory")} | {"channel": "pull"}
    put(province, "agencies/short-lived", **values)
    put(province, "rules/short-lived", **rule(agency="short-lived"))
    eventually("both know it", lambda: routed(province, second), until=lambda seen: seen == ["short-lived"] * 2)
    end(province, "agencies/short-lived")
    eventually("both pass it over", lambda: routed(province, second), until=lambda seen: seen == [AGENCY] * 2)
    end(province, "rules/short-lived")


def test_a_boundary_decides_where_a_point_lies(province: Province, second: Second) -> None:
    assert second.file(point=NOWHERE)["code"] == "outside"
    whole = next(each for each in province.api.pages("/v1/neighbourhoods") if each["code"] == PLACE)["polygon"]
    put(province, f"boundaries/{PLACE}", polygon={"type": "MultiPolygon", "coordinates": [
        whole["coordinates"], a_square(54.99, 29.99, 0.02)["coordinates"]]})

    def found() -> list[str | None]:
        filed = province.api.post("/v1/issues", {"category": CATEGORY, "text": "متن", "point": NOWHERE}, role="resident")
        return [second.file(point=NOWHERE).get("neighbourhood"), filed.body.get("neighbourhood")]

    eventually("both find it", found, until=lambda seen: seen == [PLACE, PLACE])
    put(province, f"boundaries/{PLACE}", polygon=whole)
    eventually("it is outside again", lambda: second.file(point=NOWHERE).get("code"), until=lambda seen: seen == "outside")


def test_a_calendar_that_changes_changes_the_next_deadline(province: Province, second: Second) -> None:
    def due() -> datetime:
        issue = province.file()
        return datetime.fromisoformat(province.seen_by_all(issue)["tasks"][0]["due"])

    before = province.api.get("/v1/calendars/alborz")
    values = {"time_zone": "Asia/Tehran", "weekend": [], "office_hours": WHOLE_WEEK, "holidays": [], "closures": []}
    put(province, "calendars/alborz", **values)
    hours = province.api("/v1/categories/power-cut")["finish_hours"]
    soon = now() + timedelta(hours=hours, minutes=1)
    eventually("every hour counts", due, until=lambda seen: seen < soon)
    put(province, "calendars/alborz", **values | {"office_hours": AN_HOUR_A_DAY})
    eventually("one hour a day counts", due, until=lambda seen: seen > now() + timedelta(days=hours - 2))
    if before.status == 200:
        kept = ("time_zone", "weekend", "office_hours", "holidays", "closures")
        put(province, "calendars/alborz", **{name: before.body[name] for name in kept})
    else:
        end(province, "calendars/alborz")


def test_a_term_decides_who_is_told(province: Province) -> None:
    seat = f"{PLACE}-second-manager"
    person = province.api.post("/v1/people", {"name_fa": "مینا نمونه", "email": "mina@example.org"}, **SECRETARY).body
    put(province, f"seats/{seat}", role="neighbourhood_manager", territory=PLACE)

    def told_to_mina() -> bool:
        issue = province.file()
        eventually("the filer was told", lambda: province.told(issue).get("filer: filed"))
        deliveries = province.api(f"/v1/issues/{issue['id']}/deliveries", **SECRETARY)["items"]
        return seat in {each["to"]["ref"] for each in deliveries}

    assert not told_to_mina()
    assert province.api.post(f"/v1/seats/{quote(seat)}/appoint", {"person": person["id"], "how": "appointed"},
                             **SECRETARY).status == 200
    eventually("she is told", told_to_mina)
    read = province.api.get(f"/v1/seats/{quote(seat)}", **SECRETARY).headers["ETag"]
    assert province.api.post(f"/v1/seats/{quote(seat)}/vacate", {"reason": "پایان دوره"}, If_Match=read,
                             **SECRETARY).status == 200
    eventually("she is told no more", told_to_mina, until=lambda seen: not seen)


def test_with_the_registry_down_filing_and_routing_go_on(province: Province, second: Second) -> None:
    province.platform.processes["registry"].kill()
    assert routed(province, second) == [AGENCY, AGENCY]
    eventually("it is back", lambda: province.api.get(f"/v1/agencies/{OTHER}").status, until=lambda seen: seen == 200)
