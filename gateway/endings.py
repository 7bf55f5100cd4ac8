"""What ended before its time: sessions signed out of, accounts shut, as the registry tells it every POLL; and which keys are
to be judged anew."""
import time
from datetime import datetime, timedelta
from math import inf
from typing import Any

from chassis import logs
from chassis.clock import now
from chassis.http_client import Client
from contracts.errors import Problem, unavailable
from contracts.schema import instant
from gateway.joining import Shared
from gateway.known import GATEWAY

POLL = 2.0  # seconds
KEPT = 1000.0  # seconds for which an ending is remembered: longer than anybody is believed without asking
log = logs.get(__name__)


class Watch:
    """Endings by kind (`session`, `account`, `key`) and id. With the registry away, what was heard before holds.

    `signing_keys`: the ids of the public keys by which access tokens are good now.
    """

    def __init__(self, registry: Client) -> None:
        self._registry, self._since, self._shared = registry, "", Shared()
        self.signing_keys, self._away = frozenset[str](), False
        self._ended: dict[tuple[str, str], tuple[float, float]] = {}  # when it ended (UTC), when heard of

    def demand_begun(self) -> None:
        """Nobody is believed before the first look. Raises Unavailable while there was none."""
        if not self._since:
            self._shared("begin", self.look)
        if not self._since:
            raise unavailable()

    def ended_at(self, kind: str, id: str) -> float | None:
        """UTC seconds; None while it has not ended."""
        found = self._ended.get((kind, id))
        return found[0] if found else None

    def told_of(self, key: str) -> float:
        """When something was told of a key last, in monotonic seconds; -inf for nothing."""
        found = self._ended.get(("key", key))
        return found[1] if found else -inf

    def look(self) -> None:
        """Asks once. Where the registry does not answer nothing changes; the next look asks for all since the last one."""
        asked = self._since or instant(now() - timedelta(seconds=KEPT))
        try:
            found = self._registry.get("/ended", GATEWAY, {"since": asked})
        except Problem as problem:
            if not self._away:
                log.warning("the registry does not say what has ended; what is known holds", problem=problem.code)
            self._away = True
            return
        self._away = False
        self._take(found)

    def _take(self, found: Any) -> None:
        heard = time.monotonic()
        for each in found["items"]:
            what, at = (each["kind"], each["id"]), datetime.fromisoformat(each["at"]).timestamp()
            if at > self._ended.get(what, (-inf, heard))[0]:  # the same is told for a while, and beside it what was before
                self._ended[what] = at, heard
        self._ended = {what: times for what, times in self._ended.items() if heard - times[1] < KEPT}
        self.signing_keys = frozenset(found["signing_keys"])
        self._since = max(self._since, found["now"])
