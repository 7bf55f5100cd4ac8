"""What goes out by e-mail, and what a password is worth."""
from email import message_from_bytes
from email.policy import default

import pytest

from services.notifications.channels import Later, Message, Never
from services.notifications.channels.log import Log
from services.notifications.channels.smtp import Smtp, SmtpServer

NOWHERE = SmtpServer("127.0.0.1", 1, False, "", "")
LETTER = Message("5a3e", "filed", "zahra@example.org", "مسئلهٔ شما ثبت شد؛ ۱۲۳۴", "سلام\n\nخط دوم\n")


def test_a_letter_is_plain_persian_text_marked_as_automatic() -> None:
    raw = bytes(Smtp(NOWHERE, "mahalle@example.org")._letter(LETTER))
    found = message_from_bytes(raw, policy=default)
    assert raw.isascii() and found["Subject"] == LETTER.subject
    assert found.get_content().replace("\r\n", "\n") == LETTER.body
    assert found["Auto-Submitted"] == "auto-generated" and found["From"] == "mahalle@example.org"


@pytest.mark.parametrize("subject", [
    "آیا مسئلهٔ شما درست شده است؟ کد رهگیری ۰۶۱۶-۵۳۷۶-۱۵۴", "Is it fixed? Tracking code 0616-5376-154", "کار " * 60 + "شد"])
def test_a_subject_arrives_word_for_word_however_long(subject: str) -> None:
    raw = bytes(Smtp(NOWHERE, "mahalle@example.org")._letter(Message("5a3e", "done", "zahra@example.org", subject, "سلام")))
    assert message_from_bytes(raw, policy=default)["Subject"] == subject
    assert raw.isascii() and max(map(len, raw.splitlines())) <= 78


def test_two_tries_of_one_delivery_have_one_message_id() -> None:
    smtp = Smtp(NOWHERE, "mahalle@example.org")
    assert smtp._letter(LETTER)["Message-ID"] == smtp._letter(LETTER)["Message-ID"] == "<5a3e@example.org>"


def test_an_address_with_a_line_break_never_leaves() -> None:
    with pytest.raises(Never):
        Smtp(NOWHERE, "mahalle@example.org").send(Message("5a3e", "filed", "a@b.c\nBcc: d@e.f", "s", "b"))


def test_a_server_that_is_away_means_later() -> None:
    with pytest.raises(Later) as told:
        Smtp(NOWHERE, "mahalle@example.org").send(LETTER)
    assert "zahra" not in told.value.reason


def test_the_log_has_neither_address_nor_text(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        Log().send(LETTER)
    said = caplog.text + "".join(capsys.readouterr())
    assert "5a3e" in said and "filed" in said
    assert not any(secret in said for secret in ("zahra", "سلام", LETTER.subject))
