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
from services.notifications import codes, settings, use_cases
from services.notifications.channels import Channel
from services.notifications.channels.folder import Folder
from services.notifications.channels.log import Log
from services.notifications.channels.sms import Sms
from services.notifications.channels.smtp import Smtp
from services.notifications.letters import Letters
from services.notifications.sender import Addresses, Sender
from services.notifications.shown import DeliveriesQuery, DeliveriesSchema

IDLE = 1.0  # seconds between looks while nothing is due, and after trouble
GATHERED = 0.25  # seconds between turns, so that what is told at nearly the same time is sent in one of them
RATE = 200  # messages a second at most, so that telling never takes the machine from filing
TURN = 120.0  # seconds that one turn may take; well under a lease
CODE_SENDERS, CODE_TURN = 4, 50.0  # likewise, of codes
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
            eventlet.sleep(max(sent / RATE, GATHERED) if sent else IDLE)

    def _turn(self) -> int:
        try:
            with eventlet.Timeout(TURN):
                return self._sender.turn()
        except (Exception, eventlet.Timeout) as error:  # the database is away, most likely; leases bring everything back
            log.warning("sending was interrupted", error=type(error).__name__)
            return 0


class SendingCodes(DependencyProvider):
    """Several senders for this process: one that waits for its provider keeps no other code waiting."""

    def setup(self) -> None:
        found = settings.read()
        registry = Client(service_url("registry"), self.container.config["settings"].internal_secret)
        self._senders = [self._sender(found, codes.asking(registry)) for _ in range(CODE_SENDERS)]

    def _sender(self, found: settings.NotificationsSettings, ask: codes.AskCode) -> codes.CodeSender:
        rest = Folder(found.letters) if found.letters else Log()
        return codes.CodeSender({"email": Smtp(found.smtp, found.mail_from) if found.smtp else rest,
                                 "telephone": Sms(found.sms) if found.sms else rest}, Letters(found.language), ask)

    def start(self) -> None:
        for sender in self._senders:
            self.container.spawn_managed_thread(lambda sender=sender: self._send(sender), identifier="send codes")

    def _send(self, sender: codes.CodeSender) -> None:
        while True:
            sent = 0
            try:
                with eventlet.Timeout(CODE_TURN):
                    sent = sender.turn()
            except (Exception, eventlet.Timeout) as error:  # the database is away, most likely; leases bring it back
                log.warning("sending codes was interrupted", error=type(error).__name__)
            if not sent:
                sender.close()
                eventlet.sleep(IDLE)


class Service:
    name = "notifications"
    sending = Sending()
    sending_codes = SendingCodes()

    @http("GET", "/deliveries", "deliveries:read", asks=DeliveriesQuery, gives=DeliveriesSchema)
    def deliveries(self, call: Call) -> dict[str, Any]:
        """What was told about an issue to whom, the oldest first, and what became of it. Addresses are not in it."""
        return use_cases.listing(call.query.get("issue"))

    @consumes("notifications.issues")
    def on_issues(self, batch: list[Received]) -> None:
        use_cases.note(batch)

    @consumes("notifications.registry")
    def on_registry(self, batch: list[Received]) -> None:
        use_cases.learn(batch)

    @consumes("notifications.codes")
    def on_codes(self, batch: list[Received]) -> None:
        codes.note(batch)
