"""One spelling for each telephone number and e-mail address, and never one for two."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Invalid
from services.registry.accounts.allowance import allowance, demand_country
from services.registry.accounts.codes import spelled


@pytest.mark.parametrize("typed", ["09121234567", "+989121234567", "00989121234567", "9121234567", "۰۹۱۲ ۱۲۳ ۴۵۶۷",
                                   "+98 (912) 123-45-67", "+98 (0)912 123 4567", "0098 0912 1234567",
                                   "٠٩١٢١٢٣٤٥٦٧", " 0912.123.4567 "])
def test_a_number_is_the_same_however_it_is_written(typed: str) -> None:
    assert spelled(typed) == "+989121234567"


def test_a_landline_which_gets_no_code_is_refused_with_what_to_write() -> None:
    for typed in ("026-32221111", "+98 21 88001122", "0912123456", "091212345678"):
        with pytest.raises(Invalid, match="bad_address") as refused:
            spelled(typed)
        assert "تلفن همراه" in refused.value.errors[0]["fa"]


@pytest.mark.parametrize(("typed", "known"), [
    ("+4915112345678", "+4915112345678"), ("z@mail.city.example.org", "z@mail.city.example.org"),
    (" Zahra.K@Example.ORG ", "zahra.k@example.org")])
def test_other_countries_and_mail_have_addresses_too(typed: str, known: str) -> None:
    assert spelled(typed) == known


@pytest.mark.parametrize("typed", [
    "", "12", "+", "not a number", "a@b", "a@@b.org", "a b@c.org", "+0912123456789", "9" * 40, "a@b.org\n@", "09121234567x"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        spelled(typed)
    assert refused.value.errors[0]["pointer"] == "/address"


@pytest.mark.parametrize("typed", ["1<a@b.org", "a(1)@b.org", '"a"@b.org', "1,a@b.org", "1;a@b.org", "a.@b.org", "a@b.org>",
                                   "a@b,c.org", "a\\@b.org", "a\0@b.org", "a\x7f@b.org"])
def test_no_mailbox_gets_codes_under_many_spellings(typed: str) -> None:
    """What a mail program or server reads as a@b.org, or as several."""
    test_what_is_no_address_is_refused(typed)


def test_codes_go_to_telephones_of_chosen_countries_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for chosen, well in (("", {"+98", "@"}), ("+98, +93", {"+98", "+93", "@"}), ("+", {"+98", "+93", "+49", "@"})):
        monkeypatch.setenv("MAHALLE_PHONE_COUNTRIES", chosen) if chosen else None
        allowance.cache_clear()
        for begins in ("+98", "+93", "+49", "@"):
            address = "z@example.org" if begins == "@" else f"{begins}9121234567"
            if begins in well:
                demand_country(address)
                continue
            with pytest.raises(Invalid) as refused:
                demand_country(address)
            assert refused.value.code == "no_such_country"
    monkeypatch.setenv("MAHALLE_PHONE_COUNTRIES", "98")
    allowance.cache_clear()
    with pytest.raises(SystemExit):
        allowance()
    monkeypatch.undo()
    allowance.cache_clear()


@pytest.mark.parametrize("given", ["0", "-1", "many"])
def test_an_allowance_of_codes_that_is_none_is_refused_and_named(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: str) -> None:
    monkeypatch.setenv("MAHALLE_CODES_EACH_HOUR", given)
    allowance.cache_clear()
    with pytest.raises(SystemExit):
        allowance()
    assert "MAHALLE_CODES_EACH_HOUR" in capsys.readouterr().err
    monkeypatch.undo()
    allowance.cache_clear()


def test_letters_that_look_alike_are_not_the_same_address() -> None:
    assert len({spelled(f"{name}@example.org") for name in ("zahra", "zahrá", "zаhra", "zahra\u0301")}) == 4


@given(st.text(max_size=60))
def test_a_spelling_is_its_own_spelling(typed: str) -> None:
    try:
        found = spelled(typed)
    except Invalid:
        return
    assert spelled(found) == found
