"""An agency's client in a thread of the test, and what its queue brings it."""
import json
import os
import threading
from collections.abc import Callable
from typing import Any

import orjson
from mahalle_agency import AgencyClient, AgencyError, Message

from tests.contract.messages import SAMPLES
from tests.integration.wire import Wire

# Broker users are known in every vhost: the agencies of other workers have other codes.
CODE, NEIGHBOUR = f"a0-{os.getpid()}", f"a1-{os.getpid()}"
SAMPLE = orjson.loads((SAMPLES / "mahalle.agencies.task_offered.v1.json").read_bytes())


class Desk:
    """`client.run` in a thread. `got` is what the callback saw, `ended` how `run` ended."""

    def __init__(self, client: AgencyClient, callback: Callable[[Message], Any] = lambda message: None) -> None:
        self.client, self._callback = client, callback
        self.got: list[Message] = []
        self.ended: AgencyError | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self.client.run(self._see)
        except AgencyError as error:
            self.ended = error

    def _see(self, message: Message) -> None:
        self.got.append(message)
        self._callback(message)

    @property
    def ids(self) -> list[str]:
        return [message.id for message in self.got]

    def __enter__(self) -> "Desk":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self._thread.join(15)
        assert not self._thread.is_alive(), "the client does not end"


def offer(wire: Wire, agency: str, message_id: str, **changed: Any) -> None:
    """A task for the agency, as the platform would send it. `changed` are headers or properties."""
    found = {"headers": SAMPLE["headers"] | {"ce-id": message_id}, "body": json.dumps(SAMPLE["body"]).encode()} | changed
    wire.publish("agencies.tasks", agency, found.pop("body"), found.pop("headers"), **found)
