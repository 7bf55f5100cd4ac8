"""Waiting that says what it waits for."""
import time
from collections.abc import Callable

from deploy.local.errors import CannotStart


def wait_for(what: str, probe: Callable[[], str], seconds: float, alive: Callable[[], str] = str) -> None:
    """Asks `probe` until it answers nothing; its answer is what is still missing. Says so every five seconds.

    `alive` answers why waiting has become pointless, or nothing. Raises CannotStart with what was missing last.
    """
    started = told = time.monotonic()
    while missing := probe():
        now = time.monotonic()
        if (end := alive()) or now - started > seconds:
            raise CannotStart(f"{what} did not come up{'' if end else f' within {seconds:.0f} s'}: {end or missing}")
        if now - told > 5:
            told = now
            print(f"  waiting for {what} ({now - started:.0f} s): {missing}", flush=True)
        time.sleep(0.1)
