"""Signing in and out, and who one is. The registry judges and keeps all of it; what proves somebody is in the body, so that
an Authorization header is not looked at here."""
from datetime import UTC, datetime
from typing import Any

from chassis.addresses import NETWORK, counted_as
from chassis.http_server import Call
from chassis.validation import load
from contracts.schema import instant
from gateway import schemas
from gateway.asking import Asking
from gateway.credentials import demand_session
from gateway.http import public
from gateway.known import GATEWAY, Known
from gateway.limits import CODES, SIGN_IN


class SigningIn:
    ask: Asking

    @public("POST", "/v1/sign-in", "sessions:write", cost=SIGN_IN)
    def sign_in(self, call: Call) -> Any:
        return self._begun("/sign-in", call)

    @public("POST", "/v1/sign-in/code", "sessions:write", status=202, cost=CODES)
    def request_code(self, call: Call) -> tuple[int, Any]:
        return 202, self.ask.registry.post("/sign-in/code", GATEWAY, call.json(), _network(call))

    @public("POST", "/v1/sign-in/resident", "sessions:write", cost=CODES)
    def sign_in_as_resident(self, call: Call) -> Any:
        return self._begun("/sign-in/resident", call)

    @public("POST", "/v1/sessions/refresh", "sessions:write")
    def refresh(self, call: Call) -> Any:
        return self._begun("/sessions/refresh", call)

    def _begun(self, path: str, call: Call) -> Any:
        """What the registry gave. Whoever uses it here at once is known."""
        found = self.ask.registry.post(path, GATEWAY, call.json(), _network(call))
        if token := found.get("access_token"):
            self.ask.credentials.tokens.meet(token)
        return found

    @public("POST", "/v1/sessions/end", "sessions:write", takes=schemas.EndSchema)
    def sign_out(self, call: Call) -> Any:
        """Signs out: ends the session of a refresh token, or without one that of the access token in the header.

        Its access tokens are refused at once here, and within two seconds by every other gateway.
        """
        asked = load(schemas.EndSchema(), call.json())
        if not asked:
            asked = {"session": demand_session(self.ask.credentials.known(call.headers.get("Authorization")))}
        ended = self.ask.registry.post("/sessions/end", GATEWAY, asked)
        self.ask.credentials.watch.look()
        return ended

    @public("POST", "/v1/invitations/accept", "sessions:write", cost=SIGN_IN)
    def accept(self, call: Call) -> Any:
        found = self.ask.registry.post("/accounts/invited", GATEWAY, call.json())
        self.ask.credentials.watch.look()
        return found

    @public("POST", "/v1/totp", "sessions:write", takes=schemas.BeginTotpSchema, cost=SIGN_IN)
    def begin_totp(self, call: Call) -> Any:
        asked = load(schemas.BeginTotpSchema(), call.json())
        person = asked.pop("person")
        return self.ask.registry.post(f"/accounts/{person}/totp", GATEWAY, asked)

    @public("POST", "/v1/totp/confirm", "sessions:write", takes=schemas.ConfirmTotpSchema, cost=SIGN_IN)
    def confirm_totp(self, call: Call) -> Any:
        asked = load(schemas.ConfirmTotpSchema(), call.json())
        person = asked.pop("person")
        return self.ask.registry.post(f"/accounts/{person}/totp/confirm", GATEWAY, asked)

    @public("GET", "/v1/me", "sessions:read", gives=schemas.MeSchema)
    def me(self, call: Call) -> dict[str, Any]:
        """Who is asking, as what, with which other rights, and until when. Nobody known is `public`.

        A key needs no scope for it.
        """
        known: Known = self.ask.credentials.known(call.headers.get("Authorization"))
        by = known.caller
        kind, _, person = by.account.partition(":")
        rights = self.ask.registry.get(f"/accounts/{person}/rights", GATEWAY)["rights"] if kind == "person" else []
        return {"account": by.account or None, "role": by.role, "place": by.subject or None, "rights": rights,
                "scopes": None if by.scopes is None else sorted(by.scopes),
                "until": instant(datetime.fromtimestamp(known.until, UTC)) if by.account else None}

    @public("GET", "/v1/audit", "sessions:audit", cost="listing")
    def audit(self, call: Call) -> Any:
        return self.ask.page(self.ask.registry, "/audit", call, "/v1/audit")

    @public("GET", "/.well-known/jwks.json", "platform:read")
    def jwks(self, call: Call) -> Any:
        """The public keys (RFC 7517) with which access tokens can be verified; a new one is here before it signs."""
        return self.ask.credentials.tokens.keys()


def _network(call: Call) -> dict[str, str]:
    """Whose request it is, for who counts codes and tries."""
    return {NETWORK: counted_as(call.request.environ["mahalle.address"])}
