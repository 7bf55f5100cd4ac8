"""The ring of keys: the first writes, all read, none but they."""
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.ring import CONTACT_KEYS, Ring, Unreadable

OLD, NEW = "old " * 10, "new " * 10


@given(st.text(max_size=200))
def test_what_is_written_is_read_again_and_never_written_alike(text: str) -> None:
    ring = Ring([NEW])
    assert ring.decrypt(ring.encrypt(text)) == text
    assert ring.encrypt(text) != ring.encrypt(text)


def test_the_first_key_writes_and_all_read() -> None:
    written = Ring([OLD]).encrypt("09121234567")
    both = Ring([NEW, OLD])
    assert both.decrypt(written) == "09121234567"
    assert Ring([NEW]).decrypt(both.encrypt("x")) == "x"
    with pytest.raises(Unreadable):
        Ring([NEW]).decrypt(written)


def test_what_is_rotated_is_read_without_the_old_key() -> None:
    rotated = Ring([NEW, OLD]).rotate(Ring([OLD]).encrypt("x"))
    assert Ring([NEW]).decrypt(rotated) == "x"
    with pytest.raises(Unreadable):
        Ring([NEW]).rotate(Ring([OLD]).encrypt("x"))


@pytest.mark.parametrize("spoil", [lambda s: s[:-2], lambda s: "A" + s[1:], lambda s: "", lambda s: s[::-1],
                                   lambda s: s[:40] + ("B" if s[40] != "B" else "C") + s[41:]])
def test_what_was_changed_is_not_read(spoil: Callable[[str], str]) -> None:
    ring = Ring([NEW])
    with pytest.raises(Unreadable):
        ring.decrypt(spoil(ring.encrypt("a secret of twenty letters")))


def test_a_mark_is_the_same_for_the_same_texts_under_the_same_key() -> None:
    assert Ring([NEW, OLD]).mark("a", "b") == Ring([NEW]).mark("a", "b")
    assert Ring([OLD]).mark("a", "b") in Ring([NEW, OLD]).marks("a", "b")
    assert len({Ring([NEW]).mark("a", "b"), Ring([NEW]).mark("ab"), Ring([OLD]).mark("a", "b")}) == 3


@pytest.mark.parametrize(("given", "told"), [
    ("", "is not set"), ("short", "at least 32"), (f"{NEW.strip()},x", "at least 32"), (",", "at least 32")])
def test_keys_that_are_missing_or_short_are_one_line_without_the_key(
        given: str, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MAHALLE_CONTACT_KEYS", given)
    with pytest.raises(SystemExit) as ended:
        Ring.from_settings(CONTACT_KEYS)
    said = capsys.readouterr().err
    assert (ended.value.code, said.count("\n")) == (2, 1)
    assert told in said and "MAHALLE_CONTACT_KEYS" in said and NEW.strip() not in said


def test_keys_are_read_from_the_settings_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAHALLE_CONTACT_KEYS", f"{NEW * 2}, {OLD * 2} ")
    written = Ring.from_settings(CONTACT_KEYS).encrypt("x")
    assert Ring([(NEW * 2).strip()]).decrypt(written) == "x"
    assert Ring.from_settings(CONTACT_KEYS).decrypt(Ring([(OLD * 2).strip()]).encrypt("y")) == "y"
