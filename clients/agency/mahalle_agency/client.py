"""The agency's program uses this: take what comes, answer it."""
import logging
import queue
import threading
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from mahalle_agency.answers import Answer, new_id
from mahalle_agency.connecting import parameters
from mahalle_agency.errors import Refused
from mahalle_agency.messages import Message, Unreadable, read
from mahalle_agency.sending import Sending
from mahalle_agency.taking import LOOK_UP, Delivery, Taking

FIRST_PAUSE, LONGEST_PAUSE = 1, 300  # seconds before a callback that failed gets its message again: doubled each time
log = logging.getLogger("mahalle_agency")


class AgencyClient:
    """One agency at one broker. `broker` is amqp://host:port/vhost (amqps:// for TLS), without user and password.

    `patience` is how many seconds an answer is tried for while the broker is away. Nothing is connected before `run`
    or the first answer. Raises ValueError for an address that is none.
    """

    def __init__(self, broker: str, agency: str, password: str, patience: float = 30) -> None:
        self.agency, self.patience = agency, patience
        self._parameters = parameters(broker, agency, password)
        self._sending = Sending(self._parameters, agency)
        self._stopped = threading.Event()

    def run(self, callback: Callable[[Message], Any]) -> None:
        """Hands each message to the callback, one after the other in this thread, until `stop`.

        A message is acknowledged after its callback returned. If the callback raises, or the process ends in it, the
        message comes again: after 1 s, then 2, 4 … up to 5 minutes, meanwhile others are handled; after 1,000 times
        (three days) the broker puts it among the platform's dead letters. What this client cannot read goes there at
        once and is logged without its content. A callback should take a minute at most.

        Connects again by itself for as long as it takes. Raises Refused when the broker refuses this agency.
        """
        self._stopped.clear()
        taking = Taking(self._parameters, self.agency)
        taking.start()
        try:
            while not self._stopped.is_set():
                self._next(taking, callback)
        finally:
            taking.end()

    def stop(self) -> None:
        """`run` returns after the present callback. From any thread, or from the callback."""
        self._stopped.set()

    def _next(self, taking: Taking, callback: Callable[[Message], Any]) -> None:
        try:
            found = taking.arrived.get(timeout=LOOK_UP)
        except queue.Empty:
            return
        if isinstance(found, Refused):
            raise found
        if not found.lost:
            self._handle(found, callback)

    def _handle(self, delivery: Delivery, callback: Callable[[Message], Any]) -> None:
        """The one place where a message is settled."""
        try:
            message = read(delivery.properties.headers, delivery.body, delivery.properties.content_type)
        except Unreadable as error:
            log.error("a message that cannot be read goes to the platform's dead letters: %s", error)
            return delivery.give_up()
        try:
            callback(message)
        except Exception:
            pause = pause_after(delivery.times_failed)
            log.exception("the callback failed; message %s comes again in %d s", message.id, pause)
            return delivery.give_back(pause)
        return delivery.acknowledge()

    def accept(self, task_id: str, answer_id: str | None = None) -> str:
        """As `answer`, like all below."""
        return self.answer(task_id, "accept", answer_id=answer_id)

    def refuse(self, task_id: str, reason: str, answer_id: str | None = None) -> str:
        """The issue goes to the next agency by rule, or to the secretary; a referred one back to who gave it."""
        return self.answer(task_id, "refuse", reason=reason, answer_id=answer_id)

    def refer(self, task_id: str, agency: str, reason: str, answer_id: str | None = None) -> str:
        """To the agency of that code, which must accept it. Pushed to and fro, it goes to the headquarters above both."""
        return self.answer(task_id, "refer", reason=reason, agency=agency, answer_id=answer_id)

    def start(self, task_id: str, answer_id: str | None = None) -> str:
        """Work has begun."""
        return self.answer(task_id, "start", answer_id=answer_id)

    def wait(self, task_id: str, reason: str, for_whom: str, until: datetime | None = None,
             answer_id: str | None = None) -> str:
        """The clock stands until `resume`. `for_whom` is filer, agency or other; `until` is when it is looked at again."""
        return self.answer(task_id, "wait", reason=reason, for_whom=for_whom, until=until, answer_id=answer_id)

    def resume(self, task_id: str, answer_id: str | None = None) -> str:
        """The clock goes on, after a wait or when the funds have come."""
        return self.answer(task_id, "resume", answer_id=answer_id)

    def ask_deferral(self, task_id: str, reason: str, until: datetime, answer_id: str | None = None) -> str:
        """Asks the secretary to let the task wait for funds; `until` is when it is looked at again."""
        return self.answer(task_id, "ask_deferral", reason=reason, until=until, answer_id=answer_id)

    def ask_extension(self, task_id: str, reason: str, until: datetime, answer_id: str | None = None) -> str:
        """Asks the secretary for a later deadline, `until`."""
        return self.answer(task_id, "ask_extension", reason=reason, until=until, answer_id=answer_id)

    def finish(self, task_id: str, text: str, photograph: str | None = None, answer_id: str | None = None) -> str:
        """`text` says what was done, and everybody may read it; `photograph` is an https address."""
        return self.answer(task_id, "finish", text=text, photograph=photograph, answer_id=answer_id)

    def answer(self, task_id: str, action: str, *, answer_id: str | None = None, **said: Any) -> str:
        """Returns the answer's id as soon as the broker has it. Whether it was carried out comes over the queue.

        `said` are the fields of `Answer`. Give an `answer_id` where this call may be repeated: answers with the same id
        are carried out once, and one made of the message's id (`f"accept-{message.id}"`) is the same when the message
        comes again. Raises ValueError for an answer that could never be taken, Refused, NotTaken, or Unconfirmed after
        `patience` seconds.
        """
        made = Answer(task_id, action, id=new_id() if answer_id is None else answer_id, **said)
        self._sending.send(made, self.patience)
        return made.id

    def close(self) -> None:
        self.stop()
        self._sending.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def pause_after(times_failed: int) -> int:
    """Seconds."""
    return min(FIRST_PAUSE * 2 ** min(times_failed, 20), LONGEST_PAUSE)
