"""From an Authorization header to who is asking: an access token of a session, or an API key. The gateway keeps neither.

With the registry away who is known goes on being known: by a token until it expires, by a key for fifteen minutes. What is
ended is refused here within POLL seconds, and at once where it was ended through this process.
"""
import time

import eventlet
from nameko.extensions import SharedExtension

from chassis import logs
from chassis.http_client import Client
from contracts.errors import Unauthenticated
from gateway.api_keys import BEGINS, Keys
from gateway.endings import POLL, Watch
from gateway.known import NOBODY, Known
from gateway.tokens import Tokens, refused

READ = 3.0  # seconds that the registry may take
log = logs.get(__name__)


class Credentials(SharedExtension):
    """One for all entrypoints of a process."""

    def setup(self) -> None:
        registry = Client(self.container.config["gateway"]().urls["registry"],
                          self.container.config["settings"].internal_secret, READ)
        self.watch, self.tokens = Watch(registry), Tokens(registry)
        self._keys = Keys(registry, self.watch.told_of)

    def start(self) -> None:
        self.container.spawn_managed_thread(self._go)

    def _go(self) -> None:
        while True:
            try:
                self.watch.look()
                self.tokens.follow(self.watch.signing_keys)
            except Exception as error:  # what is known goes on being believed
                log.error("what has ended could not be read", exc_info=error)
            eventlet.sleep(POLL)

    def known(self, authorization: str | None) -> Known:
        """Nobody where the header is absent. Raises Unauthenticated for what is not good now, Unavailable where nobody can
        say whether it is."""
        if not authorization:
            return NOBODY
        scheme, _, credential = authorization.partition(" ")
        credential = credential.strip()
        if scheme.lower() != "bearer" or not credential.isascii():
            raise refused()
        self.watch.demand_begun()
        found = self._keys.known(credential) if credential.startswith(BEGINS) else self.tokens.known(credential)
        if found.until <= time.time() or self._has_ended(found):
            raise refused()
        return found

    def _has_ended(self, known: Known) -> bool:
        """A session that is ended; of an account, what was given before it was shut, or its rights became others."""
        shut = self.watch.ended_at("account", known.caller.account)
        return self.watch.ended_at("session", known.session) is not None or (shut is not None and known.given < shut)


def demand_session(known: Known) -> str:
    """The session's id. Raises Unauthenticated for who has none."""
    if not known.session:
        raise Unauthenticated("session_needed", "رمز تازه‌سازی (refresh_token) را بفرستید، یا توکن نشست را در Authorization.",
                              "Send the refresh_token, or the session's access token in the Authorization header.")
    return known.session
