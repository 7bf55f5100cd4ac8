"""When messages reach queues: taken in a thread by a consumer of their own, each noted by the issue that it is about."""
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from pika.adapters.blocking_connection import BlockingChannel

from tests.bench.clients import clock

IssueOf = Callable[[dict[str, Any], bytes], str]  # from a message's headers and body to the issue's id


@contextmanager
def arrivals(channel: BlockingChannel, queues: Iterable[str], issue_of: IssueOf) -> Iterator[dict[str, float]]:
    """Issue → when its first message arrived (seconds of `clock`), filling while the block runs."""
    found: dict[str, float] = {}
    over = threading.Event()

    def arrived(_: Any, method: Any, properties: Any, body: bytes) -> None:
        at = clock()
        found.setdefault(issue_of(properties.headers, body), at)

    for queue in queues:
        channel.basic_consume(queue, arrived, auto_ack=True)
    thread = threading.Thread(target=_take, args=(channel, over), name="arrivals", daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()
        channel.connection.close()


def _take(channel: BlockingChannel, over: threading.Event) -> None:
    while not over.is_set():
        channel.connection.process_data_events(0.2)
