"""Sending what is due: ask the owner for the address, write the letter, hand it to the channel, mark it.

The address lives only as long as the call that sends. An owner that does not answer means later, never failed.
"""
from collections.abc import Callable
from typing import Any

from chassis import logs, metrics
from chassis.caller import Caller
from chassis.clock import now
from chassis.http_client import Client
from contracts.errors import NotFound, Problem
from services.notifications.channels import Channel, Later, Message, Never
from services.notifications.deliveries import Outcome, mark, take, too_old
from services.notifications.letters import Letters, Names, names_for
from services.notifications.spreading import spread

ASKING = Caller("service", "notifications")
PAGE = 200  # people that one turn spreads a letter to
log = logs.get(__name__)
People = Callable[[str, str | None], dict[str, Any]]  # of an issue, from a cursor on. Raises Later
Address = Callable[[str, str, str], str | None]  # of a recipient's kind and ref, and why; None: there is none. Raises Later


class Addresses:
    """Asks the owners: `issues` for the address of who has to do with an issue, `registry` for an agency's or a seat's."""

    def __init__(self, issues: Client, registry: Client) -> None:
        self._issues, self._registry = issues, registry

    def __call__(self, kind: str, ref: str, why: str) -> str | None:
        client, path = self._owner(kind, ref)
        try:
            return client.get(path, ASKING, {"why": why}).get("email") or None
        except NotFound:
            return None
        except Problem as problem:
            raise Later(f"owner: {problem.code}") from problem

    def _owner(self, kind: str, ref: str) -> tuple[Client, str]:
        if kind == "filer":
            return self._issues, f"/issues/{ref}/contact"
        if kind in ("on_behalf_of", "follower"):
            return self._issues, f"/issues/{ref.partition(':')[0]}/contacts/{ref if kind == 'follower' else kind}"
        return self._registry, f"/contacts/{kind}/{ref}"

    def people(self, issue: str, cursor: str | None) -> dict[str, Any]:
        """A page of who may be told of an issue: `items` of kind and ref, `next_cursor`. Raises Later."""
        try:
            found: dict[str, Any] = self._issues.get(
                f"/issues/{issue}/contacts", ASKING, {"limit": str(PAGE), **({"cursor": cursor} if cursor else {})})
            return found
        except NotFound:
            return {"items": [], "next_cursor": None}
        except Problem as problem:
            raise Later(f"owner: {problem.code}") from problem


def nobody(issue: str, cursor: str | None) -> dict[str, Any]:
    return {"items": [], "next_cursor": None}


class Sender:
    """One of possibly many. `turn` raises what the database raises; leases bring back what it had taken."""

    def __init__(self, channel: Channel, letters: Letters, address: Address, people: People = nobody) -> None:
        self._channel, self._letters, self._address, self._people = channel, letters, address, people

    def turn(self) -> int:
        """Takes what is due, as many as the channel sends at once, and returns how many that were."""
        taken = take(self._channel.at_once, now())
        if taken:
            names = names_for(taken)
            outcomes = [self._outcome(delivery, names) for delivery in taken]
            mark(outcomes, now())
            for outcome in outcomes:
                metrics.DELIVERIES.labels("notifications", self._channel.name, outcome.state).inc()
        return len(taken)

    def _outcome(self, delivery: dict[str, Any], names: Names) -> Outcome:
        logs.TRACE.set(delivery.get("trace"))
        try:
            return self._sent(delivery, names)
        except Later as later:
            own = not later.reason.startswith("owner")
            return self._not_sent(delivery, "failed" if own and too_old(delivery, now()) else "queued", later.reason)
        except Never as never:
            return self._not_sent(delivery, "failed", never.reason)
        except Exception as error:  # whatever one delivery provokes, it must not keep the others waiting
            return self._not_sent(delivery, "failed", type(error).__name__)
        finally:
            logs.TRACE.set(None)

    def _sent(self, delivery: dict[str, Any], names: Names) -> Outcome:
        to, template = delivery["to"], delivery["template"]
        if to["kind"] == "followers":
            return spread(delivery, self._people(to["ref"], delivery.get("cursor")), self._channel.name)
        why = f"letter {template}, delivery {delivery['_id']}"
        address = self._address(to["kind"], to["ref"], why) if self._channel.needs_address else None
        if self._channel.needs_address and not address:
            return Outcome(delivery, "skipped", self._channel.name)
        subject, body = self._letters.write(template, delivery["about"], names)
        self._channel.send(Message(delivery["_id"], template, address, subject, body))
        return Outcome(delivery, "sent", self._channel.name)

    def _not_sent(self, delivery: dict[str, Any], state: str, reason: str) -> Outcome:
        log.warning("a message was not sent", delivery=delivery["_id"], template=delivery["template"], state=state,
                    reason=reason, tries=delivery["tries"] + 1)
        return Outcome(delivery, state, self._channel.name, reason)
