"""`python -m chassis.dead_letters`: what could not be handled, why, and what to do with it.

`list` counts and names reasons; `show` prints one message with every word of people masked; `replay` hands messages
back to the queue that they came from, after the cause is mended; `discard` deletes them, after a question. Messages
that are only looked at go back where they were. Needs nothing but the broker and its settings.
"""
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import orjson
from amqp import Message
from amqp.exceptions import AMQPError, MessageNacked

from chassis import settings
from chassis.connection import call, hang_up
from chassis.marks import copy_of, headers_of
from chassis.settings import stop_with
from chassis.topology import AGENCIES_DEAD, ATTEMPT, KEY, REASON, WORK

QUEUES = [*(f"{work.name}.dead" for work in WORK), AGENCIES_DEAD]
SHOWN = ("ce-id", "ce-type", "ce-subject", "ce-time", "ce-sequence", ATTEMPT)
CONFIRM_WITHIN = 30  # seconds
# The fields in which ids, codes, states, times and counts stand. What stands in any other is words, or might be.
PLAIN = {
    "accept_by", "accept_days", "accept_hours", "accept_minutes", "accepted_at", "action", "after_hours",
    "agencies", "agency", "allowances", "answer_id", "became", "binding", "body", "by", "came_from", "category",
    "channel", "checked_by", "closed_at", "closed_by", "closes", "closures", "code", "committee", "confidential",
    "contested_with", "date", "deadline", "done_at", "due", "duplicate_of", "ends", "escalations", "estimated",
    "extensions", "filed_at", "finish_days", "finish_hours", "finish_minutes", "for_whom", "headquarters",
    "holidays", "id", "in_force", "issue_id", "joined", "kind", "ladder", "lead", "level", "members", "message_id",
    "neighbourhood", "of", "offered_at", "office_hours", "on_behalf", "opens", "options", "others", "parent",
    "path", "photograph", "place", "priority", "questions", "reachable", "reopen_days", "required", "residents",
    "review_at", "role", "sample", "satisfaction", "silence_days", "starts", "state", "status", "step", "stopped_at",
    "supporting_agency", "target", "task_id", "territory", "time_zone", "times_not_fixed", "times_referred",
    "times_reopened", "to", "tracking_code", "type", "until", "updated_at", "vacant", "valid_from", "valid_to",
    "version", "weekday", "weekend", "what"}
WORDS = {
    "answers", "category_name", "links", "name_en", "name_fa", "neighbourhood_name", "part", "person", "point",
    "polygon", "reason", "reason_en", "reason_fa", "snapshot", "subject", "tasks", "text", "title"}
queue_argument = click.argument("queue", type=click.Choice(QUEUES))
at_least_one = click.IntRange(min=1)


@contextmanager
def calling(queue: str) -> Iterator[Any]:
    """The broker, as the user who may read this queue: its service, and `issues` for what agencies gave up."""
    connection = call(settings.read("dead-letters").broker, owner_of(queue))
    try:
        yield connection
    finally:
        hang_up(connection)


def owner_of(queue: str) -> str:
    return "issues" if queue == AGENCIES_DEAD else queue.split(".")[0]


def letters(channel: Any, queue: str, most: int) -> Iterator[Message]:
    """The oldest that lie there now, taken and not settled: unless the caller acknowledges, they go back."""
    for _ in range(min(most, channel.queue_declare(queue, passive=True).message_count)):
        message = channel.basic_get(queue)
        if message is None:
            return
        yield message


def death_of(message: Message) -> dict[str, Any]:
    """What the broker wrote when it was it that gave the message up."""
    return dict((headers_of(message).get("x-death") or [{}])[0])


def reason_of(message: Message) -> str:
    """Without anybody's words: the broker's reason, or a consumer's, which cannot be both."""
    if death := death_of(message):
        return f"{death.get('reason')} by the broker, from {death.get('queue')}"
    return str(headers_of(message).get(REASON))


def sent_back(queue: str, message: Message) -> tuple[Message, str, str]:
    """A copy without our marks, and the exchange and key that lead it to the queue it came from.

    The key it was first published with stays on it, except where the broker gave it up: then its sender may have
    written there what it liked, such as another agency's code.
    """
    if queue == AGENCIES_DEAD:
        return copy_of(message, {}), "agencies.tasks", str(death_of(message)["routing-keys"][0])
    key = headers_of(message).get(KEY)
    marks = {KEY: key} if key and not death_of(message) else {}
    return copy_of(message, marks), f"{owner_of(queue)}.retries", queue.removesuffix(".dead")


def masked(value: Any, field: str = "") -> Any:
    """The shape of a body without its words: ids, codes, states, times and counts stay, other values are measured only."""
    if isinstance(value, dict):
        return {key if key in PLAIN | WORDS else f"field {number}": masked(below, key)
                for number, (key, below) in enumerate(value.items(), 1)}
    if isinstance(value, list):
        return [masked(below, field) for below in value]
    if value is None or isinstance(value, bool) or (field in PLAIN and is_plain(value)):
        return value
    return f"… {len(value)} characters" if isinstance(value, str) else "… a number"


def is_plain(value: str | int | float) -> bool:
    if isinstance(value, str):
        return value.isascii() and not set(" @") & set(value) and len(value) < 64
    return abs(value) < 1_000_000  # a telephone number has more digits


@click.group()
def main() -> None:
    """Lists, shows, replays and discards dead letters."""


@main.command("list")
@click.option("--most", default=1000, type=at_least_one, help="Look at this many of each queue.")
def list_(most: int) -> None:
    """How many lie in each dead queue, by reason."""
    for queue in QUEUES:
        with calling(queue) as connection:
            channel = connection.channel()
            reasons = Counter(reason_of(message) for message in letters(channel, queue, most))
        click.echo(f"{queue}: {sum(reasons.values())}")
        for reason, count in reasons.most_common():
            click.echo(f"    {count} × {reason}")


@main.command()
@queue_argument
@click.option("--position", default=1, type=at_least_one, help="Which one, from the oldest.")
def show(queue: str, position: int) -> None:
    """One message, masked."""
    with calling(queue) as connection:
        found = list(letters(connection.channel(), queue, position))
    if len(found) < position:
        stop_with(f"dead-letters: {queue} holds {len(found)} messages.", 1)
    message = found[-1]
    click.echo(f"reason: {reason_of(message)}")
    for name in SHOWN:
        value = headers_of(message).get(name)
        click.echo(f"{name}: {masked(value, 'id') if isinstance(value, (str, int)) else value}")
    try:
        click.echo(orjson.dumps(masked(orjson.loads(message.body)), option=orjson.OPT_INDENT_2).decode())
    except (orjson.JSONDecodeError, UnicodeError, TypeError):
        click.echo(f"a body of {len(message.body)} bytes that is not JSON")


@main.command()
@queue_argument
@click.option("--most", default=1000, type=at_least_one)
def replay(queue: str, most: int) -> None:
    """Back to the work queue, each acknowledged here only after it is confirmed there."""
    count = 0
    with calling(queue) as connection:
        channel, sending = connection.channel(), connection.channel()
        for message in letters(channel, queue, most):
            sending.basic_publish_confirm(*sent_back(queue, message), mandatory=True, confirm_timeout=CONFIRM_WITHIN)
            channel.basic_ack(message.delivery_tag)
            count += 1
    click.echo(f"dead-letters: {count} messages of {queue} are back where they came from")


@main.command()
@queue_argument
@click.option("--most", default=1, type=at_least_one)
@click.confirmation_option(prompt="Delete for good?")
def discard(queue: str, most: int) -> None:
    """Deletes the oldest, for good."""
    count = 0
    with calling(queue) as connection:
        channel = connection.channel()
        for message in letters(channel, queue, most):
            channel.basic_ack(message.delivery_tag)
            count += 1
    click.echo(f"dead-letters: {count} messages are gone")


if __name__ == "__main__":
    try:
        main()
    except (OSError, AMQPError, MessageNacked) as error:
        stop_with(f"dead-letters: the broker does not answer or refuses ({type(error).__name__}).", 1)
