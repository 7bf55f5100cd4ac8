"""What the stories of an issue's life share: categories of their own, time that goes by, and numbers that come true."""
from datetime import timedelta
from typing import Any

from tests.api import Json
from tests.e2e.province import PLACE, SECRETARY, Province
from tests.integration.times import move_back
from tests.integration.waiting import eventually

MONTH = timedelta(weeks=4)  # whole weeks: working days stay working days


def a_category(province: Province, code: str, parent: str, **values: Any) -> None:
    """A category of its own below one of the sample, routed as that is; returns when everybody knows it."""
    said = {"name_fa": f"دستهٔ {code}", "name_en": code, "parent": parent, "accept_hours": 1, "finish_hours": 7} | values
    answer = province.api.put(f"/v1/categories/{code}", said, role="operator")
    assert answer.status == 200, answer.body
    asked = {"category": code, "neighbourhood": PLACE}
    eventually(f"{code} is routed", lambda: province.api.post("/v1/routing/try", asked, **SECRETARY).status,
               until=lambda status: status == 200)
    eventually(f"{code} is counted", lambda: province.api.get(f"/v1/statistics?category={code}").status,
               until=lambda status: status == 200)


def passes(province: Province, issue: Json, time: timedelta) -> None:
    """So much time goes by for one issue."""
    move_back(province.mongo["mahalle_issues"]["issues"], issue["id"], time)


def actions(issue: Json) -> list[str]:
    """What happened, by the timeline; what the clock reckoned anew because a test moved the times is left out."""
    return [moved["action"] for moved in issue["timeline"] if moved["action"] != "reschedule"]


def becomes(province: Province, issue: Json, action: str, times: int = 1) -> Json:
    """The issue as its filer sees it, as soon as this has happened so often."""
    return eventually(f"{action} × {times}", lambda: province.seen_by_filer(issue),
                      until=lambda seen: actions(seen).count(action) == times)


def publishes(province: Province, by: str, code: str, expected: Json, **narrowed: str) -> None:
    """Returns when a published line says so."""
    query = "&".join(f"{name}={value}" for name, value in {"by": by, **narrowed}.items())

    def line() -> Json:
        found: Json = next((each for each in province.api(f"/v1/statistics?{query}")["items"] if each["code"] == code), {})
        return {name: found.get(name) for name in expected}

    eventually(f"the numbers of {code} by {by}", line, until=lambda seen: seen == expected)
