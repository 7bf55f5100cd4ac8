"""Asking another service over HTTP: signed, limited in time, over kept connections.

A call is repeated only where repeating is harmless: reads, and commands that carry their own key. Nothing here
outlives its time limit: who does not answer is Unavailable (503 with Retry-After), and the command runs at most until
its own limit, never seconds later as a queued one would.
"""
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import urllib3

from chassis import caller, logs
from chassis.caller import Caller
from contracts.errors import Problem, from_json, not_found, unavailable

CONNECT, READ = 1.0, 8.0  # seconds
KEPT = 64  # connections


class Again(urllib3.Retry):
    """Tries again what found no connection or a dying one; never what was merely slow, which would double the load."""

    def _is_read_error(self, error: Exception) -> bool:
        return isinstance(error, urllib3.exceptions.ProtocolError)


# An answer is an answer, also a 503 that says when to come back: that is for the one who asked.
AGAIN = Again(total=2, read=1, redirect=0, status=0, other=0, backoff_factor=0.05, allowed_methods=None,
              respect_retry_after_header=False)


class Client:
    """Another service. Raises the Problem that it answered with, or Unavailable."""

    def __init__(self, url: str, secret: str, read_timeout: float = READ) -> None:
        self._path, self._secret = urllib3.util.parse_url(url).path or "", secret
        self._pool = urllib3.connection_from_url(url, maxsize=KEPT,
                                                 timeout=urllib3.Timeout(connect=CONNECT, read=read_timeout))

    def get(self, path: str, asking: Caller, query: dict[str, str] | None = None,
            headers: dict[str, str] | None = None, seconds: float = 0) -> Any:
        """`seconds`: how long to wait, where what is asked for may take longer than usual."""
        return read(self._call("GET", path, asking, headers, query, seconds))

    def get_raw(self, path: str, asking: Caller, query: dict[str, str] | None = None) -> bytes:
        """The body as it came, for handing on without reading it."""
        return self._call("GET", path, asking, None, query)

    def post(self, path: str, asking: Caller, body: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
        """Commands carry a key of their own (in the body or as Idempotency-Key), so that twice has the effect of once."""
        return read(self._call("POST", path, asking, headers, body=orjson.dumps(body)))

    def post_file(self, path: str, asking: Caller, content: bytes, query: dict[str, str], seconds: float,
                  headers: dict[str, str] | None = None) -> Any:
        """A file as it is, not JSON."""
        return read(self._call("POST", path, asking, headers, query, seconds, body=content))

    def put(self, path: str, asking: Caller, body: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
        """Carries a key too: repeated, what it has done itself must not look like what somebody else has done."""
        return read(self._call("PUT", path, asking, headers, body=orjson.dumps(body)))

    def delete(self, path: str, asking: Caller, query: dict[str, str] | None = None,
               headers: dict[str, str] | None = None) -> Any:
        return read(self._call("DELETE", path, asking, headers, query))

    def close(self) -> None:
        """Gives up the kept connections."""
        self._pool.close()

    def _call(self, method: str, path: str, asking: Caller, headers: dict[str, str] | None,
              query: dict[str, str] | None = None, seconds: float = 0, **content: Any) -> bytes:
        if {".", ".."} & set(path.split("/")):
            raise not_found()  # urllib3 would take them for steps, and the path lead somewhere else
        signed = {caller.HEADER: caller.sign(asking, self._secret), "Content-Type": "application/json"}
        trace = logs.TRACE.get()
        carried = {"traceparent": trace} if trace else {}
        url = self._path + quote(path) + (f"?{urlencode(query)}" if query else "")
        if seconds:
            content["timeout"] = urllib3.Timeout(connect=CONNECT, read=seconds)
        try:
            answer = self._pool.request(method, url, headers=signed | carried | (headers or {}),
                                        retries=AGAIN, **content)
        except urllib3.exceptions.HTTPError as error:
            raise unavailable() from error
        if answer.status >= 400:
            raise problem_of(answer.data)
        return answer.data


def read(body: bytes) -> Any:
    """The JSON of an answer. Raises Unavailable where it is none: whoever answered is no service of ours."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise unavailable() from error


def problem_of(body: bytes) -> Problem:
    try:
        return from_json(orjson.loads(body))
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return unavailable()
