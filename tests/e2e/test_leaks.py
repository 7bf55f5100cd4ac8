"""Nobody learns through any surface what is not theirs: a filer's address, what an agency asks for, a word of a case.

Every address that is read is asked by every role about an issue and a case that were really lived, and whatever comes back
is looked through: bodies in every format, all headers, and what cursors hold. And what is hidden is answered as what is not
there, to the letter and in the same time.
"""
import base64
import json
import re
import statistics
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from contracts import policy
from deploy.describe.routes import Route
from tests.api import Json
from tests.e2e.province import AGENCY, CATEGORY, PLACE, Province
from tests.e2e.walking import ELSEWHERE, NOBODY, SUBJECTS, Things, body_of, front
from tests.integration.waiting import eventually

CASE_AGENCY = "karaj-welfare"
ADDRESSES = ("beryl@example.org", "09351112201", "پدرام بریل", "neighbour-beryl@example.org", "joiner-beryl@example.org")
DESK = ("قطعهٔ کهربا", "کهربا به انبار")  # what an agency asks a secretary for, and why
PARTIES = "پیام فیروزه"
CASE = ("زنی در کوچهٔ یشم", "یشم شکسته", "jade@example.org", "09351112202", "نیازسنجی یاقوت", "بخش عقیق", "پاسخ لاجورد")
EVERYBODY = [(role, SUBJECTS.get(role, "")) for role in policy.OUTSIDE]
STRANGERS = [("public", ""), ("resident", "other"), ("agency", "karaj-waste"), ("operator", ""),
             *((role, ELSEWHERE[role]) for role in policy.OF_A_PLACE), ("neighbourhood_manager", PLACE), ("reporter", PLACE)]
CHANGING = re.compile(r'"(trace|request)":"[^"]*",?')
UNLIKE = ("traceparent", "x-request-id", "date", "ratelimit", "server-timing")  # headers that tell of the request alone
TIMES, SLOWER, ROUNDS = 40, 1.5, 3


@dataclass(frozen=True)
class Heard:
    """All that came back: `words` are the status, the headers and the body, and what its cursors hold."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def words(self) -> str:
        found = [self.body, *self.headers.values()]
        for cursor in re.findall(r'(?:"next_cursor":"|cursor=)([\w=%-]+)', "".join(found)):
            found.append(base64.urlsafe_b64decode(cursor + "==").decode(errors="replace"))
        return " ".join(found)

    @property
    def alike(self) -> tuple[Any, ...]:
        """What two answers that tell the same have in common."""
        headers = {name: value for name, value in self.headers.items() if not name.startswith(UNLIKE)}
        return self.status, headers, CHANGING.sub("", self.body)


def hear(province: Province, method: str, path: str, who: tuple[str, str], body: Any = None, **headers: str) -> Heard:
    role, subject = who
    sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    if role != "public":
        sent["Authorization"] = f"Bearer {province.api.key_of(role, subject)}"
    content = body.encode() if isinstance(body, str) else None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(province.api.address + quote(path, safe="/?&=%+,:"), content, sent, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return heard(answer)
    except urllib.error.HTTPError as error:
        with error:
            return heard(error)


def heard(answer: Any) -> Heard:
    return Heard(answer.status, {name.lower(): value for name, value in answer.headers.items()}, unescaped(answer.read()))


def unescaped(body: bytes) -> str:
    """Persian letters as such, however the format writes them."""
    text = body.decode()
    return re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), re.sub(
        r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text))


@pytest.fixture(scope="module")
def things(province: Province) -> Things:
    """An issue with everything that can be said on one, and a case with everything that can be said in one."""
    issue = province.file(text="چراغ کوچه", contact={"name": ADDRESSES[2], "email": ADDRESSES[0], "phone": ADDRESSES[1]},
                          on_behalf_of={"email": ADDRESSES[3]})
    task = f"{issue['id']}-1"
    province.api(f"/v1/issues/{issue['id']}/join", {"contact": {"email": ADDRESSES[4]}}, role="resident")
    province.api(f"/v1/issues/{issue['id']}/messages", {"text": PARTIES, "to": "parties"}, Issue_Secret=issue["secret"])
    assert province.move(AGENCY, task, "accept").status == 200
    asked = province.move(AGENCY, task, "ask-extension", reason=f"{DESK[0]} {DESK[1]}", until="2030-01-01T00:00:00Z")
    assert asked.status == 200, asked.body
    case = province.file(category="addiction", text=CASE[0], title=CASE[1],
                         contact={"email": CASE[2], "phone": CASE[3]})
    worker: Json = {"role": "case_worker", "subject": "karaj-county"}
    province.api(f"/v1/issues/{case['id']}/assessments", {"level": "high", "needs": ["food"], "note": CASE[4]}, **worker)
    part: Json = {"agency": "karaj-municipality", "part": CASE[5]}
    given = province.api.post(f"/v1/issues/{case['id']}/assign", part, **worker)
    assert given.status == 200, given.body
    province.api(f"/v1/issues/{case['id']}/messages", {"text": CASE[6], "to": "parties"}, Issue_Secret=case["secret"])
    eventually("letters of the issue are told", lambda: province.told(issue))
    return Things(issue, case)


def addresses(ref: Json) -> Iterator[str]:
    """Everything that is read about an issue, and every list in which it might be."""
    asked = Things(ref, ref)
    for route in front():
        if route.method == "GET" and route.path not in ("/docs", "/openapi.json"):  # which are the same for everybody
            for agency in (AGENCY, CASE_AGENCY) if "/tasks" in route.path else (AGENCY,):
                yield asked.filled(route, "public", agency) + ("?why=leaks" if "/people" in route.path else "")
    for word in ("کوچهٔ", "بریل", "کهربا", "فیروزه", "یشم", "یاقوت", "عقیق", "beryl", "jade"):
        yield f"/v1/issues?q={word}"
    code = ref["tracking_code"]
    for query in (f"code={code}", f"neighbourhood={PLACE}", f"agency={AGENCY}", f"agency={CASE_AGENCY}",
                  "category=addiction", "sort=updated&limit=1", "sort=due", "status=routed&limit=1",
                  f"territory=karaj&category={CATEGORY}"):
        yield f"/v1/issues?{query}"
    for form in ("json", "xml"):
        yield f"/open311/v2/requests.{form}?service_request_id={code}&extensions=true"
        yield f"/open311/v2/requests.{form}?extensions=true"
    yield f"/v1/issues/similar?category={CATEGORY}&neighbourhood={PLACE}&text=چراغ کوچه"
    yield f"/v1/issues/similar?category=addiction&neighbourhood={PLACE}&text={CASE[0]}"
    for by in ("neighbourhood", "agency", "category"):
        yield f"/v1/statistics?by={by}"
    for register in ("agencies", "seats", "territories"):
        yield f"/v1/exports/{register}"
    for name in ("tasks", "overdue", "unrouted"):
        yield f"/v1/worklists/{name}"


def may_read(role: str) -> set[str]:
    """What this role, where it reaches, is meant to read of the two."""
    desk = {*DESK, PARTIES} if role in ("agency", "secretary", "neighbourhood_manager") else set()
    return desk | (set(CASE) if role == "case_worker" else set())


@pytest.mark.parametrize("who", dict.fromkeys([*EVERYBODY, *STRANGERS]), ids=str)
def test_nothing_that_is_read_holds_a_word_that_is_not_for_its_reader(
        province: Province, things: Things, who: tuple[str, str]) -> None:
    hidden = {*ADDRESSES, *DESK, PARTIES, *CASE} - (may_read(who[0]) if who in EVERYBODY else set())
    found, paths = [], dict.fromkeys([*addresses(things.issue), *addresses(things.case)])
    for path in paths:
        words = hear(province, "GET", path, who).words
        found += [(path, word) for word in hidden if word in words and word not in path]
    assert not found
    assert len(paths) > 120


def test_what_is_hidden_is_there_for_those_whose_it_is(province: Province, things: Things) -> None:
    """The words that are looked for above can be found."""
    def read(path: str, who: tuple[str, str], **headers: str) -> str:
        return hear(province, "GET", path, who, **headers).words

    issue, case = f"/v1/issues/{things.issue['id']}", f"/v1/issues/{things.case['id']}"
    for path, who, words in ((issue, ("secretary", "alborz"), DESK[:1]),
                             (f"{issue}/messages", ("agency", AGENCY), (PARTIES,)),
                             (case, ("case_worker", "karaj-county"), CASE[:5]),
                             (f"{case}/messages", ("case_worker", "karaj-county"), (CASE[6],)),
                             (case, ("agency", "karaj-municipality"), (CASE[5],))):
        assert [word for word in words if word not in read(path, who)] == [], path
    assert CASE[0] in read(case, ("public", ""), Issue_Secret=things.case["secret"])


def test_an_agency_reads_of_another_nothing_but_what_everybody_does(province: Province, things: Things) -> None:
    other, task = ("agency", "karaj-waste"), f"{things.issue['id']}-1"
    for path in (f"/v1/agencies/{AGENCY}/tasks/{task}", f"/v1/agencies/karaj-waste/tasks/{task}",
                 f"/v1/agencies/{AGENCY}/tasks"):
        missing = path.replace(task, f"{NOBODY}-1").replace(AGENCY, "no-such")
        assert hear(province, "GET", path, other).alike == hear(province, "GET", missing, other).alike
        assert hear(province, "GET", path, other).status == 404
    moved, nothing = (hear(province, "POST", f"/v1/agencies/karaj-waste/tasks/{each}/finish", other, {"text": "شد"})
                      for each in (task, f"{NOBODY}-1"))
    assert moved.alike == nothing.alike and moved.status == 404


def about_an_issue() -> list[Route]:
    return [route for route in front() if "{ref}" in route.path or route.path.startswith("/open311/v2/requests/{code}")]


@pytest.mark.parametrize("who", STRANGERS, ids=str)
def test_a_case_is_answered_as_what_is_not_there(province: Province, things: Things, who: tuple[str, str]) -> None:
    """By its id and by its code, whatever is asked of it and whatever is sent, also with a wrong secret."""
    nothing = {"id": NOBODY, "tracking_code": free_code(province)}
    for route in about_an_issue():
        for name in ("id", "tracking_code"):
            hidden, missing = ({"id": ref[name], "tracking_code": ref["tracking_code"]} for ref in (things.case, nothing))
            for headers in ({}, {"Issue_Secret": "aaaa-bbbb-cccc-dddd"}, {"If_Match": '"v1"'}):
                paths = [Things(ref, ref).filled(route, who[0]) for ref in (hidden, missing)]
                seen = [hear(province, route.method, path, who, body_of(route), **headers).alike for path in paths]
                assert seen[0] == seen[1], (route.method, paths, headers)
                assert seen[0][0] in (400, 401, 403, 404, 415, 422, 428), (route.path, seen)


def free_code(province: Province) -> str:
    """A right tracking code that nothing has."""
    from services.issues.codes import spoken, tracking_code

    return spoken(next(code for number in range(100) if not province.stored(tracking_code=(
        code := tracking_code(f"{NOBODY}-{number}")))))


@pytest.mark.parametrize(("method", "end", "body", "who"), [
    ("GET", "", None, ("public", "")), ("GET", "", None, ("secretary", "fardis-county")),
    ("GET", "/messages", None, ("resident", "other")),
    ("POST", "/withdraw", {}, ("resident", "other")), ("POST", "/check", {}, ("reporter", PLACE)),
    ("POST", "/reject", {"reason": "x"}, ("secretary", "fardis-county"))])
def test_what_is_hidden_takes_no_longer_than_what_is_not_there(
        province: Province, things: Things, method: str, end: str, body: Any, who: tuple[str, str]) -> None:
    """Asked in turn, so that whatever else the machine does, it does to both. What takes longer does so in every round."""
    def slower() -> float:
        took: dict[str, list[float]] = {things.case["id"]: [], NOBODY: []}
        for _ in range(TIMES):
            for ref, times in took.items():
                began = time.perf_counter()
                answer = hear(province, method, f"/v1/issues/{ref}{end}", who, body)
                times.append(time.perf_counter() - began)
                assert answer.status == 404, answer
        hidden, missing = (statistics.median(times) for times in took.values())
        return max(hidden / missing, missing / hidden)

    seen: list[float] = []
    while not seen or min(seen) >= SLOWER:
        assert len(seen) < ROUNDS, seen
        seen.append(slower())


def test_who_signs_nothing_is_told_nothing_by_errors(province: Province, things: Things) -> None:
    """Bodies that are wrong, and secrets of somebody else's issue."""
    wrong: tuple[Any, ...] = ({}, {"reason": 5}, {"text": "x" * 5000, "to": "all"}, "{", "[]", {"of": things.case["id"]})
    for route in about_an_issue():
        if route.method != "GET":
            for body in wrong:
                for ref in (things.issue, things.case):
                    path = Things(ref, ref).filled(route, "public")
                    wrong_secret = things.issue["secret"][::-1]
                    answer = hear(province, route.method, path, ("public", ""), body, Issue_Secret=wrong_secret)
                    assert not [word for word in (*ADDRESSES, *DESK, PARTIES, *CASE) if word in answer.words], (path, answer)


def test_a_case_is_no_original_of_anything(province: Province, things: Things) -> None:
    """Marking a duplicate tells of what it names no more than that it is not there."""
    issue = province.file()["id"]
    told = [hear(province, "POST", f"/v1/issues/{issue}/duplicate-of", ("secretary", "karaj"), {"of": of, "reason": "x"},
                 If_Match="*").alike for of in (things.case["id"], NOBODY, things.case["tracking_code"])]
    assert told[0] == told[1] == told[2] and told[0][0] == 422
