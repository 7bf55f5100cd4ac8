"""Settings of `booklet` alone."""
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from environs import Env

from chassis.settings import stop_with


@cache
def time_zone() -> ZoneInfo:
    """Of MAHALLE_TIME_ZONE: in which days and months begin. Exits 2 with one line where there is no such zone."""
    name = Env().str("MAHALLE_TIME_ZONE", "Asia/Tehran")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        stop_with(f"setting: MAHALLE_TIME_ZONE={name} is no time zone; write one like Asia/Tehran. See docs/settings.md.")
