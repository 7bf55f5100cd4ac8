"""Text messages: what the provider is asked, and that its answer decides whether to come again; codes in a folder."""
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from services.notifications.channels import Later, Message, Never
from services.notifications.channels.folder import Folder
from services.notifications.channels.sms import Sms, SmsProvider
from services.notifications.letters import Letters

KEY = "0123456789ABCDEF"
MESSAGE = Message("9f2c4e6a", "code_short", "+989121234567", "کد ورود", "کد شما 123456 است\n", "123456")


class Provider:
    """What a provider of ours answers to each message, and what it was asked: (path, form)."""

    def __init__(self) -> None:
        self.answer: tuple[int, bytes] = (200, b'{"return": {"status": 200, "message": "OK"}, "entries": []}')
        self.asked: list[tuple[str, dict[str, str]]] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.asked.append((self.path, {name: values[0] for name, values in parse_qs(form).items()}))
                self.send_response(provider.answer[0])
                self.send_header("Content-Length", str(len(provider.answer[1])))
                self.end_headers()
                self.wfile.write(provider.answer[1])

            def log_message(self, *words: Any) -> None: ...

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def channel(self, template: str = "", sender: str = "") -> Sms:
        return Sms(SmsProvider(f"http://127.0.0.1:{self._server.server_port}", KEY, template, sender))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.close()


def test_the_text_goes_as_it_is(provider: Provider) -> None:
    provider.channel(sender="10004346").send(MESSAGE)
    provider.channel().send(MESSAGE)
    text = {"receptor": "+989121234567", "message": "کد شما 123456 است\n"}
    send = f"/v1/{KEY}/sms/send.json"
    assert provider.asked == [(send, {**text, "sender": "10004346"}), (send, text)]


def test_with_a_template_the_code_alone_goes(provider: Provider) -> None:
    provider.channel(template="mahalle", sender="10004346").send(MESSAGE)
    assert provider.asked == [(f"/v1/{KEY}/verify/lookup.json", {
        "receptor": "+989121234567", "token": "123456", "template": "mahalle"})]


@pytest.mark.parametrize(("status", "body", "kind"), [
    (411, b'{"return": {"status": 411, "message": "x"}}', Never), (200, b'{"return": {"status": 422}}', Never),
    (418, b'{"return": {"status": 418, "message": "no credit"}}', Later), (403, b'{"return": {"status": 403}}', Later),
    (409, b'{"return": {"status": 409}}', Later), (500, b"<html>", Later), (200, b"<html>somebody else</html>", Later),
    (200, b'{"return": null}', Later), (302, b"", Later), (411, b"Length Required", Later)])
def test_what_is_wrong_with_the_number_is_for_good_and_all_else_comes_again(
        provider: Provider, status: int, body: bytes, kind: type[Exception]) -> None:
    provider.answer = (status, body)
    with pytest.raises(kind) as why:
        provider.channel().send(MESSAGE)
    said = str(why.value)
    assert not [secret for secret in (KEY, "912", "123456") if secret in said]


def test_a_provider_that_is_away_comes_again(provider: Provider) -> None:
    provider.close()
    with pytest.raises(Later) as why:
        provider.channel().send(MESSAGE)
    assert KEY not in str(why.value)


def test_a_message_in_a_folder_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    for _ in range(2):
        Folder(folder).send(MESSAGE)
    [file] = folder.iterdir()
    assert file.read_text() == "+989121234567\nکد ورود\n\nکد شما 123456 است\n"
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    (tmp_path / "none").write_text("")
    with pytest.raises(Later):
        Folder(tmp_path / "none").send(MESSAGE)


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("template", ["code", "code_short"])
def test_the_letter_says_the_code_in_its_body_alone(template: str, language: str) -> None:
    subject, body = Letters(language).write_code(template, "123456")
    assert "123456" in body and "123456" not in subject and subject
    assert ("کس نگویید" if language == "fa" else "nobody") in body
    assert template == "code" or len(body) < 100, "one text message, two in Persian at most"
