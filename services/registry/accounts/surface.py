"""Accounts as HTTP, for the gateway: it asks who somebody is, and it alone hands out what is answered here."""
from typing import Any

from eventlet import tpool
from eventlet.semaphore import Semaphore
from nameko.extensions import DependencyProvider

from chassis.clock import now
from chassis.http_server import Call, http
from chassis.ring import CONTACT_KEYS, Ring
from chassis.validation import load
from contracts.schema import instant
from services.registry.accounts import codes, keys, schemas, use_cases
from services.registry.accounts.places import places_above
from services.registry.people.use_cases import demand_standing
from services.registry.seats import seats_of

AT_ONCE = 2  # passwords that are hashed at once: each takes a core and 32 MiB


class Aside:
    """Carries out a function in a thread beside the event loop, AT_ONCE at most; whoever asks waits, nobody else does."""

    def __init__(self) -> None:
        self._room = Semaphore(AT_ONCE)

    def __call__(self, function: Any, *arguments: Any) -> Any:
        with self._room:
            return tpool.execute(function, *arguments)


class AccountsProvider(DependencyProvider):
    def setup(self) -> None:
        self._accounts = use_cases.Accounts(Ring.from_settings(CONTACT_KEYS), Aside(), seats_of, demand_standing)

    def get_dependency(self, worker_ctx: Any) -> use_cases.Accounts:
        return self._accounts


class Accounts:
    accounts = AccountsProvider()

    @http("POST", "/accounts", "accounts:write")
    def invite(self, call: Call) -> tuple[int, dict[str, Any]]:
        by, asked = call.caller, load(schemas.InviteSchema(), call.json())
        return 201, self.accounts.invite(str(asked["person"]), asked["login"], by, now())

    @http("POST", "/accounts/invited", "platform:serve")
    def accept(self, call: Call) -> dict[str, Any]:
        return self.accounts.accept(**load(schemas.AcceptSchema(), call.json()), at=now())

    @http("POST", "/sign-in", "platform:serve")
    def sign_in(self, call: Call) -> dict[str, Any]:
        return self.accounts.sign_in(**load(schemas.SignInSchema(), call.json()), at=now())

    @http("GET", "/accounts/<person>/rights", "platform:serve")
    def rights(self, call: Call, person: str) -> dict[str, Any]:
        since = load(schemas.SinceSchema(), call.query)["since"]
        return self.accounts.who_is(person, now(), since)

    @http("POST", "/accounts/<person>/totp", "platform:serve")
    def begin_totp(self, call: Call, person: str) -> dict[str, Any]:
        return self.accounts.begin_totp(person, **load(schemas.BeginSchema(), call.json()), at=now())

    @http("POST", "/accounts/<person>/totp/confirm", "platform:serve")
    def confirm_totp(self, call: Call, person: str) -> dict[str, Any]:
        return self.accounts.confirm_totp(person, **load(schemas.ConfirmSchema(), call.json()), at=now())

    @http("POST", "/accounts/<person>/disable", "accounts:write")
    def disable(self, call: Call, person: str) -> dict[str, Any]:
        self.accounts.disable(person, call.caller, now())
        return {"person": person, "disabled": True}

    @http("POST", "/accounts/<person>/enable", "accounts:write")
    def enable(self, call: Call, person: str) -> dict[str, Any]:
        self.accounts.disable(person, call.caller, now(), disabled=False)
        return {"person": person, "disabled": False}

    @http("POST", "/keys", "keys:write")
    def make_key(self, call: Call) -> tuple[int, dict[str, Any]]:
        by = call.caller
        return 201, keys.make_key(load(schemas.KeySchema(), call.json()), by, now(), places_above)

    @http("GET", "/keys", "keys:write")
    def list_keys(self, call: Call) -> dict[str, Any]:
        return keys.list_keys(call.query)

    @http("POST", "/keys/<code>/revoke", "keys:write")
    def revoke_key(self, call: Call, code: str) -> dict[str, Any]:
        return keys.revoke(code, call.caller, now(), places_above)

    @http("POST", "/keys/check", "platform:serve")
    def check_key(self, call: Call) -> dict[str, Any]:
        found = keys.check_key(load(schemas.CheckKeySchema(), call.json())["key"], now(), self.accounts.seats_of)
        return {**vars(found), "account": f"key:{found.key}", "until": instant(found.until)}

    @http("POST", "/codes", "platform:serve")
    def request_code(self, call: Call) -> tuple[int, dict[str, Any]]:
        at, address = now(), load(schemas.CodeSchema(), call.json())["address"]
        return 201, {"code": codes.request_code(self.accounts.ring, address, at), "until": instant(at + codes.GOOD)}

    @http("POST", "/codes/check", "platform:serve")
    def check_code(self, call: Call) -> dict[str, Any]:
        codes.check_code(self.accounts.ring, **load(schemas.CheckCodeSchema(), call.json()), at=now())
        return {"right": True}
