"""The broker itself keeps agencies apart: with its own user and any client, an agency reaches its own queue and key only."""
from collections.abc import Callable, Iterator
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker, ProbableAuthenticationError

from chassis import settings, topology
from chassis.management import Management, ManagementError
from tests.integration.agency_desk import CODE, NEIGHBOUR, offer
from tests.integration.wire import WORK_QUEUES, Wire

Try = Callable[[BlockingChannel], Any]
Agency = tuple[str, str]
USER, OWN, ANOTHERS = f"agency.{CODE}", f"agency.{CODE}.tasks", f"agency.{NEIGHBOUR}.tasks"


@pytest.fixture
def credentials(wire: Wire, registered_agency: Callable[..., Agency]) -> Iterator[pika.PlainCredentials]:
    """Those of an agency. It has a neighbour, with a task on its queue."""
    registered_agency(NEIGHBOUR)
    offer(wire, NEIGHBOUR, "of-the-neighbour")
    _, password = registered_agency(CODE)
    yield pika.PlainCredentials(USER, password)
    for user in (f"agency.{NEIGHBOUR}", USER):
        wire.management.delete_user(user)


@pytest.fixture
def channel(wire: Wire, credentials: pika.PlainCredentials) -> Iterator[BlockingChannel]:
    """As the agency."""
    channel = wire.connect(credentials)
    yield channel
    channel.connection.close()


def publishing(exchange: str, key: str, **properties: Any) -> Try:
    return lambda channel: channel.basic_publish(exchange, key, b"{}", pika.BasicProperties(**properties), mandatory=True)


ALLOWED: dict[str, Try] = {
    "reading its own queue": lambda channel: channel.basic_consume(OWN, print),
    "answering": publishing("agencies.answers", CODE),
    "answering and saying who it is": publishing("agencies.answers", CODE, user_id=USER),
}
READING: dict[str, Try] = {
    "consuming another's queue": lambda channel: channel.basic_consume(ANOTHERS, print),
    "getting from another's queue": lambda channel: channel.basic_get(ANOTHERS),
    "emptying another's queue": lambda channel: channel.queue_purge(ANOTHERS),
    "reading the dead letters of agencies": lambda channel: channel.basic_get("agencies.dead"),
    **{f"reading {queue}": lambda channel, queue=queue: channel.basic_get(queue) for queue in WORK_QUEUES},
}
SPEAKING: dict[str, Try] = {
    "answering as another, without a user_id": publishing("agencies.answers", NEIGHBOUR),
    "answering as another, with its own user_id": publishing("agencies.answers", NEIGHBOUR, user_id=USER),
    "answering as itself with more behind it": publishing("agencies.answers", f"{CODE}.{NEIGHBOUR}"),
    "answering as itself with a line end behind it": publishing("agencies.answers", f"{CODE}\n"),
    "giving itself a task": publishing("agencies.tasks", CODE),
    "giving another a task": publishing("agencies.tasks", NEIGHBOUR),
    "telling facts of issues": publishing("issues.events", "issue_filed.v1"),
    "telling facts of the registry": publishing("registry.events", "agency_changed.v1"),
    "writing past the exchanges into a queue": publishing("", "issues.answers"),
    "writing past the exchanges to another": publishing("", ANOTHERS),
    "writing to the retries of issues": publishing("issues.retries", "issues.answers"),
}
MAKING: dict[str, Try] = {
    "declaring a queue": lambda channel: channel.queue_declare("mine", durable=True),
    "declaring a queue of its own connection": lambda channel: channel.queue_declare("", exclusive=True),
    "declaring a queue that is named as its own": lambda channel: channel.queue_declare(f"agency.{CODE}.more"),
    "declaring an exchange": lambda channel: channel.exchange_declare("mine"),
    "binding its queue to all answers": lambda channel: channel.queue_bind(OWN, "agencies.answers", "#"),
    "binding its queue to another's tasks": lambda channel: channel.queue_bind(OWN, "agencies.tasks", NEIGHBOUR),
    "taking its queue from its tasks": lambda channel: channel.queue_unbind(OWN, "agencies.tasks", CODE),
    "deleting its queue": lambda channel: channel.queue_delete(OWN),
    "deleting another's queue": lambda channel: channel.queue_delete(ANOTHERS),
}


def test_an_agency_may_read_its_queue_and_answer_under_its_own_key(channel: BlockingChannel) -> None:
    for attempt in ALLOWED.values():
        attempt(channel)


def test_whatever_else_an_agency_tries_the_broker_refuses(
        subtests: pytest.Subtests, wire: Wire, channel: BlockingChannel) -> None:
    for what, attempt in (READING | SPEAKING | MAKING).items():
        with subtests.test(what):
            own = channel.connection.channel()
            own.confirm_delivery()
            with pytest.raises(ChannelClosedByBroker) as refusal:
                attempt(own)
            assert refusal.value.reply_code == 403
    assert wire.waiting() == {} and wire.ready(ANOTHERS) == 1


def test_a_message_in_anothers_name_is_refused(wire: Wire, channel: BlockingChannel) -> None:
    with pytest.raises(ChannelClosedByBroker, match="user_id property set to") as refusal:
        publishing("agencies.answers", CODE, user_id=f"agency.{NEIGHBOUR}")(channel)
    assert refusal.value.reply_code == 406 and wire.ready("issues.answers") == 0


@pytest.mark.parametrize("header", ["CC", "BCC"])
def test_a_second_key_in_a_header_does_not_change_whose_answer_it_is(
        wire: Wire, channel: BlockingChannel, header: str) -> None:
    publishing("agencies.answers", CODE, headers={header: [NEIGHBOUR]})(channel)
    method, _, _ = wire.channel.basic_get("issues.answers", auto_ack=True)
    assert method.routing_key == CODE and wire.ready("issues.answers") == 0


def test_an_agency_cannot_ask_the_management(wire: Wire, credentials: pika.PlainCredentials) -> None:
    address = wire.environment["MAHALLE_BROKER_ADMIN"].rpartition("@")[2]
    with pytest.raises(ManagementError, match="401"):
        Management(f"http://{credentials.username}:{credentials.password}@{address}", wire.vhost).queues()


def test_an_agency_that_left_the_queue_is_known_no_more(
        wire: Wire, credentials: pika.PlainCredentials) -> None:
    topology.declare_agency(wire.management, settings.read("registry").broker, CODE, with_queue=False)
    with pytest.raises(ProbableAuthenticationError):
        wire.connect(credentials)
