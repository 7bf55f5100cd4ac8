"""Signing in and out as HTTP, for the gateway, and what all gateways must know: public keys, and what has ended."""
from typing import Any

from nameko.extensions import DependencyProvider

from chassis import logs
from chassis.addresses import NETWORK
from chassis.clock import now
from chassis.http_server import Call, http
from chassis.ring import CONTACT_KEYS, Ring
from chassis.validation import load
from services.registry.accounts import audit, codes, ended, schemas, sessions, shown, signing
from services.registry.accounts.places import seats_of
from services.registry.accounts.residents import resident_of
from services.registry.accounts.surface import AccountsProvider


class SessionsProvider(DependencyProvider):
    def setup(self) -> None:
        self._sessions = sessions.Sessions(Ring.from_settings(CONTACT_KEYS), seats_of)

    def get_dependency(self, worker_ctx: Any) -> sessions.Sessions:
        return self._sessions


def go_round(ring: Ring) -> None:
    """What waits for nobody: lapsed codes are forgotten, keys renewed, entries carried that a crash left behind."""
    codes.forget_lapsed(now())
    signing.make_due(ring, now())
    audit.settle_cut_off()


class SigningIn:
    accounts = AccountsProvider()
    sessions = SessionsProvider()

    @http("POST", "/sign-in", "platform:serve", takes=schemas.SignInSchema, gives=shown.SignedInSchema)
    def sign_in(self, call: Call) -> dict[str, Any]:
        """Signs a person in by login name, password and, once it is set up, second factor.

        The tokens are for one of `rights`, the first unless `as` says which. Without a second factor there are none: set
        it up with `person`. The answer to a name that is nobody's is the same as to a wrong password.
        """
        asked, at = load(schemas.SignInSchema(), call.json()), now()
        found = self.accounts.sign_in(asked["login"], asked["password"], asked["code"], at)
        if not found["second_factor"]:
            return {"person": found["person"], "second_factor": False}
        return self.sessions.begin(f"person:{found['person']}", asked["as"], at)

    @http("POST", "/sign-in/code", "platform:serve", takes=schemas.CodeSchema, gives=shown.NothingSchema, status=202)
    def request_code(self, call: Call) -> tuple[int, dict[str, Any]]:
        """Sends a code of six digits, good for five minutes, to a telephone or an e-mail address.

        The answer is the same whether the address is known here or not, and while a code that was sent is good for a minute
        yet: then none is sent. Refuses with no_such_country for a number of a country to which none are sent, and with
        too_many_codes for what has had too many.
        """
        codes.request_code(self.accounts.ring, load(schemas.CodeSchema(), call.json())["address"], now(), logs.TRACE.get(),
                           call.headers.get(NETWORK, ""))
        return 202, {}

    @http("GET", "/codes/<asking>", "platform:serve", gives=shown.LetterSchema)
    def code(self, call: Call, asking: str) -> dict[str, Any]:
        """The code that was asked for and the address that it goes to, for who sends it; nothing once it lapsed."""
        return codes.letter(self.accounts.ring, asking, now())

    @http("POST", "/sign-in/resident", "platform:serve", takes=schemas.CheckCodeSchema, gives=shown.SignedInSchema)
    def sign_in_as_resident(self, call: Call) -> dict[str, Any]:
        """Signs a resident in by the code that was sent to this address. Of one code five tries count from one network, and
        twenty from all."""
        asked, at, ring = load(schemas.CheckCodeSchema(), call.json()), now(), self.accounts.ring
        codes.check_code(ring, asked["address"], asked["code"], at, call.headers.get(NETWORK, ""))
        return self.sessions.begin(f"resident:{resident_of(ring, asked['address'], at)}", None, at)

    @http("POST", "/sessions/refresh", "platform:serve", takes=schemas.RefreshSchema, gives=shown.SignedInSchema)
    def refresh(self, call: Call) -> dict[str, Any]:
        """The next tokens of a session, for the same right or for `as`. A refresh token is good once.

        Sent again within 30 seconds, because the answer was lost, it gives the same next one. Used again later, it ends the
        session: somebody else may have it.
        """
        asked = load(schemas.RefreshSchema(), call.json())
        return self.sessions.refresh(asked["refresh_token"], asked["as"], now())

    @http("POST", "/sessions/end", "platform:serve", takes=schemas.EndSchema, gives=shown.NothingSchema)
    def sign_out(self, call: Call) -> dict[str, Any]:
        """Signs out. The answer is the same for a session that has ended or never was."""
        asked, at = load(schemas.EndSchema(), call.json()), now()
        if asked["refresh_token"]:
            self.sessions.end_by(asked["refresh_token"], at)
        if asked["session"]:
            sessions.end(asked["session"], at)
        return {}

    @http("GET", "/jwks", "platform:serve", gives=shown.JwksSchema)
    def jwks(self, call: Call) -> dict[str, Any]:
        """The public keys (RFC 7517) by which access tokens are verified."""
        return {"keys": signing.published(now())}

    @http("GET", "/ended", "platform:serve", asks=schemas.EndedSchema, gives=shown.EndedSchema)
    def ended(self, call: Call) -> dict[str, Any]:
        """What is good no more since a moment, and which signing keys are published now."""
        return ended.ended(load(schemas.EndedSchema(), call.query)["since"], now())

    @http("GET", "/audit", "sessions:audit", asks=schemas.AuditSchema, gives=shown.AUDIT)
    def audit(self, call: Call) -> dict[str, Any]:
        """Who signed in and out, locked names, invitations, accounts shut and opened, keys; newest first. Refuses
        with bad_deed."""
        return audit.page(call.query)
