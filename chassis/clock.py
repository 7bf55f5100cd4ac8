"""The clock of the platform. Moments are aware, UTC, whole milliseconds, because that is what MongoDB keeps; a day
begins at midnight of the platform's time zone.
"""
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from environs import Env

from chassis.settings import stop_with


def now() -> datetime:
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


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
