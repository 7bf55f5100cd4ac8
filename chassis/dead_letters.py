"""`python -m chassis.dead_letters`: what could not be handled, why, and what to do with it.

`list` counts and names reasons; `show` prints one message with every word of people masked; `replay` hands messages
back to their work queue after the cause is mended; `discard` deletes them, after a question. Messages that are only
looked at go back where they were.
"""
from collections.abc import Iterator
from typing import Any

import click
import orjson
from amqp import Message
from amqp.exceptions import AMQPError
from kombu import Connection

from chassis import settings
from chassis.connection import connection_of
from chassis.settings import stop_with
from chassis.topology import AGENCIES_DEAD, ATTEMPT, FIRST_FAILED, REASON, WORK

QUEUES = [*(f"{work.name}.dead" for work in WORK), AGENCIES_DEAD]
SHOWN = ("ce-id", "ce-type", "ce-subject", "ce-time", "ce-sequence", ATTEMPT)


def _connection(queue: str) -> Connection:
    return connection_of(settings.read("dead-letters").broker, owner_of(queue))


def owner_of(queue: str) -> str:
    """The service as whose user it is read: its own, and `issues` for what agencies gave up."""
    return "issues" if queue == AGENCIES_DEAD else queue.split(".")[0]


def way_back(queue: str, headers: dict[str, Any]) -> tuple[str, str]:
    """Exchange and key that lead to the queue it came from."""
    if queue == AGENCIES_DEAD:
        return "agencies.tasks", str(death_of(headers)["routing-keys"][0])
    return f"{owner_of(queue)}.retries", queue.removesuffix(".dead")


def death_of(headers: dict[str, Any]) -> dict[str, Any]:
    """What the broker wrote when it was it that gave the message up."""
    return dict((headers.get("x-death") or [{}])[0])


def reason_of(headers: dict[str, Any]) -> str:
    """Without anybody's words: a consumer's own reason, or the broker's."""
    death = death_of(headers)
    return str(headers.get(REASON) or f"{death.get('reason', 'dead-lettered')} by the broker, from {death.get('queue')}")


def letters(channel: Any, queue: str, most: int) -> Iterator[Message]:
    """Messages of a queue, taken and not settled: unless the caller acknowledges, they go back."""
    for _ in range(most):
        message = channel.basic_get(queue)
        if message is None:
            return
        yield message


def headers_of(message: Message) -> dict[str, Any]:
    return dict(message.properties.get("application_headers") or {})


def masked(value: Any) -> Any:
    """The shape of a body without its words: ids, codes, numbers and times stay, other text is measured only."""
    if isinstance(value, dict):
        return {key: masked(below) for key, below in value.items()}
    if isinstance(value, list):
        return [masked(below) for below in value]
    if isinstance(value, str) and not (value.isascii() and " " not in value and "@" not in value and len(value) < 64):
        return f"… {len(value)} characters"
    return value


@click.group()
def main() -> None:
    """Lists, shows, replays and discards dead letters."""


@main.command("list")
@click.option("--most", default=1000, help="Look at this many of each queue.")
def list_(most: int) -> None:
    """How many lie in each dead queue, by reason."""
    for queue in QUEUES:
        with _connection(queue) as connection:
            channel = connection.connection.channel()
            reasons: dict[str, int] = {}
            for message in letters(channel, queue, most):
                reason = reason_of(headers_of(message))
                reasons[reason] = reasons.get(reason, 0) + 1
            click.echo(f"{queue}: {sum(reasons.values())}")
            for reason, count in sorted(reasons.items(), key=lambda pair: -pair[1]):
                click.echo(f"    {count} × {reason}")


@main.command()
@click.argument("queue", type=click.Choice(QUEUES))
@click.option("--position", default=1, help="Which one, from the oldest.")
def show(queue: str, position: int) -> None:
    """One message, masked."""
    with _connection(queue) as connection:
        found = list(letters(connection.connection.channel(), queue, position))
        if len(found) < position:
            stop_with(f"dead-letters: {queue} holds {len(found)} messages.", 1)
        message = found[-1]
        headers = headers_of(message)
        click.echo(f"reason: {reason_of(headers)}")
        for name in SHOWN:
            click.echo(f"{name}: {masked(headers.get(name))}")
        try:
            click.echo(orjson.dumps(masked(orjson.loads(message.body)), option=orjson.OPT_INDENT_2).decode())
        except (orjson.JSONDecodeError, UnicodeError):
            click.echo(f"a body of {len(message.body)} bytes that is not JSON")


@main.command()
@click.argument("queue", type=click.Choice(QUEUES))
@click.option("--most", default=1000)
def replay(queue: str, most: int) -> None:
    """Back to the work queue, each acknowledged here only after it is confirmed there."""
    with _connection(queue) as connection:
        channel = connection.connection.channel()
        sending = connection.connection.channel()
        sending.confirm_select()
        count = 0
        for message in letters(channel, queue, most):
            headers = headers_of(message)
            kept = {k: v for k, v in headers.items() if k not in (ATTEMPT, FIRST_FAILED, REASON, "x-death")}
            copy = Message(message.body, application_headers=kept, delivery_mode=2,
                           **{k: v for k, v in message.properties.items() if k in ("content_type", "message_id")})
            sending.basic_publish_confirm(copy, *way_back(queue, headers), mandatory=True)
            channel.basic_ack(message.delivery_tag)
            count += 1
    click.echo(f"dead-letters: {count} messages of {queue} are back where they came from")


@main.command()
@click.argument("queue", type=click.Choice(QUEUES))
@click.option("--most", default=1)
@click.confirmation_option(prompt="Delete for good?")
def discard(queue: str, most: int) -> None:
    """Deletes the oldest, for good."""
    with _connection(queue) as connection:
        channel = connection.connection.channel()
        count = 0
        for message in letters(channel, queue, most):
            channel.basic_ack(message.delivery_tag)
            count += 1
    click.echo(f"dead-letters: {count} messages are gone")


if __name__ == "__main__":
    try:
        main()
    except (OSError, AMQPError) as error:
        stop_with(f"dead-letters: the broker does not answer or refuses ({type(error).__name__}).", 1)
