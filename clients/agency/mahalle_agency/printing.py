"""Messages as a clerk reads them on a terminal, Persian with English beside. Times are local, with their offset."""
import unicodedata
from collections.abc import Iterator
from datetime import datetime

from mahalle_agency.messages import AnswerTold, Message, Task

HEADLINES = {
    "offered": "کار تازه · a new task", "changed": "کار تغییر کرد · a task changed",
    "cancelled": "کار لغو شد · a task was cancelled", "taken": "پاسخ انجام شد · an answer was carried out",
    "refused": "پاسخ پذیرفته نشد · an answer was not carried out",
}
DIRECTIONS = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"}


def plain(text: str) -> str:
    """One line without control characters: what a resident typed must not steer a terminal. The half-space stays."""
    seen = ("" if sign in DIRECTIONS else " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text)
    return " ".join("".join(seen).split())


def local(at: datetime) -> str:
    return at.astimezone().isoformat(" ", "minutes")


def both(name: str | None, code: str | None) -> str:
    return " · ".join(part for part in (name, code) if part)


def of_task(task: Task) -> Iterator[tuple[str, str]]:
    """Label and value of each line."""
    yield "کار · task", task.task_id
    yield "کد رهگیری · tracking code", task.tracking_code or ""
    yield "وضعیت · state", task.state
    yield "عنوان · title", task.title or ""
    yield "موضوع · category", both(task.category_name, task.category)
    yield "محله · neighbourhood", both(task.neighbourhood_name, task.neighbourhood)
    yield "نقطه · point", f"{task.point[1]}, {task.point[0]}" if task.point else ""
    yield "شرح · text", task.text or ""
    yield "سهم این دستگاه · part", "" if task.lead and not task.part else task.part or "همکار · supporting"
    yield "دلیل · reason", task.reason or ""
    yield "قرارگاه · headquarters", "تصمیم قرارگاه است، رد و ارجاع ندارد · decided, binding" if task.binding else ""
    yield "مهلت پذیرش · accept by", local(task.accept_by)
    yield "مهلت انجام · due", local(task.due)
    if task.confidential and task.text is None:
        yield "محرمانه · confidential", f"mahalle-agency show {task.task_id}"


def of_answer(told: AnswerTold) -> Iterator[tuple[str, str]]:
    yield "کار · task", told.task_id
    yield "پاسخ · answer", f"{told.action} ({told.answer_id})"
    yield "وضعیت · state", told.state or ""
    yield "دلیل · reason", told.reason_fa or ""
    yield "reason", both(told.reason_en, told.code)


def card(task: Task) -> str:
    return _lines(of_task(task))


def printed(message: Message) -> str:
    """Several lines, the first at the margin."""
    below = of_answer(message) if isinstance(message, AnswerTold) else of_task(message.task)
    return f"{HEADLINES[message.kind]} ({local(message.at)})\n{_lines(below)}"


def _lines(pairs: Iterator[tuple[str, str]]) -> str:
    return "\n".join(f"  {label}: {plain(value)}" for label, value in pairs if value)
