"""How many one-time codes are sent: anybody may ask for one to any address, and a text message costs.

Nobody may make us send without end, and nobody may use up what is somebody else's. So it is counted for each address in a
day, and of these for each network that asks; for each network in an hour, but for what was used, since a carrier's customers
share one; and for all telephones together in an hour, which bounds the bill. The counts of an address lie with its code, the
others here. Cut off between counting and sending, one too many is counted until the hour is over.
"""
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from environs import Env, EnvError
from marshmallow.validate import Range
from pymongo.errors import DuplicateKeyError

from chassis import metrics
from chassis.settings import stop_with
from chassis.store import answering
from chassis.validation import bad_field
from contracts.errors import TooMany
from services.registry.accounts.documents import CodeCount

COUNTRY = "+98"  # of a number that names none
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EACH = 5  # codes a day to one address that one network asked for and nobody used
TELEPHONES = "telephones"
Asked = list[dict[str, Any]]  # {at, by}: codes of an address; `by`: the network's mark, empty once a code was used


@dataclass(frozen=True)
class Allowance:
    """Codes: to one `address` a day, for one `network` an hour, to `telephones` an hour, which begin as `countries` do."""

    address: int
    network: int
    telephones: int
    countries: tuple[str, ...]


@cache
def allowance() -> Allowance:
    """Of the settings. Exits 2 with one line where one is wrong."""
    env, some = Env(), Range(min=1)
    countries = tuple(each.strip() for each in env.str("MAHALLE_PHONE_COUNTRIES", COUNTRY).split(","))
    if not all(re.fullmatch(r"\+[0-9]{0,4}", each) for each in countries):
        stop_with("setting: MAHALLE_PHONE_COUNTRIES is a list like +98,+93; + alone is every country. See docs/settings.md.")
    try:
        return Allowance(env.int("MAHALLE_CODES_EACH_DAY", 20, validate=some), env.int("MAHALLE_CODES_EACH_NETWORK", 100,
                         validate=some), env.int("MAHALLE_CODES_EACH_HOUR", 600, validate=some), countries)
    except EnvError as error:
        stop_with(f"setting: {str(error).rstrip('.')}. See docs/settings.md.")


def demand_country(place: str) -> None:
    """Raises Invalid for a telephone of a country to which no codes go: texts abroad cost, and anybody may ask for one."""
    if place.startswith("+") and not place.startswith(allowance().countries):
        raise bad_field("/address", "no_such_country", "به شماره‌های این کشور کد فرستاده نمی‌شود؛ نشانی ایمیل بنویسید.",
                        "No codes are sent to numbers of this country. Write an e-mail address.")


def demand_room(asked: Asked, by: str, at: datetime) -> None:
    """`asked`: the codes of an address within a day. Raises TooMany for one more."""
    mine = [each for each in asked if each["by"] == by]
    full = [codes[-most]["at"] for codes, most in ((asked, allowance().address), (mine, EACH)) if len(codes) >= most]
    if full:
        raise too_many("address", max(full) + DAY - at)


def take(by: str, place: str, at: datetime) -> None:
    """Counts one code for a network, and for all telephones where it goes to one. Raises TooMany where none is left."""
    end = at.replace(minute=0, second=0, microsecond=0) + HOUR
    if not _counted(by, at, allowance().network):
        raise too_many("network", end - at)
    if place.startswith("+") and not _counted(TELEPHONES, at, allowance().telephones):
        give_back(by, at)
        raise too_many(TELEPHONES, end - at)


def undo(by: str, place: str, at: datetime) -> None:
    """What `take` took, of a code that was not sent after all."""
    give_back(by, at)
    if place.startswith("+"):
        give_back(TELEPHONES, at)


def give_back(by: str, at: datetime) -> None:
    """One that a network took in the hour of that moment."""
    with answering():
        CodeCount._get_collection().update_one({"_id": _name(by, at), "count": {"$gt": 0}}, {"$inc": {"count": -1}})


def too_many(why: str, wait: timedelta) -> TooMany:
    metrics.CODES.labels("registry", why).inc()
    return TooMany("too_many_codes", "کدهای زیادی خواسته شده است. بعداً دوباره تلاش کنید، یا نشانی دیگری بنویسید.",
                   "Too many codes were asked for. Try again later, or write another address.",
                   retry_after=int(wait.total_seconds()) + 1)


def _counted(name: str, at: datetime, most: int) -> bool:
    """One more, unless there are that many."""
    for upsert in (True, False):  # of two who begin to count at once one meets the other's
        with suppress(DuplicateKeyError), answering():
            done = CodeCount._get_collection().update_one(
                {"_id": _name(name, at), "count": {"$lt": most}},
                {"$inc": {"count": 1}, "$set": {"expires": at + 2 * HOUR}}, upsert=upsert)
            return bool(done.matched_count or done.upserted_id)
    return False


def _name(name: str, at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H} {name}"
