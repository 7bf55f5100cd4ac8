"""Which account made a change is kept beside the office: told to whoever may look back, to nobody else, and in no event."""
import json
from typing import Any

import pytest

from tests.api import Json
from tests.e2e.province import AGENCY, PLACE, SECRETARY, Province
from tests.integration.waiting import eventually

RECORD = "/v1/headquarters/audited-headquarters"
VALUES = {"name_fa": "قرارگاه", "name_en": "Headquarters", "level": "province", "territory": "alborz"}
AS_AGENCY: dict[str, Any] = {"role": "agency", "subject": AGENCY}
MANAGER: dict[str, Any] = {"role": "neighbourhood_manager", "subject": PLACE}
STRANGERS: tuple[dict[str, Any], ...] = (
    {}, {"role": "resident"}, AS_AGENCY, {"role": "agency", "subject": "karaj-waste"}, MANAGER, {"role": "operator"},
    {"role": "secretary", "subject": "fardis-county"}, {"role": "case_worker", "subject": "karaj-county"})


def account(province: Province, **who: Any) -> str:
    return str(province.api("/v1/me", **who)["account"])


@pytest.fixture(scope="module")
def lived(province: Province) -> tuple[Json, bytes]:
    """An issue and a record that a secretary and an agency changed, and all that was on the wire meanwhile."""
    tap = province.wire.connect()
    queue = tap.queue_declare("", exclusive=True).method.queue
    for exchange in ("issues.events", "registry.events", "agencies.tasks"):
        tap.queue_bind(queue, exchange, "#")
    issue = province.file()
    said = {"priority": "urgent", "reason": "بیمارستان"}
    assert province.api.post(f"/v1/issues/{issue['id']}/prioritise", said, If_Match="*", **SECRETARY).status == 200
    assert province.api.put(RECORD, VALUES, If_None_Match="*", **SECRETARY).status == 200
    assert province.move(AGENCY, f"{issue['id']}-1", "accept").status == 200
    wire: list[bytes] = []

    def told() -> bytes:
        while (message := tap.basic_get(queue, auto_ack=True))[0]:
            wire.append(json.dumps(message[1].headers).encode() + message[2])
        return b"".join(wire)

    eventually("all of it is told", told, until=lambda seen: b"task_accepted" in seen and b"audited-headquarters" in seen)
    tap.connection.close()
    return issue, b"".join(wire)


def test_the_secretary_of_its_place_reads_who_it_was(province: Province, lived: tuple[Json, bytes]) -> None:
    story = province.api(f"/v1/issues/{lived[0]['id']}", **SECRETARY)["timeline"]
    assert {each["action"]: each.get("account") for each in story} == {
        "file": None, "offer": None, "prioritise": account(province, **SECRETARY), "accept": account(province, **AS_AGENCY)}


@pytest.mark.parametrize("who", [SECRETARY, {"role": "operator"}])
def test_who_may_read_a_records_history_reads_who_it_was(
        province: Province, lived: tuple[Json, bytes], who: dict[str, Any]) -> None:
    [edit] = province.api(f"{RECORD}/history", **who)["edits"]
    assert (edit["by"], edit["account"]) == ("secretary:alborz", account(province, **SECRETARY))


def test_nobody_else_does_and_no_event_says_it(province: Province, lived: tuple[Json, bytes]) -> None:
    issue, wire = lived
    accounts = [account(province, **SECRETARY), account(province, **AS_AGENCY)]
    assert all(each.startswith("key:") for each in accounts)
    told = [wire.decode(), *(json.dumps(province.api.get(path, **who).body) for who in STRANGERS for path in (
        f"/v1/issues/{issue['id']}", f"/v1/issues?q={issue['tracking_code']}", RECORD, f"{RECORD}/history",
        f"/v1/agencies/{AGENCY}/tasks/{issue['id']}-1", "/open311/v2/servicerequestupdates.json")
        if (who.get("role"), path) != ("operator", f"{RECORD}/history"))]
    own = province.seen_by_filer(issue)
    assert {"prioritise", "accept"} <= {each["action"] for each in own["timeline"]}
    managers = province.api(f"/v1/issues/{issue['id']}", **MANAGER)
    assert managers["timeline"] and not [each for each in (*told, json.dumps([own, managers]))
                                         if any(account in each for account in accounts)]


def test_an_import_says_whose_it_was(province: Province) -> None:
    rows = "code,name_fa,name_en,level,territory\nimported-headquarters,قرارگاه,Headquarters,county,karaj-county\n"
    begun = province.api.ask("POST", "/v1/imports?register=headquarters", raw=rows.encode(), Content_Type="text/csv",
                             **SECRETARY)
    eventually("it is done", lambda: province.api(f"/v1/imports/{begun.body['id']}", **SECRETARY)["state"],
               until=lambda state: state == "done")
    [edit] = province.api("/v1/headquarters/imported-headquarters/history", **SECRETARY)["edits"]
    assert edit["account"] == account(province, **SECRETARY)
