"""The clock of the platform: aware, UTC, whole milliseconds, because that is what MongoDB keeps."""
from datetime import UTC, datetime


def now() -> datetime:
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
