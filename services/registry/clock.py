"""Which day it is: validity begins and ends at midnight of the platform's time zone."""
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from environs import Env

from chassis.clock import now
from chassis.settings import stop_with


@cache
def time_zone() -> ZoneInfo:
    """Of MAHALLE_TIME_ZONE. Exits 2 with one line where there is no such zone."""
    name = Env().str("MAHALLE_TIME_ZONE", "Asia/Tehran")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        stop_with(f"setting: MAHALLE_TIME_ZONE={name} is no time zone; write one like Asia/Tehran. See docs/settings.md.")


def today() -> str:
    """YYYY-MM-DD."""
    return now().astimezone(time_zone()).date().isoformat()
