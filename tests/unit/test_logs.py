"""Nothing personal reaches a log line, whoever wrote it."""
import io
import json
import logging
import sys

import pytest

from chassis import logs


@pytest.mark.parametrize("personal", [
    "ali@example.org", "علی@example.org", "+98 912 345 6789", "09123456789", "۰۹۱۲۳۴۵۶۷۸۹", "۰۹۱۲-۳۴۵-۶۷۸۹",
    "0098 (912) 3456789", "9123456789", "۹۱۲۳۴۵۶۷۸۹", f"mhl_{'0' * 16}_{'a' * 43}", f"mhr_{'0' * 32}_12_{'a' * 64}",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.sig-1_"])
def test_addresses_and_telephone_numbers_are_masked_everywhere(capsys, personal: str) -> None:
    logs.set_up("test")
    logs.get("t").info("called", detail=f"by {personal} today", phone=personal)
    logging.getLogger("elsewhere").warning("told %s، شماره:%sاست", personal, personal)
    try:
        raise ValueError(f"no such person: {personal}")
    except ValueError:
        logging.getLogger("elsewhere").exception("failed")
    written = capsys.readouterr().err
    assert personal not in written and len(written.splitlines()) == 3
    assert all(json.loads(line)["service"] == "test" for line in written.splitlines())


def test_ids_and_times_are_not_mistaken_for_telephone_numbers(capsys) -> None:
    logs.set_up("test")
    logs.get("t").info("seen", issue="7f6d1c52-3a0c-5a3e-9a9c-001234567890", at="2026-11-24T08:30:00.000Z")
    line = json.loads(capsys.readouterr().err)
    assert line["issue"].endswith("001234567890") and line["at"].startswith("2026-11-24T")


def test_words_of_people_and_secrets_are_dropped(capsys) -> None:
    logs.set_up("test")
    logs.get("t").info("filed", text="در خانهٔ ما", secret="abcd", contact={"email": "x"}, trace="t1")
    line = json.loads(capsys.readouterr().err)
    assert {line["text"], line["secret"], line["contact"]} == {"…"}


def test_what_lies_within_is_masked_too(capsys) -> None:
    class Letter:
        def __repr__(self) -> str:
            return "Letter(to='ali@example.org')"

    logs.set_up("test")
    logs.get("t").info("failed", detail={"email": "x", "at": [{"Phone": "1"}, "۰۹۱۲۳۴۵۶۷۸۹", Letter()]}, error=Letter(),
                       uri="mongodb://admin:pass@host/")
    line = json.loads(capsys.readouterr().err)
    assert line["detail"] == {"email": "…", "at": [{"Phone": "…"}, "…", "Letter(to='…')"]}
    assert line["error"] == "Letter(to='…')" and line["uri"] == "mongodb://…host/"


def test_a_line_that_nobody_can_read_any_more_costs_nobody_their_answer(monkeypatch) -> None:
    logs.set_up("test")
    gone = io.StringIO()
    gone.close()
    monkeypatch.setattr(sys, "stderr", gone)
    logs.get("t").info("seen")
    logging.getLogger("elsewhere").warning("seen")


@pytest.mark.parametrize("level", ["info", "warning"])
def test_what_is_below_the_level_is_not_written(capsys, level: str) -> None:
    logs.set_up("test", level)
    logs.get("t").debug("told")
    logs.get("t").info("told")
    logging.getLogger("elsewhere").info("told")
    assert len(capsys.readouterr().err.splitlines()) == (2 if level == "info" else 0)


@pytest.mark.parametrize("long", ["a" * 300_000, "a" * 299_000 + " 09123456789", "0 " * 150_000 + "x", "a@" * 150_000])
def test_a_long_text_is_cut_and_keeps_nobody_waiting(capsys, long: str) -> None:
    logs.set_up("test")
    logs.get("t").info("failed", detail=long)
    line = json.loads(capsys.readouterr().err)
    assert len(line["detail"]) <= logs.LONGEST + 3 and "09123456789" not in line["detail"]
