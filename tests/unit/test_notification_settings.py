"""Where letters go out, read from the environment; a wrong value is one line without the password, and exit 2."""
from pathlib import Path

import pytest

from services.notifications.channels.sms import SmsProvider
from services.notifications.settings import read

NAMES = ("MAHALLE_SMTP", "MAHALLE_MAIL_FROM", "MAHALLE_MAIL_LANGUAGE", "MAHALLE_SMS", "MAHALLE_LETTERS")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_without_a_mail_server_messages_go_to_the_log() -> None:
    assert read().smtp is None


def test_a_mail_server_is_read_with_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAHALLE_SMTP", "smtps://letters%40example.org:p%3Ass@mail.example.org")
    found = read()
    assert found.smtp is not None
    assert (found.smtp.host, found.smtp.port, found.smtp.tls) == ("mail.example.org", 465, True)
    assert (found.smtp.user, found.smtp.password, found.mail_from) == ("letters@example.org", "p:ss", "letters@example.org")


def test_the_sender_s_address_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAHALLE_SMTP", "smtp://127.0.0.1:2525")
    assert read().mail_from == "mahalle@127.0.0.1"
    monkeypatch.setenv("MAHALLE_MAIL_FROM", "mahalle@alborz.example.org")
    assert read().mail_from == "mahalle@alborz.example.org"


@pytest.mark.parametrize(("name", "value"), [
    ("MAHALLE_SMTP", "http://user:s3cret@mail:25"), ("MAHALLE_SMTP", "smtp://user:s3cret@mail:port"),
    ("MAHALLE_SMTP", "smtp://"), ("MAHALLE_MAIL_FROM", "s3cret"), ("MAHALLE_MAIL_FROM", "a@b\nBcc: s3cret@c"),
    ("MAHALLE_MAIL_LANGUAGE", "s3cret"), ("MAHALLE_SMS", "https://sms.example.org"), ("MAHALLE_SMS", "s3cret"),
    ("MAHALLE_SMS", "http://s3cret@sms.example.org"), ("MAHALLE_SMS", "https://s3cret@sms.example.org/v1/s3cret"),
    ("MAHALLE_SMS", "https://s3cret@sms.example.org:port"), ("MAHALLE_SMS", "https://s3cret@sms.example.org?tmplate=x")])
def test_a_wrong_setting_is_one_line_without_secrets(name: str, value: str, monkeypatch: pytest.MonkeyPatch,
                                                     capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        read()
    said = capsys.readouterr().err
    assert ended.value.code == 2 and name in said and said.count("\n") == 1 and "s3cret" not in said


def test_a_provider_of_text_messages_is_read_with_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (read().sms, read().letters) == (None, None)
    monkeypatch.setenv("MAHALLE_SMS", "https://k%2Fey@api.example.org?template=mahalle&sender=1000")
    monkeypatch.setenv("MAHALLE_LETTERS", "/somewhere/letters")
    assert read().sms == SmsProvider("https://api.example.org", "k/ey", "mahalle", "1000")
    assert read().letters == Path("/somewhere/letters")
    monkeypatch.setenv("MAHALLE_SMS", "http://key@127.0.0.1:8000")
    assert read().sms == SmsProvider("http://127.0.0.1:8000", "key", "", "")
