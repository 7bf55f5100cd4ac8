"""Every rule has a letter in both languages that says all it should, and nothing that it should not."""
import re
from datetime import timedelta
from typing import Any

import pytest
from jinja2 import UndefinedError

from services.notifications.letters import FOLDER, Letters, gregorian, jalali
from services.notifications.rules import RULES
from services.notifications.settings import LANGUAGES
from tests.builders import NOON

NAMES: dict[str, dict[str, Any]] = {
    "category:lighting": {"fa": "روشنایی", "en": "Lighting"}, "territory:n1": {"fa": "مهرشهر", "en": "Mehrshahr"},
    "agency:a1": {"fa": "شهرداری کرج", "en": "Municipality of Karaj"}}
ABOUT: dict[str, Any] = {
    "issue": "i", "tracking_code": "12345678901", "category": "lighting", "place": "n1", "agency": "a1",
    "filed_at": NOON, "accept_by": NOON + timedelta(days=1), "due": NOON + timedelta(days=3), "satisfaction": 4}
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


def test_every_template_belongs_to_a_rule_and_stands_in_both_languages() -> None:
    found = {path.name for path in FOLDER.iterdir() if not path.name.startswith("_")}
    assert found == {f"{template}.{language}.txt" for template in TEMPLATES for language in LANGUAGES}


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
