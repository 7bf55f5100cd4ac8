"""The API of one platform as any client calls it, over HTTP with nothing but the standard library."""
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import quote

from tests import unspoken

Json = dict[str, Any]
SECONDS = 20


@dataclass(frozen=True)
class Answer:
    """Whatever came back. `body` is the JSON of it, None where it was none."""

    status: int
    headers: Message
    body: Any


def no_key(role: str, subject: str) -> str:
    raise AssertionError("only what is open to everybody is asked here")


Judge = Callable[[str, str, int, Message, Any], None]  # of method, address, status, headers and body


def nobody(*answer: Any) -> None:
    """Takes every answer."""


class Api:
    """`judge` sees every answer, and raises what it does not like (`tests.described`).

    `role` and `subject` say under whose key a call goes, which `key_of` gives; other keywords are headers
    (`Issue_Secret="…"`)."""

    def __init__(self, address: str, key_of: Callable[[str, str], str] = no_key, judge: Judge = nobody) -> None:
        self.address, self.key_of, self._judge = address, key_of, judge

    def ask(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, role: str = "", subject: str = "",
            **headers: str) -> Answer:
        """Any answer, errors too. `raw` is sent as it is, instead of `body` as JSON. Raises OSError when none came."""
        sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
        if role:
            sent["Authorization"] = f"Bearer {self.key_of(role, subject)}"
        unspoken.remember(sent, body)
        content = raw if raw is not None or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + quote(path, safe="/?&=%+"), content, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                told = Answer(answer.status, answer.headers, parsed(answer.read()))
                unspoken.remember({}, told.body)
        except urllib.error.HTTPError as error:
            with error:
                told = Answer(error.code, error.headers, parsed(error.read()))
        self._judge(method, request.full_url, told.status, told.headers, told.body)
        return told

    def get(self, path: str, **given: Any) -> Answer:
        return self.ask("GET", path, **given)

    def post(self, path: str, body: Any = None, **given: Any) -> Answer:
        return self.ask("POST", path, body, **given)

    def put(self, path: str, body: Any, **given: Any) -> Answer:
        return self.ask("PUT", path, body, **given)

    def __call__(self, path: str, body: Json | None = None, **given: Any) -> Json:
        """What a call that must succeed brought: a GET, or with a body a POST."""
        answer = self.get(path, **given) if body is None else self.post(path, body, **given)
        assert answer.status < 300, f"{path}: {answer.status} {answer.body}"
        found: Json = answer.body
        return found

    def pages(self, path: str, limit: int = 50, **given: Any) -> list[Json]:
        """Every item of a list."""
        items: list[Json] = []
        cursor = ""
        while True:
            page = self(f"{path}{'&' if '?' in path else '?'}limit={limit}{cursor}", **given)
            items += page["items"]
            if not page["next_cursor"]:
                return items
            cursor = f"&cursor={page['next_cursor']}"


def parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
