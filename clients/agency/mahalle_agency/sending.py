"""Sending answers: mandatory, persistent, confirmed. An answer is sent only when the broker says that it has it."""
import threading
import time
from contextlib import suppress
from typing import Any

import pika
from pika.exceptions import AMQPError, NackError, UnroutableError

from mahalle_agency.answers import Answer
from mahalle_agency.connecting import FIRST_PAUSE, longer, refusal
from mahalle_agency.errors import NotTaken, Unconfirmed
from mahalle_agency.messages import CONTENT_TYPE

EXCHANGE = "agencies.answers"
KEPT_OPEN = 5.0  # seconds after an answer; nobody answers heartbeats on this connection in between


class Sending:
    """One connection for answers, apart from the one that takes tasks: a broker under alarm holds back senders only.

    May be used from several threads.
    """

    def __init__(self, parameters: Any, agency: str) -> None:
        self._parameters, self._agency = parameters, agency
        self._lock = threading.Lock()
        self._connection: Any = None
        self._channel: Any = None
        self._resting = threading.Timer(0, self.close)

    def send(self, answer: Answer, patience: float) -> None:
        """Tries for about `patience` seconds, always under the answer's own id. Raises Refused, NotTaken, Unconfirmed."""
        end, pause = time.monotonic() + patience, FIRST_PAUSE
        while True:
            try:
                return self._publish(answer)
            except (UnroutableError, NackError) as error:
                raise NotTaken("The platform takes no answers at the moment. Send it again later under the same id, "
                               f"{answer.id}.", answer.id) from error
            except (AMQPError, OSError) as error:
                if refused := refusal(error, self._agency):
                    raise refused from error
                if time.monotonic() + pause > end:
                    raise Unconfirmed(f"The broker did not confirm the answer ({type(error).__name__}); it may have "
                                      f"arrived or not. Send it again under the same id, {answer.id}.", answer.id) from error
            time.sleep(pause)
            pause = longer(pause)

    def _publish(self, answer: Answer) -> None:
        properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2, message_id=answer.id,
                                          headers=answer.headers(self._agency))
        with self._lock:
            self._resting.cancel()
            try:
                self._open().basic_publish(EXCHANGE, self._agency, answer.body(), properties, mandatory=True)
            except BaseException:
                self._drop()
                raise
            self._resting = threading.Timer(KEPT_OPEN, self.close)
            self._resting.daemon = True
            self._resting.start()

    def _open(self) -> Any:
        if self._channel is None:
            self._connection = pika.BlockingConnection(self._parameters)
            self._channel = self._connection.channel()
            self._channel.confirm_delivery()
        return self._channel

    def _drop(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            with suppress(AMQPError):
                connection.close()

    def close(self) -> None:
        with self._lock:
            self._resting.cancel()
            self._drop()
