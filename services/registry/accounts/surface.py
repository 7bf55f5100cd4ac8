"""Accounts and keys as HTTP. Who somebody is the gateway asks here, and it alone hands out what is answered."""
from typing import Any

import eventlet
from eventlet import tpool
from eventlet.event import Event
from eventlet.semaphore import Semaphore
from nameko.extensions import DependencyProvider

from chassis.clock import now
from chassis.http_server import Call, full, http
from chassis.ring import CONTACT_KEYS, Ring
from chassis.validation import load
from contracts.schema import instant
from services.registry import reach
from services.registry.accounts import allowance, keys, schemas, shown, use_cases
from services.registry.accounts.places import is_over, places_above, seats_from, seats_of
from services.registry.once import once
from services.registry.people.use_cases import demand_standing
from services.registry.queries import EmptySchema

AT_ONCE = 2  # passwords that are hashed at once: each takes a core and 32 MiB
WAITING = 40  # that wait for it, some two seconds: each keeps a worker from everybody who asks for something else


class Aside:
    """Carries out a function in a thread beside the event loop, AT_ONCE at most; whoever asks waits, nobody else does.

    Raises Unavailable at once where WAITING wait already: a crowd that signs in stops nobody's key or list.
    """

    def __init__(self) -> None:
        self._room = Semaphore(AT_ONCE)

    def __call__(self, function: Any, *arguments: Any) -> Any:
        if self._room.balance <= -WAITING:
            raise full()
        self._room.acquire()
        done = Event()
        eventlet.spawn_n(self._run, done, function, arguments)
        return done.wait()

    def _run(self, done: Event, function: Any, arguments: Any) -> None:
        """By itself: a thread goes on when whoever asked was told that it took too long, and keeps its place meanwhile."""
        try:
            done.send(tpool.execute(function, *arguments))
        except Exception as error:
            done.send_exception(error)
        finally:
            self._room.release()


class AccountsProvider(DependencyProvider):
    def setup(self) -> None:
        allowance.allowance()
        self._accounts = use_cases.Accounts(
            Ring.from_settings(CONTACT_KEYS), Aside(), seats_of, demand_standing, places_above, seats_from)

    def get_dependency(self, worker_ctx: Any) -> use_cases.Accounts:
        return self._accounts


class Accounts:
    accounts = AccountsProvider()

    @http("POST", "/accounts", "accounts:write", takes=schemas.InviteSchema, gives=shown.InvitedSchema, status=201)
    @once
    def invite(self, call: Call) -> tuple[int, dict[str, Any]]:
        """Invite a person to set a password. The token is good once, for seven days, and takes the place of an earlier one;
        hand it over yourself. Also somebody whose term is still to begin: they are a resident until that day.

        Refuses with invalid, unknown_person, login_taken, not_found for a person of another place, not_allowed for
        the account of an operator, a case worker or an agency, and not_your_place for who may do something elsewhere.
        """
        asked = load(schemas.InviteSchema(), call.json())
        by = reach.demand_person(call.caller, "accounts:write", str(asked["person"]))
        return 201, self.accounts.invite(str(asked["person"]), asked["login"], by, now())

    @http("POST", "/accounts/invited", "platform:serve", takes=schemas.AcceptSchema, gives=shown.AcceptedSchema)
    def accept(self, call: Call) -> dict[str, Any]:
        """Take up an invitation: set the password. The account starts anew, without second factor; its sessions end.

        Refuses with bad_invitation for a token that is unknown, used or late, and weak_password.
        """
        return self.accounts.accept(**load(schemas.AcceptSchema(), call.json()), at=now())

    @http("GET", "/accounts/<person>/rights", "platform:serve")
    def rights(self, call: Call, person: str) -> dict[str, Any]:
        since = load(schemas.SinceSchema(), call.query)["since"]
        return self.accounts.who_is(person, now(), since)

    @http("POST", "/accounts/<person>/totp", "platform:serve", takes=schemas.BeginSchema, gives=shown.TotpSchema)
    def begin_totp(self, call: Call, person: str) -> dict[str, Any]:
        """Begin a second factor: a secret for a telephone. It counts once it is confirmed; whoever has one proves it first.

        Refuses with not_signed_in, and too_many_tries.
        """
        return self.accounts.begin_totp(person, **load(schemas.BeginSchema(), call.json()), at=now())

    @http("POST", "/accounts/<person>/totp/confirm", "platform:serve",
          takes=schemas.ConfirmSchema, gives=shown.RecoveryCodesSchema)
    def confirm_totp(self, call: Call, person: str) -> dict[str, Any]:
        """Confirm the second factor by a code that the telephone shows. Answers new recovery codes, this once.

        Refuses with not_signed_in, and too_many_tries.
        """
        return self.accounts.confirm_totp(person, **load(schemas.ConfirmSchema(), call.json()), at=now())

    @http("POST", "/accounts/<person>/disable", "accounts:write", takes=EmptySchema, gives=shown.ShutSchema)
    @once
    def disable(self, call: Call, person: str) -> dict[str, Any]:
        """Shut a person's account and end its sessions at once.

        Refuses with not_found, not_allowed where only an operator may, and not_your_place.
        """
        load(EmptySchema(), call.json())
        self.accounts.disable(person, reach.demand_person(call.caller, "accounts:write", person), now())
        return {"person": person, "disabled": True}

    @http("POST", "/accounts/<person>/enable", "accounts:write", takes=EmptySchema, gives=shown.ShutSchema)
    @once
    def enable(self, call: Call, person: str) -> dict[str, Any]:
        """Open a person's account again. Old sessions stay ended.

        Refuses with not_found, not_allowed where only an operator may, and not_your_place.
        """
        load(EmptySchema(), call.json())
        self.accounts.disable(person, reach.demand_person(call.caller, "accounts:write", person), now(), disabled=False)
        return {"person": person, "disabled": False}

    @http("POST", "/keys", "keys:write", takes=schemas.KeySchema, gives=shown.NewKeySchema, status=201)
    @once
    def make_key(self, call: Call) -> tuple[int, dict[str, Any]]:
        """Make an API key. Its text is in this answer only; to replace a key, make a second one before you revoke the first.

        Refuses with invalid, bad_scope, subject_needed, bad_term, and not_yours_to_give.
        """
        by = call.caller
        return 201, keys.make_key(load(schemas.KeySchema(), call.json()), by, now(), places_above)

    @http("GET", "/keys", "keys:write", asks=schemas.KeysQuery, gives=shown.KEYS)
    def list_keys(self, call: Call) -> dict[str, Any]:
        """API keys without their secrets, by id: those that are yours to give. Page by page.

        Refuses with bad_limit, bad_cursor and bad_owner.
        """
        return keys.list_keys(call.query, call.caller, places_above)

    @http("POST", "/keys/<code>/revoke", "keys:write", takes=EmptySchema, gives=shown.ApiKeySchema)
    @once
    def revoke_key(self, call: Call, code: str) -> dict[str, Any]:
        """Revoke an API key. It is good no more at once where you do it, and within seconds everywhere; again changes
        nothing.

        Refuses with not_found, and not_yours_to_give.
        """
        load(EmptySchema(), call.json())
        return keys.revoke(code, call.caller, now(), places_above)

    @http("POST", "/keys/check", "platform:serve")
    def check_key(self, call: Call) -> dict[str, Any]:
        asked = load(schemas.CheckKeySchema(), call.json())
        found = keys.check_key(asked["key"], now(), self.accounts.seats_of, is_over)
        return {**vars(found), "account": f"key:{found.key}", "until": instant(found.until)}
