"""Connections to the broker that no message breaks and no silence holds."""
from collections.abc import Callable
from typing import Any

import amqp
from amqp.exceptions import AMQPError
from amqp.method_framing import frame_handler
from kombu import Connection

from chassis.settings import Broker

HEARTBEAT = 10  # seconds; who keeps a connection ticks it, and notices a silent broker after two
SECONDS_TO_CONNECT = 5
SECONDS_TO_CLOSE = 1
HEADER, FIXED = 2, 12  # the type of a frame with a message's properties, and how many bytes of it are none
NO_PROPERTIES = b"\0\0"
Frame = tuple[int, int, Any]  # type, channel, content


def connection_of(broker: Broker, user: str) -> Connection:
    """A kombu connection as that user, bounded in time."""
    return Connection(hostname=broker.host, port=broker.port, virtual_host=broker.vhost, userid=user,
                      password=broker.password_of(user), transport="pyamqp", heartbeat=HEARTBEAT,
                      connect_timeout=SECONDS_TO_CONNECT)


def call(broker: Broker, user: str) -> amqp.Connection:
    """A connection as that user, bounded in time, without kombu, which calls again by itself. For `hang_up`."""
    connection = amqp.Connection(f"{broker.host}:{broker.port}", user, broker.password_of(user), virtual_host=broker.vhost,
                                 heartbeat=HEARTBEAT, connect_timeout=SECONDS_TO_CONNECT, frame_handler=bearing)
    try:
        connection.connect()
    except BaseException:
        connection.collect()
        raise
    return connection


def hang_up(connection: amqp.Connection) -> None:
    """Closes it, politely for a second at most: while the broker blocks us or is silent, it never says goodbye."""
    try:
        if connection.connected:
            connection.transport.sock.settimeout(SECONDS_TO_CLOSE)
            connection.close()
    except (OSError, AMQPError):
        pass
    connection.collect()


def bearing(connection: Any, callback: Callable[..., Any]) -> Callable[[Frame], Any]:
    """amqp's reader of frames, bearing a message whose properties it cannot read: it arrives without them.

    amqp raises at a time beyond the year 9999, at broken UTF-8 and at tables nested too deeply. The connection would
    end, and the same message would end the next one, and all those on the way with it.
    """
    read = frame_handler(connection, callback)

    def on_frame(frame: Frame) -> Any:
        kind, channel, content = frame
        try:
            return read(frame)
        except Exception:
            if kind != HEADER or is_readable(content):
                raise
            return read((kind, channel, bytes(content[:FIXED]) + NO_PROPERTIES))

    return on_frame


def is_readable(header: Any) -> bool:
    try:
        amqp.Message().inbound_header(header)
    except Exception:
        return False
    return True
