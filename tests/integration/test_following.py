"""Joining an issue and marking duplicates, in a real MongoDB: each counts once and nobody is lost, whoever dies."""
import threading
from typing import Any

import pytest

from chassis.caller import Caller
from chassis.clock import now
from contracts.errors import Unavailable
from services.issues.documents import FOLLOWING, Follower, IssueDocument
from services.issues.finding import lists
from services.issues.life.command import Command
from services.issues.model import Issue
from services.issues.neighbours import duplicates, following, marking
from services.issues.neighbours.following import Following, address_of, contacts
from services.issues.use_cases import look
from tests.integration.conftest import Connect
from tests.integration.meeting import ABFA, CONTACT, PUBLIC, SECRETARY, Meeting, refused, stored, told, winning


@pytest.fixture
def meeting(database: Connect) -> Meeting:
    database("issues")
    return Meeting()


def numbers(*filed: dict[str, Any]) -> list[int]:
    return [stored(each["id"])["joined"] for each in filed]


def people(issue: dict[str, Any], limit: str = "50") -> list[str]:
    """Kind and ref of all who may be told of an issue, from every page; a follower's ref is their issue's."""
    found: list[str] = []
    query = {"limit": limit}
    while True:
        page = contacts(issue["id"], query)
        found += [f"{each['kind']} {each['ref'].partition(':')[0]}" for each in page["items"]]
        if not page["next_cursor"]:
            return sorted(found)
        query["cursor"] = page["next_cursor"]


# joining and leaving

def test_who_joins_is_counted_told_and_can_leave(meeting: Meeting) -> None:
    issue = meeting.files()
    joined = meeting.joins(issue["tracking_code"])
    assert joined["joined"] == 1 and joined["issue_id"] == issue["id"] and joined["tracking_code"] == issue["tracking_code"]
    assert told(issue["id"]).count("issue_joined") == 1 and meeting.joins(issue["id"])["joined"] == 2
    assert meeting.following.leave(issue["id"], PUBLIC, joined["secret"], now())["joined"] == 1
    assert people(issue) == sorted([f"filer {issue['id']}", f"follower {issue['id']}"])


def test_the_same_key_of_the_same_caller_is_one_person_and_of_another_caller_another(meeting: Meeting) -> None:
    issue = meeting.files()
    first = meeting.joins(issue["id"], key="k")
    assert meeting.joins(issue["id"], key="k") == first and first["joined"] == 1
    assert meeting.joins(issue["id"], key="k", caller=Caller("resident", "other"))["joined"] == 2
    assert told(issue["id"]).count("issue_joined") == 2
    assert refused(lambda: meeting.joins(issue["id"], key="k", contact=None)) == "idempotency_key_reused"


def test_a_follower_stays_gone_although_the_request_to_join_comes_again(meeting: Meeting) -> None:
    issue = meeting.files()
    joined = meeting.joins(issue["id"], key="k")
    for _ in range(2):
        assert meeting.following.leave(issue["id"], PUBLIC, joined["secret"], now())["joined"] == 0
    assert meeting.joins(issue["id"], key="k")["joined"] == 0
    assert "zahra" not in str(list(Follower._get_collection().find()))


def test_only_a_followers_secret_of_this_issue_lets_somebody_leave(meeting: Meeting) -> None:
    issue, other = meeting.files(), meeting.files()
    joined = meeting.joins(issue["id"])
    for ref, secret in ((other, joined["secret"]), (issue, issue["secret"]), (issue, "x")):
        assert refused(meeting.following.leave, ref["id"], PUBLIC, secret, now()) == "not_found"
    assert refused(meeting.following.leave, issue["id"], PUBLIC, None, now()) == "secret_or_key_needed"
    assert numbers(issue) == [1]


def test_who_has_signed_in_leaves_what_they_joined_without_a_secret_and_nothing_else(meeting: Meeting) -> None:
    issue, other = meeting.files(), meeting.files()
    reza, sara = (Caller("resident", name, f"resident:{name}") for name in ("reza", "sara"))
    for caller in (reza, sara):
        meeting.joins(issue["id"], caller=caller)
    assert meeting.following.leave(issue["id"], reza, None, now())["joined"] == 1
    assert meeting.following.leave(issue["id"], reza, None, now())["joined"] == 1, "left twice is left once"
    program = Caller("resident", "sara", "key:7")
    for ref, caller in ((issue, program), (other, sara)):
        assert refused(meeting.following.leave, ref["id"], caller, None, now()) == "not_found"


def test_a_secretary_joins_in_their_place_alone(meeting: Meeting) -> None:
    issue = meeting.files(neighbourhood="n1")
    assert refused(lambda: meeting.joins(issue["id"], caller=Caller("secretary", "n2"))) == "not_your_place"
    assert meeting.joins(issue["id"], caller=Caller("secretary", "karaj"))["joined"] == 1


def test_a_process_that_died_before_counting_lost_nobody(meeting: Meeting, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = meeting.files()

    def dies(*given: Any) -> int:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Following, "recount", dies)
        for key in ("k1", "k2"):
            with pytest.raises(SystemExit):
                meeting.joins(issue["id"], key=key)
    assert numbers(issue) == [0] and len(people(issue)) == 3
    assert meeting.joins(issue["id"], key="k1")["joined"] == 2  # the same request again puts the number right
    assert told(issue["id"]).count("issue_joined") == 1


def test_many_who_join_at_once_are_all_counted(meeting: Meeting) -> None:
    issue = meeting.files()
    answers: list[int] = []

    def join(number: int) -> None:
        for again in range(20):
            try:
                answers.append(meeting.joins(issue["id"], key=f"k{number}")["joined"])
                return
            except Unavailable:  # others were faster, too often in a row
                assert again < 19

    threads = [threading.Thread(target=join, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 16 and max(answers) == 16 and numbers(issue) == [16]
    assert "timeline" in stored(issue["id"]) and len(stored(issue["id"])["timeline"]) == 2  # it does not grow with them


def test_a_number_counted_before_somebody_else_joined_is_not_written_after(
        meeting: Meeting, monkeypatch: pytest.MonkeyPatch) -> None:
    issue, counted, others = meeting.files(), following.count, [True]

    def slow(issue_id: str) -> int:
        found = counted(issue_id)
        if others:
            others.pop()
            meeting.joins(issue["id"], key="faster")
        return found

    monkeypatch.setattr(following, "count", slow)
    assert meeting.joins(issue["id"], key="slow")["joined"] == 2 and numbers(issue) == [2]


def ended(issue: Issue) -> None:
    issue.withdraw(None, now())


def test_what_has_ended_or_is_confidential_is_not_joined(meeting: Meeting) -> None:
    over, case = meeting.files(), meeting.files(category="child")
    meeting.does(over["id"], ended)
    assert refused(lambda: meeting.joins(over["id"])) == "issue_ended"
    assert refused(lambda: meeting.joins(case["id"])) == refused(lambda: meeting.joins("no-such")) == "not_found"
    assert not Follower._get_collection().find_one()


def test_who_leaves_an_ended_issue_changes_its_number_and_tells_nobody(meeting: Meeting) -> None:
    issue = meeting.files()
    joined = meeting.joins(issue["id"])
    meeting.does(issue["id"], ended)
    assert meeting.following.leave(issue["id"], PUBLIC, joined["secret"], now())["joined"] == 0
    assert told(issue["id"]).count("issue_joined") == 1


# who may be told

def test_a_volunteer_and_the_neighbour_they_file_for_are_both_known(meeting: Meeting) -> None:
    issue = meeting.files(on_behalf_of={"name": "رضا", "phone": "09121234567", "email": "reza@example.org"})
    assert people(issue) == [f"filer {issue['id']}", f"on_behalf_of {issue['id']}"]
    assert address_of(issue["id"], "on_behalf_of")["email"] == "reza@example.org"
    assert address_of(meeting.files()["id"], "on_behalf_of") == {}


def test_a_followers_address_is_given_under_their_own_issue_alone(meeting: Meeting) -> None:
    issue, other = meeting.files(), meeting.files()
    meeting.joins(issue["id"])
    [follower] = [each["ref"] for each in contacts(issue["id"], {})["items"] if each["kind"] == "follower"]
    assert address_of(issue["id"], follower) == CONTACT
    assert refused(lambda: address_of(other["id"], follower)) == refused(lambda: address_of(issue["id"], "x")) == "not_found"


def test_who_left_no_address_is_counted_and_not_listed(meeting: Meeting) -> None:
    issue = meeting.files(contact=None)
    assert meeting.joins(issue["id"], contact=None)["joined"] == 1 and people(issue) == []


@pytest.mark.parametrize("limit", ["1", "2", "50"])
def test_every_page_together_is_everybody_once_and_read_by_index(meeting: Meeting, database: Connect, limit: str) -> None:
    root, one, two = (meeting.files() for _ in range(3))
    for issue in (root, root, one, two, two):
        meeting.joins(issue["id"])
    for issue in (one, two):
        meeting.marks(issue["id"], root["id"])
    assert people(root, limit) == sorted([f"filer {each['id']}" for each in (root, one, two)] + [
        f"follower {each['id']}" for each in (root, root, one, two, two)])
    wanted = {"issue": {"$in": [root["id"], one["id"]]}, "left": False, "reachable": True, "_id": {"$gt": ""}}
    plan = winning(database, {"find": "followers", "filter": wanted, "sort": {"issue": 1, "_id": 1}, "hint": FOLLOWING})
    assert "COLLSCAN" not in plan and "'SORT'" not in plan


# duplicates

def test_who_follows_a_duplicate_follows_the_original_at_once_and_no_more_when_it_is_none(meeting: Meeting) -> None:
    first, second = meeting.files(), meeting.files()
    meeting.joins(first["id"])
    meeting.joins(second["id"])
    assert meeting.marks(second["id"], first["tracking_code"]).status == "duplicate"
    assert numbers(first, second) == [3, 1] and told(first["id"]).count("issue_joined") == 2
    assert meeting.joins(second["id"])["issue_id"] == first["id"] and numbers(first) == [4]
    assert meeting.unmarks(second["id"]).status == "routed"
    assert numbers(first, second) == [1, 2] and people(first) == sorted([f"filer {first['id']}", f"follower {first['id']}"])


def test_a_duplicate_of_a_duplicate_points_to_the_first_and_brings_its_own(meeting: Meeting) -> None:
    first, second, third, fourth = (meeting.files() for _ in range(4))
    meeting.marks(second["id"], first["id"])
    meeting.marks(third["id"], second["id"])
    assert stored(third["id"])["duplicate_of"] == first["id"] and numbers(first) == [2]
    meeting.marks(first["id"], fourth["id"])
    assert duplicates.root_of(duplicates.named(third["id"]))["_id"] == fourth["id"] and numbers(fourth) == [3]
    meeting.unmarks(first["id"])
    assert numbers(first, fourth) == [2, 0]


def test_an_issue_is_no_duplicate_of_itself_of_its_own_duplicate_or_of_what_is_not_there(meeting: Meeting) -> None:
    first, second, case = meeting.files(), meeting.files(), meeting.files(category="child")
    meeting.marks(second["id"], first["id"])
    before = stored(first["id"])
    for of, code in ((first["id"], "own_duplicate"), (second["id"], "own_duplicate"), ("none", "unknown_issue"),
                     (case["id"], "unknown_issue")):
        assert refused(meeting.marks, first["id"], of) == code
    assert refused(lambda: meeting.marks(case["id"], first["id"])) == "not_found"
    assert refused(lambda: meeting.marks(second["id"], meeting.files()["id"])) == "issue_ended"
    assert refused(lambda: meeting.unmarks(first["id"])) == "no_duplicate"
    assert stored(first["id"]) == before


def test_a_withdrawn_original_takes_no_duplicates_and_a_closed_one_does(meeting: Meeting) -> None:
    over, closed, issue = (meeting.files() for _ in range(3))
    meeting.does(over["id"], ended)
    IssueDocument._get_collection().update_one({"_id": closed["id"]}, {"$set": {"ending": "closed", "closed_at": now()}})
    assert refused(lambda: meeting.marks(issue["id"], over["id"])) == "original_ended"
    meeting.marks(issue["id"], closed["id"])
    assert numbers(closed) == [1] and "issue_joined" not in told(closed["id"])


@pytest.mark.parametrize("body", [
    {}, {"of": ""}, {"of": "x" * 61}, {"of": 7}, {"of": "x", "reason": "  "}, {"of": "x", "more": 1}])
def test_a_bad_mark_is_refused_and_changes_nothing(meeting: Meeting, body: dict[str, Any]) -> None:
    issue = meeting.files()
    before = stored(issue["id"])
    assert refused(lambda: meeting.marking.mark(issue["id"], body, SECRETARY, Command("c", "a"))) == "invalid"
    assert stored(issue["id"]) == before


def test_the_same_mark_again_counts_what_a_dead_process_did_not(meeting: Meeting, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = meeting.files(), meeting.files()

    def dies(*given: Any) -> int:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(Following, "recount", dies)
        meeting.marks(second["id"], first["id"], key="k")
    assert numbers(first) == [0]
    meeting.marks(second["id"], first["id"], key="k")
    assert numbers(first) == [1] and told(second["id"]).count("issue_marked_duplicate") == 1


def test_two_secretaries_who_mark_each_others_issue_at_once_make_no_circle(
        meeting: Meeting, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = meeting.files(), meeting.files()
    demanded, others = duplicates.demand_original, [True]

    def slow(issue: dict[str, Any], of: str) -> dict[str, Any]:
        root = demanded(issue, of)
        if others:
            others.pop()
            meeting.marks(second["id"], first["id"])
        return root

    monkeypatch.setattr(marking, "demand_original", slow)
    assert refused(lambda: meeting.marks(first["id"], second["id"])) == "own_duplicate"
    assert stored(second["id"])["duplicate_of"] == first["id"] and stored(first["id"])["duplicate_of"] is None
    assert stored(first["id"])["status"] != "duplicate"


def test_a_circle_that_is_there_all_the_same_is_walked_once(meeting: Meeting) -> None:
    first, second = meeting.files(), meeting.files()
    for one, other in ((first, second), (second, first)):
        IssueDocument._get_collection().update_one({"_id": one["id"]}, {"$set": {"duplicate_of": other["id"]}})
    assert len(duplicates.chain(duplicates.named(first["id"]))) == 2
    assert duplicates.below(first["id"]) == [second["id"]] and duplicates.is_circle(first["id"])


def test_the_filer_of_a_duplicate_sees_the_originals_code_and_state_unless_it_is_confidential(meeting: Meeting) -> None:
    first, second = meeting.files(), meeting.files()

    def seen() -> dict[str, Any]:
        return duplicates.with_original(look(second["tracking_code"], PUBLIC, second["secret"]))

    assert "original" not in seen()
    meeting.marks(second["id"], first["id"])
    assert seen()["original"] == {"id": first["id"], "tracking_code": first["tracking_code"], "status": "routed"}
    assert look(first["id"], PUBLIC, None)["joined"] == 1
    IssueDocument._get_collection().update_one({"_id": first["id"]}, {"$set": {"confidential": True}})
    assert seen()["original"] is None and first["id"] not in str(seen())


def test_a_list_does_not_name_a_first_issue_that_is_confidential(meeting: Meeting) -> None:
    """Who reads the duplicate would know what the case is about."""
    first, second = meeting.files(), meeting.files()
    meeting.marks(second["id"], first["id"])

    def named() -> list[str | None]:
        [listed] = [each for each in lists.listed({}, PUBLIC, meeting.atlas)["items"] if each["id"] == second["id"]]
        [task] = [each for each in lists.tasks_of("abfa", {})["items"] if each["issue_id"] == second["id"]]
        return [each["duplicate_of"] for each in (listed, task["issue"], lists.task_of(ABFA, task["id"])["issue"])]

    assert named() == [first["id"]] * 3
    IssueDocument._get_collection().update_one({"_id": first["id"]}, {"$set": {"confidential": True}})
    assert named() == [None] * 3


def test_duplicates_are_found_by_an_index(meeting: Meeting, database: Connect) -> None:
    plan = winning(database, {"find": "issues", "filter": {"duplicate_of": {"$in": ["a", "b"]}}})
    assert "duplicate_of_1__id_1" in plan
