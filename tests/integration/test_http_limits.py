"""Rate limits at a real gateway: what is left is told, who has spent all is refused, and nobody pays for another."""
import json
from collections.abc import Iterator
from itertools import count

import pytest

from tests.integration.probing import Probe, a_gateway, probed_key
from tests.integration.processes import Process
from tests.integration.raw_http import Answer, request, send

SETTINGS = {"MAHALLE_RATE": "public=60/minute, key=40/minute, sign-in=3/minute, codes=3/minute",
            "MAHALLE_TRUSTED_PROXIES": "1"}
QUOTA = "https://iana.org/assignments/http-problem-types#quota-exceeded"
JSON = "Content-Type: application/json"
clients = count(1)


@pytest.fixture(scope="module")
def gateway(probe: Probe, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with a_gateway(probe, tmp_path_factory.mktemp("gateway"), **SETTINGS) as process:
        yield process


@pytest.fixture
def client() -> str:
    """Who asks, as the proxy says; another one for each test."""
    return f"X-Forwarded-For: 198.51.100.200, 192.0.2.{next(clients)}"


def ask(gateway: Process, path: str, *headers: str, method: str = "GET", body: bytes = b"") -> Answer:
    sent = request(method, path, *headers, *([JSON, f"Content-Length: {len(body)}"] if body else []))
    return send(f"http://127.0.0.1:{gateway.port}", sent + body)


def left(answer: Answer) -> tuple[str, int]:
    policy, remaining, _ = answer.headers["ratelimit"].split(";")
    return policy.strip('"'), int(remaining.removeprefix("r="))


def test_every_counted_answer_tells_what_is_left(gateway: Process, client: str) -> None:
    first = ask(gateway, "/v1/issues/x", client)
    assert first.headers["ratelimit-policy"] == '"public";q=60;w=60' and left(first) == ("public", 59)
    costs = [("GET", "/v1/issues", 57), ("GET", "/v1/statistics?by=note", 37), ("GET", "/open311/v2/requests.xml", 17),
             ("POST", "/v1/issues", 12), ("GET", "/v1/territories/karaj", 11)]
    for method, path, remaining in costs:
        assert left(ask(gateway, path, client, method=method)) == ("public", remaining), path
    assert "ratelimit" not in ask(gateway, "/v1/nothing", client).headers


def test_who_has_spent_all_is_told_when_to_come_back_and_another_is_not(gateway: Process, client: str) -> None:
    answers = [ask(gateway, "/v1/statistics?by=note", client, "Accept-Language: en") for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    told = answers[3].json()
    assert (told["type"], told["code"], told["violated-policies"]) == (QUOTA, "quota_exceeded", ["public"])
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60 and answers[3].headers["retry-after"] in told["detail"]
    assert left(answers[3]) == ("public", 0)
    other = client.replace("192.0.2.", "203.0.113.")
    assert ask(gateway, "/v1/statistics?by=note", other).status == 200
    forged = client.replace("198.51.100.200", "203.0.113.9")
    assert ask(gateway, "/v1/statistics?by=note", forged).status == 429, "what a client says of itself counts for nothing"
    assert ask(gateway, "/livez", client).status == ask(gateway, "/v1/issues", client, method="OPTIONS").status - 4 == 200


def test_open311_says_it_in_its_own_words(gateway: Process, client: str) -> None:
    answers = [ask(gateway, "/open311/v2/bulk.json", client) for _ in range(4)]
    assert answers[3].status == 429 and answers[3].json()[0]["code"] == 429 and int(answers[3].headers["retry-after"]) > 0


def test_what_open311_cannot_read_is_paid_for_too(gateway: Process, client: str) -> None:
    ways = [("GET", "/open311/v2/requests.json?api_key=a&api_key=b", b""), ("POST", "/open311/v2/requests.json", b"{}")]
    for method, path, body in ways:
        first, second = (ask(gateway, path, client, method=method, body=body) for _ in range(2))
        assert first.status == second.status == 400 and left(first)[1] > left(second)[1], path


def test_a_key_has_a_budget_of_its_own_from_wherever_it_comes(gateway: Process) -> None:
    key = f"Authorization: Bearer {probed_key('agency', 'a1')}"
    seen = [ask(gateway, "/v1/statistics?by=note", f"X-Forwarded-For: 192.0.2.{number}", key) for number in (201, 202, 203)]
    assert [answer.status for answer in seen] == [200, 200, 429]
    assert [left(answer) for answer in seen] == [("key", 20), ("key", 0), ("key", 0)]


def test_attempts_to_sign_in_are_few_whoever_it_is(gateway: Process, client: str) -> None:
    def fourth(policy: str, *paths: str) -> None:
        answers = [ask(gateway, path, client, method="POST", body=b"{}") for path in paths]
        assert [answer.status == 429 for answer in answers] == [False, False, False, True]
        assert answers[3].json()["violated-policies"] == [policy]

    fourth("sign-in", "/v1/sign-in", "/v1/invitations/accept", "/v1/totp", "/v1/sign-in")
    fourth("codes", "/v1/sign-in/code", "/v1/sign-in/resident", "/v1/sign-in/code", "/v1/sign-in/resident")
    assert ask(gateway, "/v1/issues/x", client).status != 429, "who mistypes a password still reads"


def test_guessing_keys_ends_soon(gateway: Process, client: str) -> None:
    seen = [ask(gateway, "/v1/issues", client, f"Authorization: Bearer mhl_guess{number}").status for number in range(14)]
    assert seen == [401] * 12 + [429] * 2


def test_of_the_throttled_the_first_leaves_a_line_and_all_are_counted(gateway: Process, client: str) -> None:
    def throttled() -> float:
        told = gateway.metrics().splitlines()
        return next((float(line.split()[1]) for line in told if 'throttled_requests_total{policy="public"' in line), 0.0)

    before = throttled()
    for number in range(6):
        ask(gateway, "/v1/statistics?by=note", client, f"X-Request-ID: throttled-{number}")
    found = [json.loads(line)["request"] for line in gateway.log().splitlines() if '"request": "throttled-' in line]
    assert found == ["throttled-3"] and throttled() - before == 3
    assert client.rpartition(" ")[2] not in gateway.log() and "192.0.2.0/24" in gateway.log()
