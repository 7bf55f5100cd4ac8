"""`notifications` as nameko runs it: the sender, then what can be asked, then what is heard. No logic."""
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider

from chassis.consume import consumes
from chassis.http_client import Client
from chassis.http_server import Call, http
from chassis.logs import get
from chassis.settings import service_url
from contracts.envelope import Received
from services.notifications import settings, use_cases
from services.notifications.channels import Channel
from services.notifications.channels.log import Log
from services.notifications.channels.smtp import Smtp
from services.notifications.letters import Letters
from services.notifications.sender import Addresses, Sender
from services.notifications.shown import AskedDeliveries, DeliveriesSchema

IDLE = 1.0  # seconds between looks while nothing is due, and after trouble
RATE = 200  # messages a second at most, so that telling never takes the machine from filing
TURN = 120.0  # seconds that one turn may take; well under a lease
log = get(__name__)


class Sending(DependencyProvider):
    """One sender for this process, beside what is asked and heard."""

    def setup(self) -> None:
        found = settings.read()
        secret = self.container.config["settings"].internal_secret
        self._channel: Channel = Smtp(found.smtp, found.mail_from) if found.smtp else Log()
        addresses = Addresses(Client(service_url("issues"), secret), Client(service_url("registry"), secret))
        self._sender = Sender(self._channel, Letters(found.language), addresses, addresses.people)

    def start(self) -> None:
        self.container.spawn_managed_thread(self._send, identifier="send")

    def _send(self) -> None:
        while True:
            sent = self._turn()
            if not sent:
                self._channel.close()
            eventlet.sleep(sent / RATE or IDLE)

    def _turn(self) -> int:
        try:
            with eventlet.Timeout(TURN):
                return self._sender.turn()
        except (Exception, eventlet.Timeout) as error:  # the database is away, most likely; leases bring everything back
            log.warning("sending was interrupted", error=type(error).__name__)
            return 0


class Service:
    name = "notifications"
    sending = Sending()

    @http("GET", "/deliveries", "deliveries:read", asks=AskedDeliveries, gives=DeliveriesSchema)
    def deliveries(self, call: Call) -> dict[str, Any]:
        """What was told about an issue to whom, the oldest first, and what became of it. Addresses are not in it."""
        return use_cases.listing(call.query.get("issue"))

    @consumes("notifications.issues")
    def on_issues(self, batch: list[Received]) -> None:
        use_cases.note(batch)

    @consumes("notifications.registry")
    def on_registry(self, batch: list[Received]) -> None:
        use_cases.learn(batch)
