"""A change that somebody asks for is made once, however often the same is asked, and answered the same for a day.

`@once` goes under the `@http` of whatever changes something; `@once_read` of what puts one thing in the place of another, or
ends it, and does not say what that was: its sender must say which version they have read.

What is asked under an Idempotency-Key is written down first, with a seed; then the change is made, and what it writes
carries the command's id, or is made of its seed, so that whoever does it again finds it done and has no second effect; then
the answer is written down, of which the first is everybody's.
Nobody waits for anybody: killed on any line, or asked for twenty times at once, the same request again does what is left.

A key belongs to its sender and to the address: `Caller.owner`, method and path. What was refused had no effect, and is
decided anew when it is repeated. What is kept is sealed, since answers hold secrets and bodies names, and gone after KEPT.
"""
import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial, wraps
from typing import Any
from uuid import UUID

import mongoengine as me
import orjson
from pymongo import ReturnDocument

from chassis.clock import now
from chassis.ring import CONTACT_KEYS, Ring
from chassis.sealing import opened, seal
from chassis.store import answering
from contracts.errors import Problem, reused_key
from contracts.preconditions import Condition, condition_of
from services.registry.model import Edit

KEPT = timedelta(days=1)
LARGEST = 256 * 1024  # bytes of an answer that is kept; a larger one is made again. And of a body that is read here
Found = dict[str, Any]


class Remembered(me.Document):
    """What was asked under a key; `sealed`: {asks, seed, answer}, the answer as soon as there is one."""

    id = me.StringField(primary_key=True)
    key = me.StringField()
    expires = me.DateTimeField()
    meta = {"db_alias": "registry", "collection": "remembered", "auto_create_index": False, "strict": False, "indexes": [
        {"fields": ["expires"], "expireAfterSeconds": 0}, {"fields": ["key"]}]}


@dataclass(frozen=True)
class Command:
    """One request for a change. `id`: empty for what nobody asks for over HTTP. `of`: the register and the code that the
    address names, to which `condition` applies. `account`: whose it is, as `Caller.account` has it."""

    id: str = ""
    seed: bytes = b""
    of: tuple[str, str] = ("", "")
    condition: Condition = field(default_factory=Condition)
    account: str = ""

    def demand(self, register: str, code: str, version: int) -> None:
        """To be asked just before the write that is conditional on this version; 0: not there.

        Raises PreconditionFailed and PreconditionRequired where this is what the address names.
        """
        if self.of == (register, code):
            self.condition.demand(version)

    def made(self, edits: Iterable[Edit]) -> bool:
        """Whether one of these edits is this command's: it was carried out before."""
        return bool(self.id) and any(edit.command == self.id for edit in edits)

    def signed(self, edit: Edit) -> Edit:
        """An edit as this command makes it."""
        return replace(edit, command=self.id or None, account=self.account or None)

    def secret(self, purpose: str) -> bytes:
        """32 bytes that nobody can guess: the same for the same command and purpose."""
        return hmac.new(self.seed or secrets.token_bytes(32), purpose.encode(), hashlib.sha256).digest()

    def token(self, purpose: str) -> str:
        """A secret as 43 letters."""
        return urlsafe_b64encode(self.secret(purpose)).decode().rstrip("=")

    def uuid(self, purpose: str) -> str:
        return str(UUID(bytes=self.secret(purpose)[:16], version=4))


PRESENT: ContextVar[Command | None] = ContextVar("command", default=None)


def command() -> Command:
    """The one that is being carried out here; where there is none, one that nobody asked for."""
    return PRESENT.get() or Command()


def once(method: Callable[..., Any], demanded: bool = False) -> Callable[..., Any]:
    """Of a service's method that takes a chassis' `Call`. Raises Invalid for a key that came with another body.

    `demanded`: If-Match is, as it is of every PUT.
    """

    @wraps(method)
    def answered(service: Any, call: Any, **named: Any) -> Any:
        asked = _ask(call, demanded)
        if "answer" in asked.kept:
            return tuple(asked.kept["answer"])
        before = PRESENT.set(asked.command)
        try:
            answer = _made(lambda: method(service, call, **named), asked)
        finally:
            PRESENT.reset(before)
        return asked.answered(answer)

    answered.once = True  # type: ignore[attr-defined]  # for the test that every change has it
    return answered


once_read = partial(once, demanded=True)


def _made(change: Callable[[], Any], asked: "Request") -> Any:
    """What is refused is tried once more: it may be done already, by the same command beside us."""
    try:
        return change()
    except Problem as problem:
        if not asked.row or problem.status >= 500 or problem.retry_after is not None:
            raise
    return change()


@dataclass(frozen=True)
class Request:
    """A command with what is kept of it; `row` is empty where it came without a key."""

    command: Command
    row: Found
    kept: Found

    def answered(self, answer: Any) -> Any:
        """The answer that this command has from now on: this one, unless another was faster."""
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        if not self.row or len(orjson.dumps(body)) > LARGEST:
            return answer
        ring, rows = Ring.from_settings(CONTACT_KEYS), Remembered._get_collection()
        with answering():
            mine = rows.update_one({"_id": self.row["_id"], "sealed": self.row["sealed"]}, {
                "$set": seal(ring, self.kept | {"answer": [status, body]})}).matched_count
            found = {} if mine else rows.find_one({"_id": self.row["_id"]}) or {}
        return tuple(opened(ring, found).get("answer", (status, body)))


def _ask(call: Any, demanded: bool) -> Request:
    path, method = call.request.path, call.request.method
    put, key = method == "PUT", call.headers.get("Idempotency-Key")
    condition = condition_of(call.headers, put or demanded, makes=put)
    row: Found = {}
    kept: Found = {"seed": secrets.token_hex(32)}
    if key:
        asks = _fingerprint(call)
        row = _row(hashlib.sha256("\x1f".join((call.caller.owner, method, path, key)).encode()).hexdigest(), asks)
        kept = opened(Ring.from_settings(CONTACT_KEYS), row)
        if kept["asks"] != asks:
            raise reused_key()
    words, seed = [*path.split("/"), ""], bytes.fromhex(kept["seed"])
    return Request(Command(hashlib.sha256(seed).hexdigest()[:32], seed, (words[1], words[2]), condition,
                           call.caller.account), row, kept)


def _row(name: str, asks: str) -> Found:
    """What is kept under this name: from now on this, unless something is already."""
    new = {**seal(Ring.from_settings(CONTACT_KEYS), {"asks": asks, "seed": secrets.token_hex(32)}), "expires": now() + KEPT}
    with answering():
        found: Found = Remembered._get_collection().find_one_and_update(
            {"_id": name}, {"$setOnInsert": new}, upsert=True, return_document=ReturnDocument.AFTER)
    return found


def _fingerprint(call: Any) -> str:
    """The same for the same query and body, whatever the order of their names; of a file the same for the same bytes."""
    body = call.raw()
    if 0 < len(body) <= LARGEST:  # to read a file would hold up everybody else
        with suppress(orjson.JSONDecodeError):
            body = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(orjson.dumps(call.query, option=orjson.OPT_SORT_KEYS) + b"\0" + body).hexdigest()
