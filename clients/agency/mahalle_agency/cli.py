"""The command `mahalle-agency`: the agency's queue and answers from a terminal.

`watch` takes what it shows: each message is acknowledged once it is printed, so it is the agency's reader, not one
beside it. The other commands take nothing from the queue. An answer's outcome comes over the queue, so the commands that
answer print the answer's id and leave the outcome to `watch` or to the agency's program, from which they would otherwise
steal messages. `show` asks over HTTP for the task as it stands now.
"""
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from mahalle_agency.answers import FOR_WHOM
from mahalle_agency.client import AgencyClient
from mahalle_agency.desk import read_task
from mahalle_agency.errors import AgencyError
from mahalle_agency.messages import Message, moment
from mahalle_agency.printing import card, printed


@dataclass(frozen=True)
class Settings:
    broker: str
    agency: str
    password: str

    @contextmanager
    def client(self) -> Iterator[AgencyClient]:
        """Connected with what was given; the package's errors become one line and exit 1."""
        demand("--broker or MAHALLE_BROKER_URL, such as amqp://127.0.0.1:5700/mahalle", self.broker)
        demand("--agency or AGENCY_CODE", self.agency)
        demand("AGENCY_PASSWORD", self.password)
        with one_line(), AgencyClient(self.broker, self.agency, self.password) as client:
            yield client


def demand(what: str, given: str) -> str:
    if not given:
        raise click.UsageError(f"Please give {what}.")
    return given


@contextmanager
def one_line() -> Iterator[None]:
    try:
        yield
    except (AgencyError, ValueError) as error:
        raise click.ClickException(str(error)) from error


@click.group(help="An agency's end of Mahalle: see what is on its queue, and answer.")
@click.option("--broker", envvar="MAHALLE_BROKER_URL", show_envvar=True, default="", help="amqp://host:port/vhost")
@click.option("--agency", envvar="AGENCY_CODE", show_envvar=True, default="", help="The agency's code.")
@click.option("--password", envvar="AGENCY_PASSWORD", show_envvar=True, default="",
              help="Better given in the environment, where other users of this machine do not see it.")
@click.pass_context
def main(context: click.Context, broker: str, agency: str, password: str) -> None:
    logging.basicConfig(format="mahalle-agency: %(message)s", level=logging.WARNING)
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # it logs every lost connection with its whole stack
    context.obj = Settings(broker, agency, password)


@main.command()
@click.pass_obj
def watch(settings: Settings) -> None:
    """Take what comes and print it, until Ctrl-C. What is printed is taken from the queue."""
    with suppress(KeyboardInterrupt), settings.client() as client:
        click.echo(f"the queue of {client.agency}; Ctrl-C ends", err=True)
        client.run(show_message)


def show_message(message: Message) -> None:
    try:
        click.echo(printed(message) + "\n")
        sys.stdout.flush()
    except OSError:  # nobody reads any more; not taken, so that it comes again
        raise SystemExit(1) from None


@main.command()
@click.argument("task")
@click.option("--url", envvar="MAHALLE_URL", show_envvar=True, default="", help="The platform's address.")
@click.option("--key", envvar="AGENCY_KEY", show_envvar=True, default="", help="The agency's API key.")
@click.pass_obj
def show(settings: Settings, task: str, url: str, key: str) -> None:
    """Print a task as it stands now, read over HTTP. Nothing is taken from the queue."""
    demand("--url or MAHALLE_URL, such as http://127.0.0.1:8080", url)
    demand("--key or AGENCY_KEY", key)
    with one_line():
        click.echo(card(read_task(url, key, demand("--agency or AGENCY_CODE", settings.agency), task)))


def answering(command: Callable[..., Any]) -> Callable[..., Any]:
    """The argument and the option that every answer has."""
    again = click.option("--answer-id", help="To send the same answer again: it is carried out once.")
    return click.argument("task")(again(click.pass_obj(command)))


def time_of(context: click.Context, option: click.Parameter, given: str | None) -> datetime | None:
    try:
        return moment(given) if given else None
    except ValueError:
        raise click.BadParameter("a time with its offset is needed, such as 2027-03-21T08:00+03:30") from None


because = click.option("--reason", required=True, help="Why.")
until = click.option("--until", required=True, callback=time_of, help="A time with its offset: 2027-03-21T08:00+03:30")
until_if_known = click.option("--until", callback=time_of, help="When to look at it again; in 30 days where not given.")


def send(settings: Settings, task: str, action: str, answer_id: str | None, **said: Any) -> None:
    with settings.client() as client:
        sent = client.answer(task, action, answer_id=answer_id, **said)
    click.echo(f"{action} of {task} is on its way, answer id {sent}")
    click.echo("What became of it comes over the queue (watch); show prints the task's state.", err=True)


@main.command()
@answering
def accept(settings: Settings, task: str, **said: Any) -> None:
    """Accept an offered task."""
    send(settings, task, "accept", **said)


@main.command()
@answering
@because
def refuse(settings: Settings, task: str, **said: Any) -> None:
    """Refuse an offered task; the reason goes to the secretary."""
    send(settings, task, "refuse", **said)


@main.command()
@answering
@click.option("--to", "agency", required=True, help="The other agency's code.")
@because
def refer(settings: Settings, task: str, **said: Any) -> None:
    """Refer a task to another agency, which must accept it."""
    send(settings, task, "refer", **said)


@main.command()
@answering
def start(settings: Settings, task: str, **said: Any) -> None:
    """Say that work has begun."""
    send(settings, task, "start", **said)


@main.command()
@answering
@click.option("--for-whom", required=True, type=click.Choice(FOR_WHOM), help="Whom it waits for.")
@because
@until_if_known
def wait(settings: Settings, task: str, **said: Any) -> None:
    """Say that work has to wait; the clock stands until it is resumed."""
    send(settings, task, "wait", **said)


@main.command()
@answering
def resume(settings: Settings, task: str, **said: Any) -> None:
    """Say that work goes on, after a wait or when funds have come."""
    send(settings, task, "resume", **said)


@main.command("ask-deferral")
@answering
@because
@until
def ask_deferral(settings: Settings, task: str, **said: Any) -> None:
    """Ask the secretary to let the task wait for funds."""
    send(settings, task, "ask_deferral", **said)


@main.command("ask-extension")
@answering
@because
@until
def ask_extension(settings: Settings, task: str, **said: Any) -> None:
    """Ask the secretary for a later deadline."""
    send(settings, task, "ask_extension", **said)


@main.command()
@answering
@click.option("--text", required=True, help="What was done; everybody may read it.")
@click.option("--photograph", help="Its https address, where the category asks for one.")
def finish(settings: Settings, task: str, **said: Any) -> None:
    """Say that the work is done."""
    send(settings, task, "finish", **said)
