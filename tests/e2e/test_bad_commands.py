"""Every command with whatever is wrong in it: a stable code, a sentence in the reader's language, and nothing changed."""
from dataclasses import replace
from typing import Any

import pytest

from tests.api import Answer, Json
from tests.e2e.commands import COMMANDS, MISSING, Command
from tests.e2e.problems import is_a_problem
from tests.e2e.province import AGENCY, SECRETARY, Province

OTHERS: tuple[Json, ...] = (  # whose hand none of the commands is in
    {}, {"role": "agency", "subject": "karaj-waste"}, {"role": "reporter", "subject": "fardis-county"},
    {"role": "case_worker", "subject": "fardis-county"}, {"role": "neighbourhood_manager", "subject": "fardis-naz"},
    {"role": "operator"})
WRONG = [(name, field) for name, command in COMMANDS.items() for field in command.wrong]
FUNDS = {"reason": "بودجه نیست", "until": COMMANDS["defer"].good["until"]}


def in_state(province: Province, state: str) -> Json:
    """A new issue in one of the states that COMMANDS names, with another besides."""
    issue = province.file(category="street-children" if state == "case" else "power-cut")
    task, path = f"{issue['id']}-1", f"/v1/issues/{issue['id']}"
    ways: dict[str, list[Any]] = {
        "accepted": [()], "asked": [(), ("ask-extension", FUNDS)],
        "waiting": [(), ("wait", {"reason": "نشانی", "for_whom": "filer"})], "done": [(), ("finish", {"text": "شد"})]}
    ways["awaiting_funds"] = ways["accepted"]
    for step in ways.get(state, []):
        action, said = step or ("accept", {})
        assert province.move(AGENCY, task, action, **said).status == 200
    other = province.file()
    if state == "awaiting_funds":
        province.api(f"{path}/tasks/{task}/defer", FUNDS, If_Match="*", **SECRETARY)
    if state == "duplicate":
        province.api(f"{path}/duplicate-of", {"of": other["id"]}, **SECRETARY)
    return issue | {"task": task, "other": other["id"]}


@pytest.fixture(scope="module")
def issues(province: Province) -> dict[str, Json]:
    """One in each state; nothing that is wrong may change it."""
    return {state: in_state(province, state) for state in {command.state for command in COMMANDS.values()}}


@pytest.fixture(autouse=True)
def nothing_changes(province: Province, issues: dict[str, Json], request: pytest.FixtureRequest) -> Any:
    before = remembered(province, issues)
    yield
    assert remembered(province, issues) == before


def remembered(province: Province, issues: dict[str, Json]) -> Any:
    """What lies stored of all of them, but what the relay and the sweeper note."""
    store, ids = province.mongo["mahalle_issues"], [issue["id"] for issue in issues.values()]
    found = list(store["issues"].find({"_id": {"$in": ids}}, {"outbox": 0, "lease": 0}).sort("_id"))
    return found, *(store[beside].count_documents({"issue": {"$in": ids}}) for beside in ("followers", "messages"))


def send(province: Province, command: Command, issue: Json, body: Json, who: Json | None = None, **headers: str) -> Answer:
    asking, headers = command.who if who is None else who, ({"If_Match": "*"} if command.read else {}) | headers
    if asking.get("role") == "filer":
        asking, headers = {}, {"Issue_Secret": issue["secret"]} | headers
    names = {"issue": issue["id"], "task": issue["task"], "other": issue.get("other", "")}
    said = {name: value.format_map(names) if isinstance(value, str) and value.startswith("{") else value
            for name, value in body.items()}
    return province.api.post(f"/v1/{command.path.format_map(names)}", said, **asking, **headers)


@pytest.mark.parametrize(("name", "field"), WRONG)
def test_a_field_that_is_wrong_is_pointed_at(province: Province, issues: dict[str, Json], name: str, field: str) -> None:
    command = COMMANDS[name]
    for value in command.wrong[field]:
        rest = {each: said for each, said in command.good.items() if each != field}
        for language in ("fa", "en"):
            answer = send(province, command, issues[command.state], rest if value is MISSING else rest | {field: value},
                          Accept_Language=language)
            assert answer.status == 422, f"{field} = {str(value)[:40]!r}: {answer.status} {answer.body}"
            is_a_problem(answer, 422, language)
            pointers = [each["pointer"] for each in answer.body["errors"]]
            assert pointers and all(f"{each}/".startswith(f"/{field}/") for each in pointers), (value, answer.body)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_field_that_is_not_known_is_pointed_at(province: Province, issues: dict[str, Json], name: str) -> None:
    command = COMMANDS[name]
    for language in ("fa", "en"):
        answer = send(province, command, issues[command.state], command.good | {"colour": "red"}, Accept_Language=language)
        is_a_problem(answer, 422, language)
        assert [each["pointer"] for each in answer.body["errors"]] == ["/colour"]


@pytest.mark.parametrize("name", COMMANDS)
def test_who_may_not_is_told_so_or_that_nothing_is_there(province: Province, issues: dict[str, Json], name: str) -> None:
    command = COMMANDS[name]
    for who in OTHERS:
        answer = send(province, command, issues[command.state], command.good, who)
        assert answer.status in (401, 403, 404), f"{who}: {answer.status} {answer.body}"
        is_a_problem(answer, answer.status)


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_not_there_is_not_found(province: Province, issues: dict[str, Json], name: str) -> None:
    command = COMMANDS[name]
    nothing = issues[command.state] | {"id": "no-such-issue", "task": "no-such-task"}
    answer = send(province, command, nothing, command.good)
    is_a_problem(answer, 404)
    assert answer.body["code"] == "not_found"


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if name not in ("join", "write")])
def test_a_version_that_has_passed_is_told(province: Province, issues: dict[str, Json], name: str) -> None:
    command = COMMANDS[name]
    answer = send(province, command, issues[command.state], command.good, If_Match='"v99"')
    is_a_problem(answer, 412)
    assert answer.body["code"] == "changed_meanwhile"


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if command.read])
def test_what_rests_on_what_was_read_needs_its_version(province: Province, issues: dict[str, Json], name: str) -> None:
    answer = send(province, replace(COMMANDS[name], read=False), issues[COMMANDS[name].state], COMMANDS[name].good)
    is_a_problem(answer, 428)
    assert answer.body["code"] == "precondition_required"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_same_command_said_rightly_is_carried_out(province: Province, name: str) -> None:
    """So that it is the wrong thing that was refused above, and nothing else."""
    command = COMMANDS[name]
    issue = in_state(province, command.state)
    answer = send(province, command, issue, command.good)
    assert answer.status in (200, 201), answer.body
