"""Connections to the broker that no message breaks and no silence holds."""
from collections.abc import Callable
from typing import Any

from amqp import Message
from amqp.method_framing import frame_handler
from kombu import Connection

from chassis.settings import Broker

HEARTBEAT = 10  # seconds; who owns a connection ticks it, and notices a silent broker after two
SECONDS_TO_CONNECT = 5
SECONDS_TO_CLOSE = 1
HEADER, FIXED = 2, 12  # the type of a frame with a message's properties, and how many bytes of it are none
NO_PROPERTIES = b"\0\0"
Frame = tuple[int, int, Any]  # type, channel, content


def connection_of(broker: Broker, user: str, heartbeat: int | None = None) -> Connection:
    """A kombu connection as that user, bounded in time, with a heartbeat of HEARTBEAT unless another (0: none) is given."""
    return Connection(hostname=broker.host, port=broker.port, virtual_host=broker.vhost, userid=user,
                      password=broker.password_of(user), transport="pyamqp", connect_timeout=SECONDS_TO_CONNECT,
                      heartbeat=HEARTBEAT if heartbeat is None else heartbeat,
                      transport_options={"frame_handler": bearing})


def hang_up(connection: Connection) -> None:
    """Closes it, politely for a second at most: while the broker blocks us or is silent, it never says goodbye."""
    if connection.connected:
        connection.connection.transport.sock.settimeout(SECONDS_TO_CLOSE)
    connection.release()


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
        Message().inbound_header(header)
    except Exception:
        return False
    return True
