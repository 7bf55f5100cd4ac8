"""How an agency connects to the broker, and what a refusal there means."""
from urllib.parse import urlsplit

import pika
from pika.exceptions import ChannelClosedByBroker, ProbableAccessDeniedError, ProbableAuthenticationError

from mahalle_agency.errors import NoQueue, NotAllowed, Refused, WrongPassword

HEARTBEAT = 10  # seconds; a dead line is noticed within half a minute
BLOCKED = 15  # seconds that the broker may hold us back before we connect anew
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0  # seconds between tries to connect: doubled each time


def parameters(broker: str, agency: str, password: str) -> pika.URLParameters:
    """`broker` is amqp://host:port/vhost, or amqps:// for TLS. Raises ValueError for what is no such address."""
    parts = urlsplit(broker)
    if parts.scheme not in ("amqp", "amqps") or not parts.hostname or parts.username:
        raise ValueError("The broker's address should be amqp://host:port/vhost, or amqps://, without user and password.")
    found = pika.URLParameters(broker)
    found.credentials = pika.PlainCredentials(f"agency.{agency}", password)
    found.client_properties = {"connection_name": f"mahalle-agency {agency}"}
    found.socket_timeout, found.stack_timeout = 5, 10
    if found.heartbeat is None:
        found.heartbeat = HEARTBEAT
    if found.blocked_connection_timeout is None:
        found.blocked_connection_timeout = BLOCKED
    return found


def longer(pause: float) -> float:
    return min(pause * 2, LONGEST_PAUSE)


def refusal(error: BaseException, agency: str) -> Refused | None:
    """The broker's no in clear words; None for trouble that passes."""
    if isinstance(error, ChannelClosedByBroker) and error.reply_code == 404:
        return NoQueue(f"There is no queue of agency {agency}. Ask the secretariat to register the agency for a queue.")
    if isinstance(error, ChannelClosedByBroker) and error.reply_code == 403:
        return NotAllowed(f"The broker does not allow this to agency {agency}: {error.reply_text}")
    # pika says "probable" also when the line breaks at that moment; only what the broker itself said counts.
    if "ConnectionClosedByBroker: (" not in str(error):
        return None
    if isinstance(error, ProbableAuthenticationError):
        return WrongPassword(f"The broker does not know agency {agency} with this password. Check AGENCY_CODE and "
                             "AGENCY_PASSWORD, or ask the secretariat for a new password.")
    if isinstance(error, ProbableAccessDeniedError) and "NOT_ALLOWED" in str(error):
        return NotAllowed(f"Agency {agency} has no access to this virtual host. Check the end of the broker's address.")
    return None
