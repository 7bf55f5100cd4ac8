"""Services believe only signed calls; who asks them waits for a limited time and repeats only what is harmless."""
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest

from chassis import caller, logs
from chassis.caller import PUBLIC, Caller
from chassis.http_client import Client
from contracts.errors import NotFound, Problem, Refused, Unavailable
from tests.integration.probing import Probe
from tests.integration.raw_http import request, send

SECRET = "a secret of the test, longer than thirty-two letters"
GATEWAY = Caller("service", "gateway")
CLAIMS = {"aud": "mahalle", "role": "secretary", "sub": "alborz", "exp": 4_000_000_000}


def token(secret: str, algorithm: str = "HS256", **claims: Any) -> str:
    return jwt.encode({name: value for name, value in (CLAIMS | claims).items() if value is not None}, secret, algorithm)


FORGERIES: dict[str, Callable[[str], str | None]] = {
    "none": lambda secret: None,
    "nonsense": lambda secret: "a.b.c",
    "expired": lambda secret: token(secret, exp=int(time.time()) - 1),
    "without an end": lambda secret: token(secret, exp=None),
    "another secret": lambda secret: token(secret + "x"),
    "no algorithm": lambda secret: token("", "none"),
    "another algorithm": lambda secret: token(secret * 2, "HS512"),
    "another audience": lambda secret: token(secret, aud="elsewhere"),
    "no audience": lambda secret: token(secret, aud=None),
    "no role": lambda secret: token(secret, role=None),
    "no subject": lambda secret: token(secret, sub=None),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_call_that_is_not_rightly_signed_is_never_served(probe: Probe, vhost: dict[str, str], name: str) -> None:
    forged = FORGERIES[name](vhost["MAHALLE_INTERNAL_SECRET"])
    answer = send(probe.url, request("GET", f"/statistics?by=note&words={name.replace(' ', '-')}",
                                     *([f"{caller.HEADER}: {forged}"] if forged else [])))
    assert (answer.status, answer.json()["code"]) == (401, "unsigned_call")
    assert '"asked"' not in probe.process.log()


def test_a_call_that_is_rightly_signed_is_served_as_from_its_caller(probe: Probe, vhost: dict[str, str]) -> None:
    client = Client(probe.url, vhost["MAHALLE_INTERNAL_SECRET"])
    trace = logs.TRACE.set("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    answer = client.get("/statistics", Caller("agency", "a1"), {"by": "note", "words": "چراغ & 1=2#?/%"})
    assert answer == {"caller": "agency:a1", "words": "چراغ & 1=2#?/%", "trace": logs.TRACE.get()}
    logs.TRACE.reset(trace)
    with pytest.raises(Refused) as refused:
        client.get("/statistics", PUBLIC, {"by": "be-refused"})
    assert (refused.value.code, refused.value.en) == ("not_now", "The rules forbid it")


class Toy(ThreadingHTTPServer):
    """A service that answers as its `script` says, the last word of it again and again; counts connections and calls."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.script: list[Any] = [200]
        self.connections = 0
        self.calls: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def get_request(self) -> Any:
        self.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that has gone is no error here."""


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Toy

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.server.calls.append(f"{self.command} {self.path} {self.rfile.read(length).decode()}".strip())
        word = self.server.script.pop(0) if len(self.server.script) > 1 else self.server.script[0]
        if word == "die":
            self.close_connection = True
        elif word == "close":
            self.answer(200, b"{}")
            self.close_connection = True
        elif isinstance(word, float):
            time.sleep(word)
            self.answer(200, b"{}")
        else:
            status, body = word if isinstance(word, tuple) else (word, b"{}")
            self.answer(status, body)

    do_POST = do_GET

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.server.url + "/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def toy() -> Iterator[Toy]:
    toy = Toy()
    threading.Thread(target=toy.serve_forever, args=(0.01,), daemon=True).start()
    yield toy
    toy.shutdown()
    toy.server_close()


@pytest.fixture
def client(toy: Toy) -> Iterator[Client]:
    client = Client(toy.url, SECRET, read_timeout=0.3)
    yield client
    client.close()


def test_calls_go_over_a_kept_connection(toy: Toy, client: Client) -> None:
    for number in range(5):
        client.get(f"/things/{number}", GATEWAY)
        client.post("/things", GATEWAY, {"number": number})
    assert (toy.connections, len(toy.calls)) == (1, 10)


@pytest.mark.parametrize("dies", ["die", "close"])
def test_a_connection_that_died_is_opened_again_and_the_call_repeated_once(toy: Toy, client: Client, dies: str) -> None:
    toy.script = [dies, 200]
    assert [client.post("/things", GATEWAY, {"key": "k"}) for _ in range(2)] == [{}, {}]
    assert toy.calls == ['POST /things {"key":"k"}'] * (3 if dies == "die" else 2)


def test_who_dies_again_and_again_is_not_asked_for_ever(toy: Toy, client: Client) -> None:
    toy.script = ["die"]
    with pytest.raises(Unavailable) as told:
        client.get("/things", GATEWAY)
    assert len(toy.calls) == 2 and (told.value.retry_after or 0) > 0


def test_who_is_merely_slow_is_not_asked_twice(toy: Toy, client: Client) -> None:
    toy.script = [1.0]
    with pytest.raises(Unavailable) as told:
        client.post("/things", GATEWAY, {})
    assert len(toy.calls) == 1 and (told.value.retry_after or 0) > 0


def test_who_does_not_listen_is_unavailable(toy: Toy) -> None:
    nobody = Client("http://127.0.0.1:1", SECRET)
    with pytest.raises(Unavailable):
        nobody.get("/things", GATEWAY)


@pytest.mark.parametrize(("status", "body"), [
    (302, b""), (500, b"<h1>Internal Server Error</h1>"), (404, b"{}"), (502, b"[]"), (400, b"\xff"), (200, b"Welcome!")])
def test_whatever_else_listens_there_is_no_service_of_ours(toy: Toy, client: Client, status: int, body: bytes) -> None:
    toy.script = [(status, body)]
    with pytest.raises(Unavailable):
        client.get("/things", GATEWAY)
    assert toy.calls == ["GET /things"]


def test_an_answer_is_an_answer_also_one_that_says_when_to_come_back(toy: Toy, client: Client) -> None:
    toy.script = [(503, json.dumps(Unavailable("outbox_full", "پر است", "Full", retry_after=60).as_json()).encode())]
    with pytest.raises(Unavailable) as told:
        client.post("/things", GATEWAY, {})
    assert (told.value.code, told.value.retry_after, len(toy.calls)) == ("outbox_full", 60, 1)


@pytest.mark.parametrize("ref", [".", "..", "../others", "a/../b"])
def test_an_address_cannot_lead_to_another(toy: Toy, client: Client, ref: str) -> None:
    with pytest.raises(NotFound):
        client.get(f"/things/{ref}", GATEWAY)
    assert toy.calls == []


def test_letters_of_an_address_stay_letters(toy: Toy, client: Client) -> None:
    client.get("/things/a?b=1#c %2e%2e é", GATEWAY)
    assert toy.calls == ["GET /things/a%3Fb%3D1%23c%20%252e%252e%20%C3%A9"]


def test_a_problem_keeps_its_kind_on_its_way_between_services(toy: Toy, client: Client) -> None:
    for kind in Problem.__subclasses__():
        toy.script = [(kind.status, json.dumps(kind("code", "فارسی", "English", [{"pointer": "/a"}]).as_json()).encode())]
        with pytest.raises(kind) as told:
            client.get("/things", GATEWAY)
        assert (told.value.fa, told.value.en, told.value.errors) == ("فارسی", "English", [{"pointer": "/a"}])
