"""Several people on one issue through the front door, with every process running: who is told what, by letter."""
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from deploy.local.keys import Keys
from tests.api import Api
from tests.integration.conftest import Connect
from tests.integration.processes import Process
from tests.integration.waiting import eventually
from tests.postbox import Postbox, a_postbox

Running = Callable[..., Process]
AGENCY: dict[str, Any] = {"role": "agency", "subject": "a1"}  # who gets a lamp in the small province
SECRETARY: dict[str, Any] = {"role": "secretary", "subject": "alborz"}
TEXT = "چراغ کوچهٔ سوم خاموش است"


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with a_postbox() as box:
        yield box


@pytest.fixture
def api(database: Connect, running: Running, province: Any, postbox: Postbox, environment: dict[str, str]) -> Api:
    """The whole platform, once it knows its province."""
    for service in ("issues", "notifications", "booklet"):
        database(service)
    running("relay")
    running("registry")
    running("issues")
    running("notifications", **postbox.variables)
    running("gateway")
    api = Api(environment["MAHALLE_GATEWAY_URL"], Keys(environment))
    eventually("the rules are known", lambda: database("issues").reference.count_documents({"register": "rule"}),
               until=lambda count: count == 5)
    return api


def filed(api: Api, who: str, **given: Any) -> dict[str, Any]:
    body = {"category": "lighting", "text": TEXT, "neighbourhood": "n1", "contact": {"email": f"{who}@example.org"}}
    return api("/v1/issues", body | given, role="resident")


def finished(api: Api, issue: dict[str, Any]) -> None:
    [task] = api(f"/v1/issues/{issue['id']}")["tasks"]
    for action in ("accept", "finish"):
        api(f"/v1/agencies/a1/tasks/{task['id']}/{action}", {"text": "لامپ عوض شد"} if action == "finish" else {}, **AGENCY)


def test_who_files_whom_it_was_filed_for_who_joined_and_who_reported_the_same_are_all_told(
        api: Api, postbox: Postbox) -> None:
    issue = filed(api, "zahra", on_behalf_of={"name": "رضا", "email": "reza@example.org"})
    ref = issue["tracking_code"]
    same = filed(api, "maryam")
    [suggested] = [each for each in api(f"/v1/issues/similar?category=lighting&neighbourhood=n1&text={TEXT}")["items"]
                   if each["id"] == issue["id"]]
    assert suggested["because"]["text"] == 1
    hasan = {"contact": {"email": "hasan@example.org"}}
    joined, again = (api(f"/v1/issues/{ref}/join", hasan, role="resident", Idempotency_Key='"k"') for _ in range(2))
    gone = api(f"/v1/issues/{ref}/join", {"contact": {"email": "gone@example.org"}}, role="resident")
    assert joined == again and gone["joined"] == 2
    assert api(f"/v1/issues/{ref}/leave", {}, Issue_Secret=gone["secret"])["joined"] == 1
    assert api(f"/v1/issues/{same['id']}/duplicate-of", {"of": ref}, **SECRETARY)["status"] == "duplicate"
    assert api(f"/v1/issues/{same['id']}", Issue_Secret=same["secret"])["original"]["tracking_code"] == ref
    assert api(f"/v1/issues/{ref}")["joined"] == 2
    finished(api, issue)
    everybody = {"zahra": 2, "reza": 2, "hasan": 1, "maryam": 3}  # maryam: filed, put to the first, done
    eventually("everybody has their letters", lambda: {who: len(postbox.to(f"{who}@example.org")) for who in everybody},
               until=lambda seen: seen == everybody)
    assert postbox.to("gone@example.org") == [] and api(f"/v1/issues/{same['id']}")["status"] == "duplicate"


def test_they_write_to_each_other_and_a_letter_says_so(api: Api, postbox: Postbox) -> None:
    issue = filed(api, "zahra")
    ref = issue["id"]
    [task] = api(f"/v1/issues/{ref}")["tasks"]
    api(f"/v1/agencies/a1/tasks/{task['id']}/accept", {}, **AGENCY)
    api(f"/v1/agencies/a1/tasks/{task['id']}/wait", {"reason": "کدام تیر؟", "for_whom": "filer"}, **AGENCY)
    api(f"/v1/issues/{ref}/messages", {"text": "شمارهٔ تیر را بنویسید", "to": "parties"}, **AGENCY)
    eventually("the filer is told of the filing, the question and the message",
               lambda: len(postbox.to("zahra@example.org")), 30,
               until=lambda count: count == 3)
    assert api.post(f"/v1/issues/{ref}/messages", {"text": "سلام", "to": "public"}).status == 401
    answer = api.post(f"/v1/issues/{ref}/messages", {"text": "تیر ۱۲", "to": "parties"}, Issue_Secret=issue["secret"])
    assert (answer.status, answer.body["number"]) == (201, 2)
    assert api(f"/v1/issues/{ref}")["tasks"][0]["state"] == "in_progress"
    assert api(f"/v1/issues/{ref}/messages")["items"] == []
    read = api(f"/v1/issues/{ref}/messages", **AGENCY)["items"]
    assert [each["text"] for each in read] == ["شمارهٔ تیر را بنویسید", "تیر ۱۲"]


def test_who_may_not_is_told_so(api: Api) -> None:
    issue, other = filed(api, "zahra"), filed(api, "maryam")
    for path, body in (("join", {}), ("duplicate-of", {"of": other["id"]}), ("not-duplicate", {})):
        answer = api.post(f"/v1/issues/{issue['id']}/{path}", body, **AGENCY)
        assert (answer.status, answer.body["code"]) == (403, "not_allowed")
        assert api.post(f"/v1/issues/{issue['id']}/{path}", body).status == 401
    for path, body in (("join", {"contact": {"email": "x"}}), ("leave", {"why": 1}), ("duplicate-of", {"of": ""}),
                       ("not-duplicate", {"reason": " "}), ("messages", {"text": "x", "to": "me"})):
        answer = api.post(f"/v1/issues/{issue['id']}/{path}", body, **(
            {"role": "resident"} if path in ("join", "leave") else SECRETARY))
        assert (answer.status, answer.body["code"]) == (422, "invalid") and answer.body["errors"][0]["detail"]
    assert api.get(f"/v1/issues/{issue['id']}/contacts", **SECRETARY).status == 404
    assert api(f"/v1/issues/{issue['id']}")["version"] == 1
