"""Every exchange, queue, binding and broker user of the platform, in one place.

`python -m chassis.topology` declares it all, idempotently, before the services start; a queue that exists with other
arguments is reported in one line each and the process exits 3. `python -m chassis.topology password USER` prints a
user's password. Queue types are arguments because RabbitMQ can change everything but the type by policy.
"""
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import click
from amqp.exceptions import AccessRefused, NotAllowed, PreconditionFailed
from kombu import Connection, Exchange, Queue

from chassis import settings
from chassis.connection import SECONDS_TO_CONNECT, connection_of
from chassis.management import Management
from chassis.settings import Broker, Settings, stop_with

RETRIES = {"5s": 5_000, "30s": 30_000, "5m": 300_000}  # milliseconds; the last rung is used again and again
DEAD_FOR = 30 * 24 * 3600 * 1000  # milliseconds that a dead letter is kept
LOOKS = 1_000_000  # times that a dead letter may be looked at; RabbitMQ 4 drops what it handed out 20 times, if not told
DELIVERY_LIMIT = 100  # a guard against messages that kill the process; never the retry of a failed one
AGENCY_QUEUE_LIMIT = 100_000  # messages: 200,000 unread ones cost the broker 500 MB

# Headers that a message bears on the retry ladder and in a dead queue.
ATTEMPT, FIRST_FAILED, REASON, KEY = "x-attempt", "x-first-failed", "x-reason", "x-original-key"
AGENCIES_DEAD = "agencies.dead"  # what agencies could not handle

EXCHANGES = {"registry.events": "registry", "issues.events": "issues", "agencies.tasks": "issues",
             "agencies.answers": "issues"}


@dataclass(frozen=True)
class Work:
    """A work queue: whose it is, which exchange fills it, with which routing keys."""

    name: str
    exchange: str
    keys: tuple[str, ...] = ("#",)

    @property
    def service(self) -> str:
        return self.name.split(".")[0]


NOTIFIED = (
    "issue_filed.v1", "task_offered.v1", "task_refused.v1", "task_referred.v1", "issue_disputed.v1",
    "task_waiting.v1", "task_asked.v1", "task_declined.v1", "task_deferred.v1", "task_extended.v1",
    "task_review_due.v1", "task_escalated.v1", "issue_tabled.v1", "task_finished.v1", "task_cancelled.v1",
    "issue_confirmed.v1", "issue_closed.v1", "issue_not_fixed.v1", "issue_reopened.v1", "check_missing.v1",
    "issue_withdrawn.v1", "issue_rejected.v1", "issue_marked_duplicate.v1", "issue_unmarked_duplicate.v1",
    "message_posted.v1")
HUSHING = "confidential_issue_changed.v1"  # for what must be told no more
WORK = (
    Work("registry.registry", "registry.events", ("agency_changed.v1", "seat_changed.v1", "headquarters_changed.v1")),
    Work("issues.registry", "registry.events"),
    Work("issues.answers", "agencies.answers"),
    Work("notifications.registry", "registry.events",
         ("seat_changed.v1", "agency_changed.v1", "territory_changed.v1", "category_changed.v1")),
    Work("notifications.codes", "registry.events", ("code_requested.v1",)),  # a code waits behind no import of a province
    Work("notifications.issues", "issues.events", (*NOTIFIED, HUSHING)),
    Work("booklet.registry", "registry.events", ("territory_changed.v1", "agency_changed.v1", "category_changed.v1")),
    Work("booklet.issues", "issues.events"),
)
SERVICES = ("registry", "issues", "notifications", "booklet")


def quorum(dead_exchange: str, dead_key: str, **more: object) -> dict[str, object]:
    """Arguments of a quorum queue whose dead letters are handed on at least once."""
    return {"x-queue-type": "quorum", "x-dead-letter-exchange": dead_exchange, "x-dead-letter-routing-key": dead_key,
            "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish"} | more


def queues_of(work: Work) -> Iterator[Queue]:
    """The work queue, its retry ladder and its dead queue. They answer to their name on the exchange of retries."""
    retries = Exchange(f"{work.service}.retries", "direct", durable=True)
    limit = {"x-delivery-limit": DELIVERY_LIMIT}
    yield Queue(work.name, retries, work.name, queue_arguments=quorum(retries.name, f"{work.name}.dead") | limit)
    for rung, milliseconds in RETRIES.items():
        name = f"{work.name}.retry.{rung}"
        yield Queue(name, retries, name,
                    queue_arguments=quorum(retries.name, work.name, **{"x-message-ttl": milliseconds}))
    dead = f"{work.name}.dead"
    yield Queue(dead, retries, dead, queue_arguments={"x-queue-type": "quorum", "x-message-ttl": DEAD_FOR})


def declare_work(connection: Connection, works: list[Work]) -> list[str]:
    """Declares exchanges and queues; returns one line for each that exists otherwise. Connection errors are raised."""
    wrong = []
    for work in works:
        for queue in queues_of(work):
            wrong += _declare(connection, queue)
        with connection.channel() as channel:
            for key in work.keys:
                Queue(work.name)(channel).bind_to(work.exchange, key)
    return wrong


def _declare(connection: Connection, queue: Queue) -> list[str]:
    try:
        with connection.channel() as channel:
            queue(channel).declare()
    except PreconditionFailed as error:
        return [f"topology: queue {queue.name} exists with other arguments ({error.reply_text}). "
                "Empty it, delete it and start again, or put the old arguments back."]
    return []


def _declare_exchanges(connection: Connection) -> list[str]:
    wrong = []
    for name in EXCHANGES:
        try:
            with connection.channel() as channel:
                Exchange(name, "topic", durable=True)(channel).declare()
        except PreconditionFailed as error:
            wrong.append(f"topology: exchange {name} exists otherwise ({error.reply_text}). Delete it and start again.")
    return wrong


def permissions_of(service: str) -> tuple[str, str, str]:
    """configure, write, read of a service's user: its own names, and the exchanges it reads from or tells agencies on.

    `issues` may also read what agencies could not handle, for the command `dead_letters`.
    """
    own = rf"{service}\..*"
    sources = {re.escape(w.exchange) for w in WORK if w.service == service}
    tasks, dead = ([r"agencies\.tasks"], [re.escape(AGENCIES_DEAD)]) if service == "issues" else ([], [])
    return f"^{own}$", f"^({'|'.join([own, *tasks])})$", f"^({'|'.join([own, *sorted(sources), *dead])})$"


def check(service: str, found: Settings) -> None:
    """At a service's start, as its own user: its queues are there and as they should be, or the process exits 3.

    With the broker away it returns: filing does not depend on the broker.
    """
    works = [w for w in WORK if w.service == service]
    if not works:
        return
    try:
        with connection_of(found.broker, service) as connection:
            wrong = declare_work(connection, works)
    except (AccessRefused, NotAllowed) as error:
        stop_with(f"topology: the broker refuses user {service} ({error.reply_text}). Run python -m chassis.topology.", 3)
    except OSError:
        return
    if wrong:
        stop_with("\n".join(wrong), 3)


def agency_user(code: str) -> str:
    return f"agency.{code}"


def declare_agency(management: Management, broker: Broker, code: str, with_queue: bool) -> None:
    """An agency's queue, user and rights, while everything runs. Idempotent. Raises OSError or ManagementError.

    Without a queue (the agency pulls, or reads e-mail) nothing of it stays at the broker, its unread tasks apart:
    they are in its pull list.
    """
    user, queue = agency_user(code), f"agency.{code}.tasks"
    if not with_queue:
        management.delete_user(user)
        management.delete_queue(queue)
        return
    arguments = quorum("", AGENCIES_DEAD, **{"x-delivery-limit": 1000, "x-max-length": AGENCY_QUEUE_LIMIT})
    management.put_queue(queue, arguments)
    management.bind("agencies.tasks", queue, code)
    management.put_user(user, broker.password_of(user))
    management.permit(user, "^$", r"^agencies\.answers$", f"^{re.escape(queue)}$")
    # \z and not $, which would let a key with a line end behind the code pass
    management.permit_topic(user, "agencies.answers", rf"^{re.escape(code)}\z", "^$")


def declare(found: Settings) -> list[str]:
    """Everything that does not depend on which agencies there are. Returns one line for each thing that is otherwise."""
    management = Management(found.broker_admin, found.broker.vhost)
    management.put_vhost()
    for service in SERVICES:
        management.put_user(service, found.broker.password_of(service))
        management.permit(service, *permissions_of(service))
    management.put_policy("dead letters", r"\.dead$", {"delivery-limit": LOOKS})
    user, password = management.user, management.password
    with Connection(hostname=found.broker.host, port=found.broker.port, virtual_host=found.broker.vhost, userid=user,
                    password=password, transport="pyamqp", connect_timeout=SECONDS_TO_CONNECT) as connection:
        wrong = _declare_exchanges(connection)
        dead = Queue(AGENCIES_DEAD, queue_arguments={"x-queue-type": "quorum", "x-message-ttl": DEAD_FOR})
        return wrong + _declare(connection, dead) + declare_work(connection, list(WORK))


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Declares the topology; see the module."""
    if context.invoked_subcommand is None:
        found = settings.read("topology")
        if not found.broker_admin or not found.broker.secret:
            stop_with("topology: set MAHALLE_BROKER_ADMIN and MAHALLE_BROKER_SECRET.")
        try:
            wrong = declare(found)
        except OSError as error:
            stop_with(f"topology: RabbitMQ does not answer ({error}). Start it and try again.", 1)
        if wrong:
            stop_with("\n".join(wrong), 3)
        print(f"topology: {len(EXCHANGES)} exchanges and {len(WORK)} work queues are as they should be", file=sys.stderr)


@main.command()
@click.argument("user")
def password(user: str) -> None:
    """Prints a broker user's password, such as that of agency.<code>."""
    print(settings.read("topology").broker.password_of(user))


if __name__ == "__main__":
    main()
