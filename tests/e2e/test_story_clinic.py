"""A clinic that waits for next year's budget: its clock stands while it does, to the minute, and "why this date" says so."""
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from contracts.schema import instant
from tests.api import Json
from tests.e2e.platforms import RECORDS
from tests.e2e.province import SECRETARY, Province
from tests.e2e.stories import MONTH, a_category, actions, becomes, passes, publishes
from tests.integration.waiting import eventually

CLINIC, PLACE, AGENCY = "clinic-repair", "karaj-hesarak-bala", "alborz-health"
[CALENDAR] = RECORDS["calendars"]
TEHRAN = ZoneInfo(CALENDAR["time_zone"])
HOURS = 21


def worked(start: datetime, end: datetime) -> int:
    """Minutes of working time between two moments by the sample's calendar, counted one by one by no code of the product."""
    opens = {row["weekday"]: (time.fromisoformat(row["opens"]), time.fromisoformat(row["closes"]))
             for row in CALENDAR["office_hours"]}
    holidays = {date.fromisoformat(row["date"]) for row in CALENDAR["holidays"]}
    minutes, at = 0, start
    while at < end:
        local = at.astimezone(TEHRAN)
        hours = opens.get(local.isoweekday())
        minutes += bool(hours and local.date() not in holidays and hours[0] <= local.time() < hours[1])
        at += timedelta(minutes=1)
    return minutes


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_clinic_that_waits_for_its_budget(province: Province) -> None:
    a_category(province, CLINIC, "health-centre", accept_hours=7, finish_hours=HOURS)
    issue = province.file(category=CLINIC, neighbourhood=PLACE, text="سقف درمانگاه محله چکه می‌کند")
    task, agency = f"{issue['id']}-1", partial(province.move, AGENCY, f"{issue['id']}-1")
    assert issue["agency"] == AGENCY and agency("accept").status == 200

    # the agency asks, the secretary sees it and grants it, with the day on which it is looked at again
    next_year = instant(datetime.now(UTC) + MONTH - timedelta(days=1))
    asked = agency("ask-deferral", reason="بودجهٔ امسال تمام شده است", until=next_year)
    assert (asked.status, asked.body["state"]) == (200, "accepted"), "asking moves nothing"
    [waiting] = [each for each in province.api.pages(f"/v1/worklists/waiting?territory={PLACE}", **SECRETARY)
                 if each["id"] == issue["id"]]
    assert waiting["waits"] == ["request"]
    granted = province.api.post(f"/v1/issues/{issue['id']}/tasks/{task}/defer", {}, If_Match="*", **SECRETARY)
    assert (granted.status, granted.body["status"]) == (200, "awaiting_funds")
    publishes(province, "category", CLINIC, {"awaiting_funds": 1, "open": 1, "overdue": 0})

    # a month goes by: the clock stood, nothing is late, and its day of review has come
    passes(province, issue, MONTH)
    seen = becomes(province, issue, "review")
    assert seen["status"] == "awaiting_funds" and "escalate" not in actions(seen)
    eventually("the secretary is told", lambda: province.told(issue),
               until=lambda told: any(letter.endswith("review_due") for letter in told))

    # the funds have come: the deadline moves by the working time for which the clock stood, and by no minute more
    assert agency("resume").body["state"] == "in_progress"
    why: Json = province.api(f"/v1/issues/{issue['id']}/tasks/{task}/deadline")
    [stop] = why["stops"]
    assert stop["kind"] == "awaiting_funds" and moment(stop["end"]) - moment(stop["start"]) > MONTH
    due = moment(why["due"])
    at_work = worked(moment(why["counted_from"]), moment(stop["start"])) + worked(moment(stop["end"]), due)
    assert abs(at_work - HOURS * 60) <= 2, "each of the two moments lies within a minute"
    assert abs(sum(day["minutes"] for day in why["days"]) - HOURS * 60 - worked(
        moment(stop["start"]), moment(stop["end"]))) <= 2
    assert {each["kind"] for day in why["days"] for each in day["why"]} >= {"weekend"}

    # done in time after all, though two months after it was filed
    assert agency("finish", text="سقف عایق شد").body["state"] == "done"
    assert province.say(issue, "confirm", satisfaction=5).body["status"] == "closed"
    publishes(province, "category", CLINIC, {"filed": 1, "closed": 1, "awaiting_funds": 0, "on_time_share": 1.0,
                                             "escalated_share": 0.0, "satisfaction": 5.0})
    [line] = [each for each in province.api("/v1/statistics?by=category")["items"] if each["code"] == CLINIC]
    medians = {clock: found["median"] for clock, found in line["finish_minutes"].items()}
    assert medians["calendar"] > 27 * 24 * 60 and medians["working"] < HOURS * 60
