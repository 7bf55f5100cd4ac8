"""`python -m tests.integration.probe_service [CONSTANT=NUMBER ...]`: a service that does what it is told, under the chassis.

For tests alone. The chassis' own runner runs it in the place of `booklet`, with its queues, database and address. An
`issue_filed` tells it by its `issue_id` what to do: a word of DEEDS, a colon, and whatever makes the id unique. What it
did stands in its database: `effects`, one document per event however often it came, and `tries`, one each time that it
began. CONSTANT=NUMBER sets a constant of the product for this process, as `chassis.parking.CONFIRM_WITHIN=1`.
"""
import importlib
import sys
from collections.abc import Callable
from typing import Any

from chassis import run  # patches first

# isort: split
import eventlet
import mongoengine

from chassis import logs
from chassis.clock import now
from chassis.consume import Permanent, consumes
from chassis.http_server import Call, http
from contracts import (
    issues,  # noqa: F401 what it is told by
    policy,
)
from contracts.envelope import Received
from contracts.errors import Refused, Unauthenticated
from contracts.schema import instant

SLOW = 30.0  # seconds; longer than any limit here
SECONDS = 1.0  # the limit of a method here
log = logs.get(__name__)


def fails(*_: Any) -> None:
    raise RuntimeError("a trouble that names somebody@example.org")


def fails_for_good(*_: Any) -> None:
    raise Permanent("it can never succeed")


def is_refused(*_: Any) -> None:
    raise Refused("not_now", "این کار ممکن نیست", "The rules forbid it")


def times_out_within(*_: Any) -> None:
    with eventlet.Timeout(0.01):
        eventlet.sleep(SLOW)


def is_slow(*_: Any) -> None:
    eventlet.sleep(SLOW)


def leaves(*_: Any) -> None:
    sys.exit(3)


def takes_a_while(*_: Any) -> None:
    eventlet.sleep(SECONDS / 3)


def takes_longer(*_: Any) -> None:
    eventlet.sleep(1.5 * SECONDS)


DEEDS: dict[str, Callable[..., None]] = {
    "note": lambda *_: None, "fail": fails, "fail-for-good": fails_for_good, "be-refused": is_refused,
    "time-out-within": times_out_within, "be-slow": is_slow, "leave": leaves, "take-a-while": takes_a_while,
    "take-longer": takes_longer}


def database() -> Any:
    return mongoengine.get_db("booklet")


def do(received: Received, together: int) -> None:
    word = received.happened.issue_id.partition(":")[0]
    database().tries.insert_one({"event": received.id, "together": together})
    if word == "fail-twice":
        word = "fail" if database().tries.count_documents({"event": received.id}) < 3 else "note"
    DEEDS[word]()
    log.info("did as told", event_id=received.id)
    effect = {"key": received.key, "trace": received.trace}
    database().effects.update_one({"_id": received.id}, {"$set": effect}, upsert=True)


class Service:
    name = "booklet"

    @consumes("booklet.issues", seconds=SECONDS)
    def on_issues(self, batch: list[Received]) -> None:
        for received in batch:
            do(received, len(batch))

    @consumes("booklet.registry")
    def on_registry(self, batch: list[Received]) -> None:
        """The same, with more time than a database that is away takes to be noticed."""
        self.on_issues(batch)

    @http("GET", "/statistics", "statistics:read", seconds=SECONDS)
    def statistics(self, call: Call) -> Any:
        log.info("asked", deed=call.query.get("by", "note"))
        DEEDS[call.query.get("by", "note")]()
        return {"trace": logs.TRACE.get(), "caller": call.caller.id, "words": call.query.get("words")}

    @http("POST", "/keys/check", "platform:serve")
    def check_key(self, call: Call) -> Any:
        role, _, subject = call.json()["key"].removeprefix("mhl_").partition(".")
        if role not in policy.OUTSIDE:
            raise Unauthenticated("key_refused", "این کلید درست نیست", "No such key")
        return {"role": role, "subject": subject, "account": f"key:{role}", "until": "2999-01-01T00:00:00Z",
                "scopes": [deed for deed in policy.RULES if policy.allowed(role, deed)]}

    @http("GET", "/ended", "platform:serve")
    def ended(self, call: Call) -> Any:
        return {"items": [], "now": instant(now()), "signing_keys": []}

    @http("GET", "/jwks", "platform:serve")
    def jwks(self, call: Call) -> Any:
        return {"keys": []}

    @http("POST", "/statistics", "statistics:read", seconds=SECONDS)
    def echo(self, call: Call) -> Any:
        return call.json()


def main(constants: list[str]) -> None:
    for constant in constants:
        path, _, number = constant.partition("=")
        module, _, name = path.rpartition(".")
        assert hasattr(importlib.import_module(module), name), f"the product has no {path} any more"
        setattr(importlib.import_module(module), name, float(number))
    sys.modules["services.booklet.service"] = sys.modules[__name__]
    run.main("booklet")


if __name__ == "__main__":
    main(sys.argv[1:])
