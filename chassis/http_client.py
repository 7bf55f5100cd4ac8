"""Asking another service over HTTP: signed, limited in time, over kept connections.

A call is repeated only where repeating is harmless: reads, and commands that carry their own key. Nothing here
outlives its time limit: who does not answer is Unavailable (503 with Retry-After), and the command runs at most until
its own limit, never seconds later as a queued one would.
"""
from typing import Any

import orjson
import urllib3

from chassis import caller, logs
from chassis.caller import Caller
from contracts.errors import Problem, from_json, unavailable

CONNECT, READ = 1.0, 8.0  # seconds
KEPT = 64  # connections


class Client:
    """Another service. Raises the Problem that it answered with, or Unavailable."""

    def __init__(self, url: str, secret: str, read_timeout: float = READ) -> None:
        self._url, self._secret = url, secret
        self._pool = urllib3.PoolManager(maxsize=KEPT, timeout=urllib3.Timeout(connect=CONNECT, read=read_timeout))

    def get(self, path: str, asking: Caller, query: dict[str, str] | None = None) -> Any:
        return orjson.loads(self.get_raw(path, asking, query))

    def get_raw(self, path: str, asking: Caller, query: dict[str, str] | None = None) -> bytes:
        """The body as it came, for handing on without reading it."""
        return self._call("GET", path, asking, query=query)

    def post(self, path: str, asking: Caller, body: dict[str, Any], repeatable: bool = True) -> Any:
        """`repeatable`: the command carries its own key, so that doing it twice has the effect of once."""
        return orjson.loads(self._call("POST", path, asking, body=body, repeatable=repeatable))

    def _call(self, method: str, path: str, asking: Caller, query: dict[str, str] | None = None,
              body: dict[str, Any] | None = None, repeatable: bool = True) -> bytes:
        headers = {caller.HEADER: caller.sign(asking, self._secret), "Content-Type": "application/json"}
        if trace := logs.TRACE.get():
            headers["traceparent"] = trace
        retries = urllib3.Retry(total=2, read=1 if repeatable else 0, backoff_factor=0.05, redirect=0, status=0,
                                other=0, allowed_methods=None)
        try:
            answer = self._pool.request(method, self._url + path, fields=query, headers=headers, retries=retries,
                                        **({"body": orjson.dumps(body)} if body is not None else {}))
        except urllib3.exceptions.HTTPError as error:
            raise unavailable() from error
        if answer.status >= 400:
            raise problem_of(answer.data)
        return answer.data


def problem_of(body: bytes) -> Problem:
    try:
        return from_json(orjson.loads(body))
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return unavailable()
