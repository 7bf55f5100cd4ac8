"""Whoever insists: a request is repeated under its one key until it is answered with a 2xx or a final 4xx."""
import random
import threading
import time
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from contracts.errors import Unavailable
from tests.api import Answer, Api
from tests.chaos.ledger import Deed, Ledger

GIVE_UP_AFTER = 180.0  # seconds of insisting, fewer than REVIEWED_AFTER; what became of it stays unknown


@dataclass(frozen=True)
class Insisted:
    """`answer`: a 2xx or 4xx, None when nobody answered until we gave up. `lost`: a try before it was not answered, or with
    5xx, and may have had its effect. `seconds` since the first try."""

    answer: Answer | None
    lost: bool
    seconds: float

    @property
    def status(self) -> int:
        return self.answer.status if self.answer else 0

    @property
    def body(self) -> Any:
        return self.answer.body if self.answer else None


class Client:
    """May be used from any thread. `pending`: by key, what is begun and not yet answered; `unknown`: what will never be."""

    def __init__(self, api: Api, ledger: Ledger) -> None:
        self._api, self._ledger = api, ledger
        self.pending: dict[str, Deed] = {}
        self.unknown: list[Deed] = []
        self.refused: list[str] = []  # what the platform should have carried out and answered with 4xx
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def insist(self, path: str, body: dict[str, Any] | None, **given: str) -> Insisted:
        """A POST, or a GET where there is no body. `given` is as `tests.api` has it."""
        began, pause, lost = time.monotonic(), 0.1, False
        while not self.stopping and time.monotonic() - began < GIVE_UP_AFTER:
            try:
                answer = self._api.get(path, **given) if body is None else self._api.post(path, body, **given)
                if answer.status < 500 and answer.body is not None:
                    return Insisted(answer, lost, time.monotonic() - began)
            except (OSError, HTTPException, Unavailable):  # also: no key can be made while the database is away
                pass
            lost = True
            time.sleep(random.uniform(0, pause))
            pause = min(pause * 2, 1.0)
        return Insisted(None, lost, time.monotonic() - began)

    def do(self, path: str, body: dict[str, Any], deed: Deed, **given: str) -> Answer | None:
        """The 2xx; None when it was refused for good, which is noted, or when nobody answered until we gave up."""
        self.pending[deed.key] = deed
        insisted = self.insist(path, body, Idempotency_Key=deed.key, **given)
        if insisted.status >= 400:
            self.refuse(deed, f"{path} {insisted.status} {insisted.body}")
            return None
        return insisted.answer

    def settle(self, deed: Deed, acknowledged: Deed | None = None) -> None:
        """What was answered with yes; `acknowledged` says more than was known when it was begun."""
        self._ledger.write(acknowledged or deed)
        self.pending.pop(deed.key, None)

    def refuse(self, deed: Deed, why: str) -> None:
        self.refused.append(f"{deed.action} {deed.key}: {why}")
        self.pending.pop(deed.key, None)

    def leave(self, deed: Deed) -> None:
        """What it came to will never be known, and need not be."""
        self.unknown.append(deed)
        self.pending.pop(deed.key, None)
