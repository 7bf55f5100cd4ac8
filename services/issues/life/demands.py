"""What must be given with a move or a decision, and the sentences for what is missing or wrong. Plain Python."""
from datetime import datetime, timedelta
from typing import Any

from contracts.errors import Invalid, NotAllowed
from services.issues.life.moves import FOR_WHOM
from services.issues.life.task import Actor

FARTHEST = timedelta(days=5 * 366)
NAMES = {"reason": ("دلیل", "a reason"), "text": ("شرح کار انجام‌شده", "a text about what was done"),
         "satisfaction": ("میزان رضایت، ۱ تا ۵،", "how satisfied you are, 1 to 5"),
         "for_whom": ("این‌که منتظر چه کسی هستید", "whom it waits for"), "until": ("تاریخ", "a date"),
         "photograph": ("عکس", "a photograph"), "agency": ("کد دستگاه دیگر", "the code of another agency")}


def wrong(field: str, code: str, fa: str, en: str) -> Invalid:
    return Invalid(code, fa, en, [{"pointer": f"/{field}", "fa": fa, "en": en}])


def demand(given: dict[str, Any], *needed: str) -> None:
    """Raises Invalid for the first of the fields that is missing, or only spaces."""
    for field in needed:
        value = given.get(field)
        if value is None or (isinstance(value, str) and not value.strip()):
            fa, en = NAMES[field]
            raise wrong(field, f"{field}_needed", f"برای این کار {fa} لازم است؛ آن را در {field} بنویسید.",
                        f"This needs {en}; write it in {field}.")


def demand_role(by: Actor, *roles: str) -> None:
    """Raises NotAllowed for whoever acts as something else."""
    if by.role not in roles:
        raise NotAllowed("move_not_yours", "این کار در اختیار شما نیست.", "This move is not yours to make.")


def demand_for_whom(for_whom: str | None) -> None:
    if for_whom is not None and for_whom not in FOR_WHOM:
        raise wrong("for_whom", "bad_for_whom", f"for_whom یکی از این‌هاست: {'، '.join(FOR_WHOM)}",
                    f"for_whom is one of {', '.join(FOR_WHOM)}.")


def demand_later(until: datetime | None, than: datetime, at: datetime) -> None:
    """Raises Invalid unless the date lies in the future, after `than`, and within five years."""
    if until is None:
        return
    if until <= at:
        raise wrong("until", "date_in_the_past", "این تاریخ گذشته است؛ تاریخی در آینده بنویسید.",
                    "This date has passed; write one in the future.")
    if until <= than:
        raise wrong("until", "not_later", "مهلت تازه باید پس از مهلت کنونی باشد.",
                    "The new deadline must be later than the present one.")
    if until > at + FARTHEST:
        raise wrong("until", "date_too_far", "این تاریخ بیش از پنج سال دیگر است؛ تاریخ نزدیک‌تری بنویسید.",
                    "This date is more than five years away; write a nearer one.")
