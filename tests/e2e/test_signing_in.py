"""Signing in from the first code or invitation to signing out, and what one may do meanwhile, on the whole platform."""
import re
from itertools import count
from typing import Any

import pyotp

from chassis.text import fold
from tests.api import Answer, Json
from tests.e2e.province import AGENCY, CATEGORY, PLACE, Province
from tests.integration.waiting import eventually

PASSWORD = "چهار واژهٔ بی ربط و دراز"
OPERATOR: dict[str, Any] = {"role": "operator"}
numbers = count(1)


def bearer(session: Json) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['access_token']}"}


def is_over(answer: Answer) -> None:
    assert (answer.status, answer.body["code"]) == (401, "invalid_token")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def code_in_the_letter(province: Province, address: str) -> str:
    [letter] = eventually(f"a letter brings {address} its code", lambda: province.postbox.to(address))
    found = re.search(r"(?<!\d)\d{6}(?!\d)", fold(letter.get_content()))
    assert found, letter.get_content()
    return found[0]


def a_resident(province: Province) -> Json:
    """The session of somebody who proved an e-mail address by the code that was sent to it."""
    address = f"resident-{next(numbers)}@example.org"
    asked = province.api.post("/v1/sign-in/code", {"address": address})
    assert (asked.status, asked.body) == (202, {})
    code = code_in_the_letter(province, address)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert province.api.post("/v1/sign-in/resident", {"address": address, "code": wrong}).status == 401
    session = province.api("/v1/sign-in/resident", {"address": address, "code": code})
    again = province.api.post("/v1/sign-in/resident", {"address": address, "code": code})
    assert again.status == 401, "a code is good once"
    return session


def test_a_resident_signs_in_by_a_code_files_and_answers_without_a_secret(province: Province) -> None:
    session, stranger = a_resident(province), a_resident(province)
    me = province.api("/v1/me", **bearer(session))
    assert (me["role"], me["account"]) == ("resident", f"resident:{me['place']}")
    body = {"category": CATEGORY, "neighbourhood": PLACE, "text": "برق کوچهٔ ما رفته است"}
    issue = province.api("/v1/issues", body, **bearer(session))
    path = f"/v1/issues/{issue['id']}"
    assert province.api(path, **bearer(session)) == province.api(path, Issue_Secret=issue["secret"])
    for action, said in (("accept", {}), ("finish", {"text": "وصل شد"})):
        assert province.move(AGENCY, f"{issue['id']}-1", action, **said).status == 200
    refused = province.api.post(f"{path}/confirm", {"satisfaction": 5}, **bearer(stranger))
    assert refused.status in (401, 403, 404), "it is not theirs"
    closed = province.api(f"{path}/confirm", {"satisfaction": 5}, **bearer(session))
    assert (closed["status"], closed["closed_by"]) == ("closed", "filer")
    province.api("/v1/sessions/end", {}, **bearer(session))
    is_over(province.api.get(path, **bearer(session)))
    assert province.api.get(path, **bearer(stranger)).status == 200


def invited(province: Province, seat: str, **of: str) -> Json:
    """An account with a second factor, of somebody who was given this seat: who, login name and recovery codes."""
    person = province.api("/v1/people", {"name_fa": "زهرا کریمی", "email": "zahra.k@example.org"}, **OPERATOR)["id"]
    assert province.api.put(f"/v1/seats/{seat}", of, **OPERATOR).status == 200
    province.api(f"/v1/seats/{seat}/appoint", {"person": person, "how": "appointed"}, **OPERATOR)
    token = province.api("/v1/accounts", {"person": person, "login": f"zahra.{seat}"}, **OPERATOR)["token"]
    accepted = province.api("/v1/invitations/accept", {"token": token, "password": PASSWORD})
    assert accepted == {"person": person, "login": f"zahra.{seat}"}
    first = province.api("/v1/sign-in", {"login": f"zahra.{seat}", "password": PASSWORD})
    assert first["second_factor"] is False and "access_token" not in first
    secret = province.api("/v1/totp", {"person": person, "password": PASSWORD})["secret"]
    confirmed = province.api("/v1/totp/confirm", {"person": person, "code": pyotp.TOTP(secret).now()})
    return {"person": person, "login": f"zahra.{seat}", "codes": confirmed["recovery_codes"]}


def test_a_secretary_is_invited_signs_in_with_a_second_factor_decides_refreshes_and_signs_out(province: Province) -> None:
    who = invited(province, "karaj-second-secretary", role="secretary", territory="karaj-county")
    asked = {"login": who["login"], "password": PASSWORD}
    assert province.api.post("/v1/sign-in", asked).status == 401, "not without the second factor"
    session = province.api("/v1/sign-in", asked | {"code": who["codes"][0]})
    assert session["as"] == {"role": "secretary", "place": "karaj-county"}
    me = province.api("/v1/me", **bearer(session))
    assert (me["account"], me["role"], me["place"]) == (f"person:{who['person']}", "secretary", "karaj-county")
    assert (me["rights"][0]["role"], me["rights"][0]["place"]) == ("secretary", "karaj-county")

    issue = province.file()
    path = f"/v1/issues/{issue['id']}/prioritise"
    urgent, seen = {"priority": "urgent", "reason": "بیمار در خانه است"}, province.seen_by_all(issue)["version"]
    assert province.api(path, urgent, If_Match=f'"v{seen}"', **bearer(session))["priority"] == "urgent"
    elsewhere = province.file(neighbourhood="taleqan-golinak")
    other = province.api.post(f"/v1/issues/{elsewhere['id']}/prioritise", urgent, **bearer(session))
    assert other.status == 403, "another county has a secretary of its own"

    fresh = province.api("/v1/sessions/refresh", {"refresh_token": session["refresh_token"]})
    assert province.api.get("/v1/me", **bearer(fresh)).status == 200
    as_resident = province.api("/v1/sessions/refresh", {"refresh_token": fresh["refresh_token"], "as": {
        "role": "resident", "place": who["person"]}})
    assert province.api("/v1/me", **bearer(as_resident))["role"] == "resident"
    province.api("/v1/sessions/end", {"refresh_token": as_resident["refresh_token"]})
    for each in (session, fresh, as_resident):
        is_over(province.api.get("/v1/me", **bearer(each)))
    assert province.api.post("/v1/sessions/refresh", {"refresh_token": as_resident["refresh_token"]}).status == 401
    deeds = {each["deed"] for each in province.api(f"/v1/audit?account=person:{who['person']}", **OPERATOR)["items"]}
    assert {"signed_in", "signed_out"} <= deeds


def test_who_loses_a_seat_is_out_of_it_within_seconds_and_stays_signed_in_as_what_is_left(province: Province) -> None:
    who = invited(province, "karaj-fourth-secretary", role="secretary", territory="karaj-county")
    session = province.api("/v1/sign-in", {"login": who["login"], "password": PASSWORD, "code": who["codes"][0]})
    assert province.api("/v1/me", **bearer(session))["role"] == "secretary"
    province.api("/v1/seats/karaj-fourth-secretary/vacate", {}, If_Match="*", **OPERATOR)
    eventually("it is heard of", lambda: province.api.get("/v1/me", **bearer(session)).status,
               until=lambda status: status == 401)
    fresh = province.api("/v1/sessions/refresh", {"refresh_token": session["refresh_token"]})
    assert fresh["as"] == {"role": "resident", "place": who["person"]}
    assert province.api("/v1/me", **bearer(fresh))["role"] == "resident"


def test_an_account_that_is_shut_lets_nobody_in_whatever_they_hold(province: Province) -> None:
    who = invited(province, "karaj-third-secretary", role="secretary", territory="karaj-county")
    session = province.api("/v1/sign-in", {"login": who["login"], "password": PASSWORD, "code": who["codes"][0]})
    assert province.api.get("/v1/me", **bearer(session)).status == 200
    province.api(f"/v1/accounts/{who['person']}/disable", {}, **OPERATOR)
    is_over(province.api.get("/v1/me", **bearer(session)))
    assert province.api.post("/v1/sessions/refresh", {"refresh_token": session["refresh_token"]}).status == 401
    province.api(f"/v1/accounts/{who['person']}/enable", {}, **OPERATOR)
    back = province.api("/v1/sign-in", {"login": who["login"], "password": PASSWORD, "code": who["codes"][1]})
    assert province.api.get("/v1/me", **bearer(back)).status == 200
