"""Every rule has a letter in both languages that says all it should, and nothing that it should not."""
import re
from datetime import timedelta
from typing import Any

import pytest
from jinja2 import UndefinedError

from services.notifications.codes import TEMPLATES as CODES
from services.notifications.letters import FOLDER, Letters, gregorian, jalali
from services.notifications.rules import RULES
from services.notifications.settings import LANGUAGES
from tests.builders import NOON

NAMES: dict[str, dict[str, Any]] = {
    "category:lighting": {"fa": "روشنایی", "en": "Lighting"}, "territory:n1": {"fa": "مهرشهر", "en": "Mehrshahr"},
    "agency:a1": {"fa": "شهرداری کرج", "en": "Municipality of Karaj"}}
ABOUT: dict[str, Any] = {
    "issue": "i", "tracking_code": "12345678901", "category": "lighting", "place": "n1", "agency": "a1",
    "filed_at": NOON, "accept_by": NOON + timedelta(days=1), "due": NOON + timedelta(days=3), "satisfaction": 4,
    "closed_by": "silence", "joined": 12, "what": "defer", "review_at": NOON + timedelta(days=30), "deadline": "finish",
    "step": 2, "by": "agency"}
TEMPLATES = sorted({rule.template for rule in RULES})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_rule_s_letter_says_which_issue_and_what_to_do(template: str, language: str) -> None:
    subject, body = Letters(language).write(template, ABOUT, NAMES)
    code, what_to_do = ("۱۲۳۴-۵۶۷۸-۹۰۱", "چه کنید:") if language == "fa" else ("1234-5678-901", "What to do:")
    assert code in subject and code in body and what_to_do in body
    assert NAMES["category:lighting"][language] in body and NAMES["territory:n1"][language] in subject + body
    assert "\n\n\n" not in body and "None" not in subject + body


@pytest.mark.parametrize("template", TEMPLATES)
def test_persian_letters_have_no_latin_digit_or_letter(template: str) -> None:
    assert not re.search(r"[0-9A-Za-z]", "".join(Letters("fa").write(template, ABOUT, NAMES)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_letter_is_whole_before_the_names_are_known(template: str, language: str) -> None:
    subject, body = Letters(language).write(template, ABOUT, {})
    assert subject and "None" not in subject + body and "lighting" not in body


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_filing_that_nobody_has_yet_says_so(language: str) -> None:
    nobody = ABOUT | {"agency": None, "due": None, "accept_by": None}
    says = {"fa": "هنوز دستگاهی", "en": "No agency has it yet"}
    assert says[language] in Letters(language).write("filed", nobody, NAMES)[1]


@pytest.mark.parametrize(("template", "told", "fa", "en"), [
    ("asked", {"what": "defer"}, "تا تأمین اعتبار", "until there are funds"),
    ("asked", {"what": "extend"}, "مهلت بیشتری", "a later deadline"),
    ("declined", {"what": "extend"}, "مهلت بیشتر", "a later deadline"),
    ("escalated", {"deadline": "accept"}, "نه پذیرفت و نه رد", "neither accepted nor refused"),
    ("escalated", {"deadline": "finish"}, "به پایان نرساند", "did not finish"),
    ("escalated", {"deadline": "route", "due": None, "accept_by": None}, "هیچ دستگاهی", "no agency has this issue"),
    ("closed", {"by": "silence"}, "پاسخی از شما نرسید", "you did not answer"),
    ("closed", {"by": "neighbourhood_manager"}, "مدیر محله", "neighbourhood's manager"),
    ("closed", {"by": "reporter"}, "پایان کار تأیید", "the work was confirmed"),
    ("message", {"by": "filer"}, "گزارش‌کننده", "who filed it"),
    ("message", {"by": "secretary"}, "دبیرخانه دربارهٔ", "secretariat")])
def test_a_letter_says_what_the_event_says(template: str, told: dict[str, Any], fa: str, en: str) -> None:
    assert fa in Letters("fa").write(template, ABOUT | told, NAMES)[1]
    assert en in Letters("en").write(template, ABOUT | told, NAMES)[1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", [each for each in TEMPLATES if each.startswith("followed")] + ["filed_for_you"])
def test_who_has_no_secret_of_the_filer_is_not_told_to_answer_with_it(template: str, language: str) -> None:
    body = Letters(language).write(template, ABOUT, NAMES)[1]
    assert ("با کد رهگیری و رمزتان پاسخ" not in body) and ("your tracking code and secret" not in body)


def test_every_template_belongs_to_a_rule_or_a_code_and_stands_in_both_languages() -> None:
    found = {path.name for path in FOLDER.iterdir() if not path.name.startswith("_")}
    known = [*TEMPLATES, *CODES.values()]
    assert found == {f"{template}.{language}.txt" for template in known for language in LANGUAGES}


def test_what_a_template_names_and_nobody_gave_is_an_error() -> None:
    without = {name: value for name, value in ABOUT.items() if name != "filed_at"}
    with pytest.raises(UndefinedError):
        Letters("fa").write("filed", without, NAMES)


def test_sample_data_is_labelled_in_the_letter() -> None:
    sample = NAMES | {"agency:a1": NAMES["agency:a1"] | {"sample": True}}
    assert "دادهٔ نمونه" in Letters("fa").write("filed", ABOUT, sample)[1]
    assert "دادهٔ نمونه" not in Letters("fa").write("filed", ABOUT, NAMES)[1]


def test_dates_are_iran_s_in_both_calendars() -> None:
    late = NOON.replace(hour=21)  # 21:30 UTC is one o'clock of the next day in Iran
    assert jalali(late) == "چهارشنبه ۴ آذر ۱۴۰۵، ساعت ۰۱:۰۰"
    assert gregorian(late) == "Wednesday 25 November 2026, 01:00 (Iran)"
