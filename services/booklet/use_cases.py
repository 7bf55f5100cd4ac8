"""What can be asked of `booklet`: take over what was told, count what is published."""
from datetime import timedelta
from typing import Any

from chassis.clock import now, time_zone
from chassis.read_model import put_newer
from chassis.store import answering
from contracts.envelope import Received
from contracts.errors import Malformed
from contracts.issues import IssueSnapshot
from contracts.schema import instant
from services.booklet import days, names, reading
from services.booklet.documents import IssueRow, Named, row_of
from services.booklet.lines import Line
from services.booklet.questions import Question
from services.booklet.sketches import WITHIN

MOST = 5_000  # lines of one answer
STEP = 5  # confidential issues are told in steps of so many
NOTES = {
    "small_numbers": {
        "below": STEP,
        "fa": "سهم‌ها و میانگین‌هایی که از کمتر از ۵ مورد به دست آمده‌اند چیز زیادی نمی‌گویند؛ پرونده‌های محرمانه در هیچ "
              "سطری نیستند و تعدادشان تنها در جمع کل و با گام‌های ۵تایی گفته می‌شود.",
        "en": "Shares and means of fewer than 5 say little; confidential issues are in no line, and their number is told "
              "only in the total of everything, in steps of 5."},
    "durations": {
        "unit": "minutes", "within": WITHIN,
        "fa": "میانه و صدک ۹۰ زمان‌ها به دقیقه و با دقت ۲ درصد است.",
        "en": "The median and the 90th percentile of durations are in minutes, to within 2 %."}}


def keep_issues(batch: list[Received]) -> None:
    """One row per issue, newest wins. Idempotent."""
    put_newer(IssueRow._get_collection(), [row_of(received.snapshot) for received in batch
                                           if isinstance(received.snapshot, IssueSnapshot)])


def keep_names(batch: list[Received]) -> None:
    """One name per territory, agency and category, newest wins. Idempotent."""
    put_newer(Named._get_collection(), [names.name_of(received.snapshot) for received in batch
                                        if type(received.snapshot) in names.REGISTERS])


def statistics(question: Question) -> dict[str, Any]:
    """Each line with its numbers, by code, and the total; `counting` says what each is.

    Those of which nothing was ever filed are listed too. Counted at reading. Raises Malformed: unknown_category,
    unknown_territory, unknown_agency, too_many_lines.
    """
    at = now()
    with answering():
        names.demand_known(question)
        categories = names.find("category")
        known = names.names_for(question, categories)
        pipeline = _pipeline(question, at, categories)
        lines, total = reading.lines(pipeline, names.lines_of(question, known))
        totals = total.published() | (_confidential() if question.whole else {})
    return {"by": question.by, "unit": "tasks" if question.of_tasks else "issues", "asked": question.told(),
            "time_zone": time_zone().key, "items": _items(question, known, lines), "totals": totals,
            "counted_at": instant(at), **NOTES}


def _pipeline(question: Question, at: Any, categories: names.Names) -> list[reading.Stage]:
    branch = [code for code, row in categories.items() if question.category in row.get("path", ())]
    allowance = {code: names.hours_of(row) for code, row in categories.items()}
    return reading.stages(question, reading.narrowed(question, branch), at, allowance)


def _confidential() -> dict[str, int]:
    """Of everything alone and in steps, so that no difference of two published numbers gives one issue away."""
    many = reading.hidden() // STEP * STEP
    return {"confidential": many} if many else {}


def _items(question: Question, known: names.Names, lines: dict[str, Line]) -> list[dict[str, Any]]:
    if question.by == "month":
        known = {month: days.named(month) for month in _months(question, lines)}
    codes = sorted({code for code, row in known.items() if names.is_listed(row)} | lines.keys())
    if len(codes) > MOST:
        raise Malformed("too_many_lines", f"پاسخ بیش از {MOST} سطر می‌شود. با territory یا category محدودش کنید.",
                        f"The answer would have over {MOST} lines. Narrow it by territory or category.")
    return [names.item(code, known.get(code, {}), lines.get(code, Line()).published()) for code in codes]


def _months(question: Question, lines: dict[str, Line]) -> list[str]:
    """Without a gap: of the period asked for, as far as it is named, else of what was filed; none that is to come."""
    found = sorted(lines)
    first = days.month_of(question.since) if question.since else next(iter(found), "")
    last = days.month_of(question.until - timedelta(days=1)) if question.until else next(reversed(found), "")
    return list(days.months(first, min(last, days.month_at(now())))) if first and last else []
