"""Who asks, as far as the gateway knows it."""
from dataclasses import dataclass

from chassis.caller import PUBLIC, Caller


@dataclass(frozen=True)
class Known:
    """`until`: when this is over (UTC seconds). `session` and when it was `given` of an access token alone."""

    caller: Caller
    until: float
    session: str = ""
    given: float = 0.0


GATEWAY = Caller("service", "gateway")
NOBODY = Known(PUBLIC, float("inf"))
