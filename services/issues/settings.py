"""Settings of `issues` alone."""
from dataclasses import dataclass

from environs import Env

from chassis.settings import required


@dataclass(frozen=True)
class IssuesSettings:
    """`filer_secret` makes the filers' secrets; `outbox_cap` is how many documents may wait for the broker."""

    filer_secret: str
    outbox_cap: int


def read() -> IssuesSettings:
    return IssuesSettings(required("MAHALLE_FILER_SECRET"), Env().int("MAHALLE_OUTBOX_CAP", 200_000))
