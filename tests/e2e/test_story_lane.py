"""A lane without lighting, in a target neighbourhood: nobody comes, it is done, it is not, it is; and dark again."""
from collections.abc import Callable

from tests.e2e.province import SECRETARY, Desk, Province
from tests.e2e.stories import MONTH, a_category, actions, becomes, passes, publishes
from tests.integration.waiting import eventually

LANE, LIGHTING, AGENCY = "karaj-eslamabad", "lane-lighting", "alborz-electricity"
TEXT = "کوچهٔ شهید رضایی از سر شب کاملاً تاریک است و سه تیر برق لامپ ندارد"
AS_ANOTHER_SAYS_IT = "سلام، تیر برق کوچه ی شهید رضایی لامپ ندارد، شب تاریک است"
PHOTOGRAPH = "https://example.org/lane.jpg"
LADDER = [{"after_hours": 0, "to": "neighbourhood_manager"}, {"after_hours": 0, "to": "agency_head"},
          {"after_hours": 2, "to": "county_headquarters"}]


def test_a_lane_without_lighting(province: Province, desk: Callable[[str], Desk]) -> None:
    a_category(province, LIGHTING, "street-lighting", photograph=True, ladder=LADDER, reopen_days=14)

    # a volunteer files for a neighbour, and both are told
    issue = province.file(category=LIGHTING, neighbourhood=LANE, text=TEXT, on_behalf_of={
        "name": "ننه صغری", "email": "soghra@example.org", "phone": "09120000000"})
    assert (issue["status"], issue["agency"]) == ("routed", AGENCY)
    eventually("both are told", lambda: province.told(issue),
               until=lambda told: {"filer: filed", "on_behalf_of: filed_for_you"} <= told.keys())
    assert "soghra" not in str(province.seen_by_all(issue)) + str(province.api("/v1/issues?q=رضایی"))
    task = f"{issue['id']}-1"

    # another is about to file the same, is shown it, and joins in
    query = f"category={LIGHTING}&neighbourhood={LANE}&text={AS_ANOTHER_SAYS_IT}"
    [suggested] = province.api(f"/v1/issues/similar?{query}")["items"]
    assert suggested["tracking_code"] == issue["tracking_code"]
    joined = province.api.post(f"/v1/issues/{suggested['tracking_code']}/join", {
        "contact": {"email": "neighbour@example.org"}}, role="resident", Idempotency_Key="lane-neighbour")
    assert (joined.status, joined.body["joined"]) == (201, 1)

    # nobody accepts, and then nobody finishes: it climbs the ladder twice by itself, and the agency comes late
    passes(province, issue, MONTH)
    seen = becomes(province, issue, "escalate", 6)
    steps = [moved["changes"]["to"][1] for moved in seen["timeline"] if moved["action"] == "escalate"]
    assert steps == [each["to"] for each in LADDER] * 2 and seen["status"] == "routed"
    agency = desk(AGENCY)
    assert agency.hears("task_offered", issue_id=issue["id"])["text"] == TEXT
    assert agency.answers(task, "accept")["state"] == "accepted"

    # done, but only with a photograph
    bare = agency.answers(task, "finish", text="سه لامپ نصب شد")
    assert (bare["kind"], bare["code"]) == ("answer_refused", "photograph_needed")
    assert agency.answers(task, "finish", text="سه لامپ نصب شد", photograph=PHOTOGRAPH)["state"] == "done"
    eventually("who joined is told", lambda: province.told(issue), until=lambda told: "follower: followed_done" in told)

    # not fixed, and done again
    assert province.say(issue, "not-fixed", reason="یک لامپ دوباره سوخت").body["status"] == "in_progress"
    assert agency.hears("task_changed", task_id=task)["state"] == "in_progress"
    assert agency.answers(task, "finish", text="لامپ عوض شد", photograph=PHOTOGRAPH)["state"] == "done"

    # confirmed and closed
    assert province.say(issue, "confirm", satisfaction=4, words="دیر آمدند ولی آمدند").body["status"] == "closed"
    publishes(province, "category", LIGHTING, {
        "filed": 1, "closed": 1, "confirmed": 1, "satisfaction": 4.0, "not_fixed": 1, "not_fixed_share": 1.0,
        "on_time_share": 0.0, "on_time_of": 1, "escalated_share": 1.0, "reopened_share": 0.0}, territory=LANE)

    # dark again, within the window: opened, not filed anew
    passes(province, issue, MONTH / 4)
    assert province.say(issue, "not-fixed", reason="باز خاموش شد").body["status"] == "in_progress"
    assert agency.answers(task, "finish", text="کابل عوض شد", photograph=PHOTOGRAPH)["state"] == "done"

    # nobody answers: closed by silence, which is not a confirmation
    passes(province, issue, MONTH)
    silent = becomes(province, issue, "close")
    assert (silent["status"], silent["closed_by"], silent["satisfaction"]) == ("closed", "silence", None)
    publishes(province, "category", LIGHTING, {
        "filed": 1, "closed": 1, "confirmed": 0, "satisfaction": None, "not_fixed": 2, "reopened_share": 1.0,
        "silence_share": 1.0, "on_time_share": 0.0})
    publishes(province, "agency", AGENCY, {"filed": 1, "solved": 1, "not_fixed": 2, "escalated_share": 1.0},
              category=LIGHTING)

    # the window is over
    passes(province, issue, MONTH)
    late = province.say(issue, "not-fixed", reason="باز هم خاموش است")
    assert (late.status, late.body["code"]) == (409, "reopening_over")
    assert actions(province.seen_by_filer(issue)) == [
        "file", "offer", *["escalate"] * 6, "accept", "finish", "redo", "finish", "confirm", "reopen", "redo", "finish",
        "close"]
    assert province.api(f"/v1/issues/{issue['id']}", **SECRETARY)["tasks"][0]["photograph"] == PHOTOGRAPH
