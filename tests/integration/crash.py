"""`python -m tests.integration.crash POINT MODULE [WORD ...]`: runs a module of the platform that dies at one point.

For tests alone; the product knows nothing of it. A point wraps one method that saves, publishes or acknowledges, and
ends the process there as kill -9 would, with status 137. `POINT@QUEUE` means the consumer of that queue only. LIES do
not die but break a promise on purpose, so that what checks the promises can be seen failing.
"""
import importlib
import os
import runpy
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

DIED = 137


@dataclass(frozen=True)
class Point:
    """Just `before` or `after` each call of `where` (module:name) to which it `applies`, or `instead` of it."""

    where: str
    when: str
    applies: Callable[..., bool] = lambda *given: True
    does: Callable[..., Any] = lambda *given: os._exit(DIED)


def by_the_sweeper(store: Any, query: Any, decide: Callable[..., Any]) -> bool:
    return "Sweeper" in decide.__qualname__


def but_for_keys(client: Any, path: str, *more: Any) -> bool:
    return path != "/keys/check"


POINTS = {
    # issues: filing, and every later decision
    "before-store": Point("chassis.store:Store.add", "before"),
    "after-store": Point("chassis.store:Store.add", "after"),
    "before-change": Point("chassis.store:Store._save", "before"),
    "after-change": Point("chassis.store:Store._save", "after"),
    "after-leasing": Point("services.issues.sweeping:Sweeper._look_at", "before"),  # its sweep holds what fell due
    "after-escalating": Point("chassis.store:Store.change", "after", by_the_sweeper),  # stored, the lease not given back
    # relay
    "before-publish": Point("chassis.publisher:Publisher.publish", "before"),
    "before-confirm": Point("chassis.publisher:Confirming._on_confirm", "before"),
    "after-publish": Point("chassis.publisher:Publisher.publish", "after"),
    "after-taking-out": Point("chassis.outbox:Outbox.settle", "after", lambda outbox, confirmed, refused: bool(confirmed)),
    # consumers
    "after-pull": Point("chassis.consume:Consumes._run", "before"),
    "after-effect": Point("chassis.consume:Consumes._settled", "before", lambda consumer, outcome, *more: outcome == "done"),
    "before-parking": Point("chassis.parking:Parking._copy", "before"),
    "after-parking": Point("chassis.parking:Parking._copy", "after"),
    # the rest of the way
    "before-marking": Point("services.notifications.sender:mark", "before"),
    "before-answering": Point("chassis.http_client:Client.post", "after", but_for_keys),  # in the gateway
    "after-registering": Point("services.registry.ledger:_write", "after"),
    "after-asking": Point("services.registry.once:_row", "after"),  # of what is asked once: written down, not begun
    "before-keeping-the-answer": Point("services.registry.once:Request.answered", "before"),  # the effect is there
    "after-keeping-the-answer": Point("services.registry.once:Request.answered", "after"),
    "after-staging-a-batch": Point("services.registry.change_sets:_all_written", "after"),
    "before-settling": Point("services.registry.change_sets:settle", "before"),
}


def forget(consumer: Any, batch: Any) -> None:
    for received in batch:
        print("forgot", received.id, "of", received.subject, file=sys.stderr, flush=True)


LIES = {
    "acknowledges-without-effect": Point("chassis.consume:Consumes._run", "instead", does=forget),
    "takes-out-without-publishing": Point(
        "chassis.publisher:Publisher.publish", "instead",
        does=lambda publisher, messages, timeout: {message.id: "confirmed" for message in messages}),
}


def wrapped(point: Point, queue: str, original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def wrapper(*given: Any, **named: Any) -> Any:
        own = not queue or queue in (getattr(given[0], "queue", ""), getattr(given[0], "_queue", ""))
        if not own or not point.applies(*given):
            return original(*given, **named)
        if point.when == "after":
            original(*given, **named)
        return point.does(*given)

    return wrapper


def arm(word: str) -> None:
    """Puts the point in. Raises KeyError for an unknown one, AttributeError when the product has moved away from it."""
    name, _, queue = word.partition("@")
    point = (POINTS | LIES)[name]
    module, _, path = point.where.partition(":")
    *owners, attribute = path.split(".")
    owner: Any = importlib.import_module(module)
    for each in owners:
        owner = getattr(owner, each)
    setattr(owner, attribute, wrapped(point, queue, getattr(owner, attribute)))


def main(word: str, module: str, *words: str) -> None:
    importlib.import_module(module)  # first of all: the runner of services patches the standard library
    arm(word)
    del sys.modules[module]
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
