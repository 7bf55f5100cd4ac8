"""`python -m tests.integration.stock`: a service of stock nameko, run as its own command line runs it.

Its event handler does what the message asks. What it handled stands in the file EFFECTS, one line each. It is here to
show the faults that the chassis mends; nothing of it is used by the platform.
"""
import os
import warnings

warnings.filterwarnings("ignore", category=DeprecationWarning)

import eventlet  # noqa: E402

eventlet.monkey_patch()

import logging  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402

from kombu import Exchange, Queue  # noqa: E402
from nameko.cli.run import run  # noqa: E402
from nameko.events import event_handler  # noqa: E402
from nameko.messaging import consume  # noqa: E402

MISMATCHED = Queue("evt-mismatched", exchange=Exchange("mismatched", durable=True), durable=True)


class Handling:
    name = "stock"

    @event_handler("source", "happened")
    def handle(self, payload: Any) -> None:
        asked = payload.get("do") if isinstance(payload, dict) else None
        if asked == "raise":
            raise RuntimeError("a passing trouble")
        if asked == "time out":
            raise eventlet.Timeout()
        with open(os.environ["EFFECTS"], "a") as effects:
            effects.write(f"{payload}\n")


class Mismatched:
    name = "mismatched"

    @consume(MISMATCHED)
    def handle(self, payload: Any) -> None:
        """Never reached: its queue exists with other arguments."""


if __name__ == "__main__":
    logging.basicConfig(level="INFO")
    run([Mismatched if "mismatched" in sys.argv else Handling], {"AMQP_URI": os.environ["AMQP_URI"]})
