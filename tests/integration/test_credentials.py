"""Who asks, as the gateway finds it out with a real registry: what is forged, foreign, over or ended lets nobody in."""
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.clock import now
from services.registry.accounts import ended as endings
from services.registry.accounts import signing
from services.registry.accounts.documents import Account
from tests.api import Answer
from tests.integration.front import Front, a_front, by_hand, claims_of
from tests.integration.waiting import eventually

HMAC_KEY = "secretary.alborz." + "0" * 40  # as keys were before the registry kept accounts
FOREIGN = ec.generate_private_key(ec.SECP256R1())
POLLED = 30  # seconds: enough for some looks, too few for a token or key to be over by itself


@pytest.fixture(scope="module")
def front(vhost: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with a_front(vhost, tmp_path_factory.mktemp("front")) as front:
        yield front


def is_invalid(answer: Answer, code: str = "invalid_token") -> None:
    assert (answer.status, answer.body["code"]) == (401, code), answer.body
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def tampered(token: str) -> str:
    """With the rights of an operator, and the signature that it had."""
    head, _, signature = token.split(".")
    return ".".join((head, jwt.encode(claims_of(role="operator", place=""), "k" * 32).split(".")[1], signature))


def of_retired_key(front: Front) -> str:
    stolen = signing.current(front.ring, now())
    token = front.token()
    assert front.me(token).status == 200, "it was good until its key was retired"
    signing.retire(front.ring, stolen["_id"], now())
    eventually("it is published no more", lambda: stolen["_id"] in str(front.api("/.well-known/jwks.json")),
               until=lambda there: not there)
    return token


WRONG: dict[str, Callable[[Front], str]] = {
    "expired": lambda front: front.token(exp=int(time.time()) - 1),
    "without an end": lambda front: front.token(exp=None),
    "of another audience": lambda front: front.token(aud="another"),
    "without an audience": lambda front: front.token(aud=None),
    "of another issuer": lambda front: front.token(iss="another"),
    "without an issuer": lambda front: front.token(iss=None),
    "without its time": lambda front: front.token(iat=None),
    "without a session": lambda front: front.token(sid=None),
    "of the platform itself": lambda front: front.token(role="service"),
    "of a role that there is not": lambda front: front.token(role="king"),
    "of another type": lambda front: front.token({"typ": "JWT"}),
    "not signed": lambda front: jwt.encode(claims_of(), None, "none", {"typ": "at+jwt", "kid": "x"}),
    "said not to be signed": lambda front: by_hand(
        {"typ": "at+jwt", "alg": "none", "kid": signing.current(front.ring, now())["_id"]}, claims_of(), lambda text: b""),
    "signed with the public key for a secret": lambda front: front.by_public_key(),
    "signed by a stranger under a known name": lambda front: jwt.encode(
        claims_of(), FOREIGN, "ES256", {"typ": "at+jwt", "kid": signing.current(front.ring, now())["_id"]}),
    "signed by nobody known": lambda front: jwt.encode(claims_of(), FOREIGN, "ES256", {"typ": "at+jwt", "kid": "unknown"}),
    "of no name": lambda front: jwt.encode(claims_of(), FOREIGN, "ES256", {"typ": "at+jwt"}),
    "bringing its own key": lambda front: jwt.encode(claims_of(), FOREIGN, "ES256", {
        "typ": "at+jwt", "jwk": signing.current(front.ring, now())["public"]}),
    "tampered with": lambda front: tampered(front.token()),
    "cut short": lambda front: front.token()[:-4],
    "endless": lambda front: front.token(more="x" * 3_000),
    "no token": lambda front: "a.b.c",
    "empty": lambda front: "",
    "a key of before": lambda front: HMAC_KEY,
    "signed by a retired key": of_retired_key,
}


@pytest.mark.parametrize("name", WRONG)
def test_a_token_that_is_not_ours_or_is_over_lets_nobody_in(front: Front, name: str) -> None:
    assert front.me(front.token()).body["role"] == "resident"
    is_invalid(front.me(WRONG[name](front)))


@pytest.mark.parametrize("scheme", ["Basic", "Token", "bearer:"])
def test_another_scheme_than_bearer_is_refused(front: Front, scheme: str) -> None:
    is_invalid(front.api.get("/v1/me", Authorization=f"{scheme} {front.token()}"))


def test_a_token_says_who_asks_as_what_and_until_when(front: Front) -> None:
    end = int(time.time()) + 100
    found = front.me(front.token(exp=end)).body
    assert (found["account"], found["role"], found["place"], found["rights"], found["scopes"]) == (
        "resident:4f1d", "resident", "4f1d", [], None)
    assert found["until"] == time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(end))
    assert front.api("/v1/me") == {"role": "public", "rights": []} | dict.fromkeys(("account", "place", "scopes", "until"))
    key = front.api("/v1/me", role="agency", subject="abfa")
    assert (key["role"], key["place"], "tasks:move" in key["scopes"], key["account"][:4]) == ("agency", "abfa", True, "key:")
    assert front.api.get("/v1/me").headers["Cache-Control"] == "no-store"


def test_a_token_seen_before_is_refused_when_its_time_is_over(front: Front) -> None:
    token = front.token(exp=int(time.time()) + 5)
    assert front.me(token).status == 200
    eventually("it is over", lambda: front.me(token).status, until=lambda status: status == 401)


def test_a_new_signing_key_is_known_at_once(front: Front) -> None:
    old = front.token()
    renewed = signing.renew(front.ring, now())
    token = front.token()
    assert jwt.get_unverified_header(token)["kid"] == renewed
    eventually("asked again, not more than every few seconds", lambda: front.me(token).status,
               until=lambda status: status == 200)
    assert front.me(old).status == 200, "what the one before signed stays good"
    assert {each["kid"] for each in front.api("/.well-known/jwks.json")["keys"]} >= {renewed}
    assert "d" not in front.api("/.well-known/jwks.json")["keys"][0]


def ended(front: Front, session: dict[str, str], by: str) -> Answer:
    if by == "refresh token":
        return front.api.post("/v1/sessions/end", {"refresh_token": session["refresh_token"]})
    return front.api.post("/v1/sessions/end", Authorization=f"Bearer {session['access_token']}")


@pytest.mark.parametrize("by", ["refresh token", "access token"])
def test_after_signing_out_a_token_is_refused_at_once_here_and_within_the_poll_elsewhere(front: Front, by: str) -> None:
    session, other = front.session(), front.session()["access_token"]
    token = session["access_token"]
    assert front.me(token).status == front.me(token, front.other).status == 200
    again = 200 if by == "refresh token" else 401
    assert (ended(front, session, by).status, ended(front, session, by).status) == (200, again)
    is_invalid(front.me(token))
    eventually("the other gateway has heard", lambda: front.me(token, front.other).status, POLLED,
               until=lambda status: status == 401)
    assert front.api.post("/v1/sessions/refresh", {"refresh_token": session["refresh_token"]}).status == 401
    assert front.me(other).status == 200


def test_who_names_no_session_is_told_how_to(front: Front) -> None:
    for known in ({}, {"role": "resident"}):
        answer = front.api.post("/v1/sessions/end", {}, **known)
        assert (answer.status, answer.body["code"]) == (401, "session_needed")
    assert front.api.post("/v1/sessions/end", {"session": "x"}).status == 422, "nobody ends a session by its name"


def test_a_session_whose_account_was_shut_is_over(front: Front) -> None:
    shut, before, after = "person:" + str(uuid4()), time.time() - 60, now()
    endings.remember("account", {shut: after})
    old = front.token(sub=shut, iat=before)
    fresh = front.token(sub=shut, iat=after.timestamp() + 0.001)
    issues = "/v1/neighbourhoods"
    eventually("it is heard of", lambda: front.api.get(issues, Authorization=f"Bearer {old}").status, POLLED,
               until=lambda status: status == 401)
    assert front.api.get(issues, Authorization=f"Bearer {fresh}").status == 200


def a_key(front: Front, **given: object) -> dict[str, str]:
    asked = {"name": "reader", "owner": "agency:abfa", "role": "agency", "subject": "abfa"} | {
        "scopes": ["tasks:read"]}
    made: dict[str, str] = front.api("/v1/keys", asked | given, role="operator")
    return made


def test_a_revoked_key_is_refused_at_once_here_and_within_the_poll_elsewhere(front: Front) -> None:
    made = a_key(front)
    assert front.me(made["key"]).status == front.me(made["key"], front.other).status == 200
    front.api(f"/v1/keys/{made['id']}/revoke", {}, role="operator")
    assert front.me(made["key"]).status == 401
    eventually("the other gateway has heard", lambda: front.me(made["key"], front.other).status, POLLED,
               until=lambda status: status == 401)


def test_a_persons_key_is_refused_while_the_account_is_shut_and_good_again_within_the_poll_when_it_is_opened(
        front: Front) -> None:
    person = str(uuid4())
    Account._get_collection().insert_one({"_id": person, "login": person, "login_folded": person})
    key = a_key(front, owner=f"person:{person}", role="resident", subject=person, scopes=["issues:read"])["key"]
    assert front.me(key).status == front.me(key, front.other).status == 200
    for change, status in (("disable", 401), ("enable", 200)):
        front.api(f"/v1/accounts/{person}/{change}", {}, role="operator")
        assert front.me(key).status == status, "at once where it was done"
        eventually("the other gateway has heard", lambda: front.me(key, front.other).status, POLLED,
                   until=lambda seen, status=status: seen == status)


@pytest.mark.parametrize("key", ["mhl_0123456789abcdef_" + "a" * 43, "mhl_", "mhl_x", "mhl_" + "x" * 300])
def test_a_key_that_nobody_gave_is_refused(front: Front, key: str) -> None:
    assert front.me(key).status == 401
    assert front.me(key).headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_key_does_only_what_it_is_for(front: Front) -> None:
    key = a_key(front)["key"]
    me = front.me(key)
    assert (me.status, me.body["role"], me.body["scopes"]) == (200, "agency", ["tasks:read"]), "who one is needs no scope"
    answer = front.api.post("/v1/agencies/abfa/tasks/t/accept", {}, Authorization=f"Bearer {key}")
    assert (answer.status, answer.body["code"]) == (403, "out_of_scope")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'
    other = front.api.get("/v1/keys", Authorization=f"Bearer {a_key(front)['key']}")
    assert (other.status, other.body["code"]) == (403, "not_allowed")


def test_who_refreshes_may_send_the_token_that_is_over(front: Front) -> None:
    old = f"Bearer {front.token(exp=1)}"
    answer = front.api.post("/v1/sessions/refresh", {"refresh_token": "x" * 43}, Authorization=old)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer") and answer.body["code"] != "invalid_token"


def test_open311_takes_a_token_for_a_key_and_refuses_what_is_none(front: Front) -> None:
    path = "/open311/v2/discovery.json?api_key="
    assert front.api.get(path + front.token()).status == 200
    for wrong in (front.token(exp=1), HMAC_KEY):
        assert front.api.get(path + wrong).status == 403


def test_with_the_registry_away_the_known_go_on_and_the_unknown_are_told_to_come_back(front: Front) -> None:
    token, known, unknown = front.token(), a_key(front)["key"], a_key(front)["key"]
    assert [front.me(each).status for each in (token, known)] == [200, 200]
    front.registry.kill()
    try:
        assert [front.me(each).status for each in (token, known)] == [200, 200]
        for credential in (unknown, jwt.encode(claims_of(), FOREIGN, "ES256", {"typ": "at+jwt", "kid": "not read yet"})):
            eventually("that it cannot be said", lambda credential=credential: front.me(credential).status,
                       until=lambda status: status == 503)
            assert int(front.me(credential).headers["Retry-After"]) > 0
        is_invalid(front.me(front.token(exp=1)))
        assert front.api("/.well-known/jwks.json")["keys"] and front.api.get("/v1/me").status == 200
        front.gateways[1].kill()
        front.gateways[1].start()
        assert front.me(token, front.other).status == 503, "it does not know who signed out meanwhile"
        assert front.other.get("/v1/me").status == 200
    finally:
        front.registry.start()
    eventually("it is known again", lambda: front.me(unknown).status, until=lambda status: status == 200)
