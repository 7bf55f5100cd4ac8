"""What a category asks besides the text, and whether what was answered is an answer to it."""
import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from marshmallow import ValidationError

from chassis.text import fold, persian_digits
from chassis.validation import Words
from contracts.errors import Invalid

LONGEST = 1000  # characters of an answer
LARGEST = 10**15  # of a number, either way
WORDS = Words()
Row = dict[str, Any]
Wrong = tuple[str, str]  # what is wrong and what to do, in Persian and in English


def check(questions: Sequence[Row], given: Row, whole: bool = True) -> Row:
    """The answers by the codes of their questions, without those left empty.

    Raises Invalid with a pointer for each wrong one; also for each that is missing and required, where `whole`.
    """
    known = {question["code"]: question for question in questions}
    said = {code: answer for code, answer in given.items() if answer not in (None, "", [])}
    wrong = {**{code: _WRONG[known[code]["type"]](known[code], answer) if code in known else _unknown(known)
                for code, answer in said.items()},
             **(dict(_missing(questions, said)) if whole else {})}
    errors = [{"pointer": f"/answers/{_step(code)}", "fa": each[0], "en": each[1]} for code, each in wrong.items() if each]
    if errors:
        raise Invalid("bad_answers", "پاسخ بعضی پرسش‌ها درست نیست؛ فهرست آن‌ها در errors آمده است.",
                      "Some questions are not answered rightly; errors lists them.", errors)
    return said


def _missing(questions: Sequence[Row], said: Row) -> Iterator[tuple[str, Wrong]]:
    for question in questions:
        if question["required"] and question["code"] not in said:
            yield question["code"], (f"به این پرسش پاسخ دهید: {question['name_fa']}",
                                     f"Answer this question: {question['name_en']}")


def _unknown(known: Row) -> Wrong:
    return (f"این دسته چنین پرسشی ندارد. پرسش‌هایش: {'، '.join(known) or 'هیچ'}",
            f"This category asks no such question. It asks: {', '.join(known) or 'nothing'}")


def _text(question: Row, answer: Any) -> Wrong | None:
    try:
        if len(WORDS.deserialize(answer)) <= LONGEST:
            return None
    except ValidationError:
        pass
    return persian_digits(f"متنی تا {LONGEST} نویسه بنویسید."), f"Write a text of up to {LONGEST} characters."


def _number(question: Row, answer: Any) -> Wrong | None:
    if isinstance(answer, int | float) and not isinstance(answer, bool) and math.isfinite(answer) and abs(answer) <= LARGEST:
        return None
    return "عددی بنویسید، بی گیومه.", "Write a number, without quotes."


def _date(question: Row, answer: Any) -> Wrong | None:
    try:
        if isinstance(answer, str) and len(answer) == len("2025-03-21") and date.fromisoformat(fold(answer)):
            return None
    except ValueError:
        pass
    return "روزی میلادی مانند 2025-03-21 بنویسید.", "Write a day like 2025-03-21."


def _yes_no(question: Row, answer: Any) -> Wrong | None:
    return None if isinstance(answer, bool) else ("true یا false بنویسید.", "Write true or false.")


def _one(question: Row, answer: Any) -> Wrong | None:
    codes = _codes(question)
    if isinstance(answer, str) and answer in codes:
        return None
    return f"یکی از این‌ها را بنویسید: {'، '.join(codes)}", f"Write one of: {', '.join(codes)}"


def _many(question: Row, answer: Any) -> Wrong | None:
    codes = _codes(question)
    if isinstance(answer, list) and all(isinstance(each, str) and each in codes for each in answer) \
            and len(set(answer)) == len(answer):
        return None
    return (f"فهرستی از این‌ها بنویسید، هر کدام یک بار: {'، '.join(codes)}",
            f"Write a list of these, each once: {', '.join(codes)}")


def _codes(question: Row) -> list[str]:
    return [option["code"] for option in question["options"]]


def _step(code: str) -> str:
    """A step of a JSON pointer (RFC 6901), cut where somebody sent something long."""
    return code[:60].replace("~", "~0").replace("/", "~1")


_WRONG: dict[str, Callable[[Row, Any], Wrong | None]] = {
    "text": _text, "number": _number, "date": _date, "yes_no": _yes_no, "one": _one, "many": _many}
