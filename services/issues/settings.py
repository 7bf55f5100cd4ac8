"""Settings of `issues` alone."""
from dataclasses import dataclass

from environs import Env

from chassis.ring import CASE_KEYS, Ring
from chassis.settings import required


@dataclass(frozen=True)
class IssuesSettings:
    """`filer_secret` makes the filers' secrets; `outbox_cap` is how many documents may wait for the broker.

    The keys of confidential issues are read where they are used; here only whether they are there.
    """

    filer_secret: str
    outbox_cap: int


def read() -> IssuesSettings:
    Ring.from_settings(CASE_KEYS)
    return IssuesSettings(required("MAHALLE_FILER_SECRET"), Env().int("MAHALLE_OUTBOX_CAP", 200_000))
