"""A service's client that holds every good answer against what the answering route says of itself."""
from typing import Any

import orjson

from chassis.caller import Caller
from chassis.http_client import Client
from tests.integration.described import INTERNAL, Described


class Held(Client):
    """`said`: what the service describes, and what of it was seen."""

    def __init__(self, service: str, url: str, secret: str) -> None:
        super().__init__(url, secret)
        self.said = Described(service, url, secret)

    def _call(self, method: str, path: str, asking: Caller, *more: Any, **content: Any) -> bytes:
        answer = super()._call(method, path, asking, *more, **content)
        if self.said.route(method, path).entrypoint.deed != INTERNAL:
            self.said.described(method, path, orjson.loads(answer))
        return answer
