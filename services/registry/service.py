"""`registry` as nameko runs it: dependencies, then what can be asked, then what is heard. No logic."""
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider

from chassis.clock import now, today
from chassis.consume import consumes
from chassis.http_server import Call, http
from chassis.logs import get
from chassis.management import Management
from chassis.ring import CONTACT_KEYS, Ring
from chassis.topology import declare_agency
from chassis.validation import load
from contracts.envelope import Received
from contracts.registry import AgencySnapshot
from services.registry import change_sets, reach, registers, shown, use_cases
from services.registry.accounts import changed
from services.registry.accounts.signing_in import SigningIn
from services.registry.accounts.signing_in import go_round as accounts_go_round
from services.registry.accounts.surface import Accounts
from services.registry.calendars.surface import Calendars
from services.registry.imports.surface import Imports
from services.registry.model import Change
from services.registry.once import once, once_read
from services.registry.people import erasing
from services.registry.people.surface import People
from services.registry.places.surface import Places
from services.registry.profiles.surface import Profiles
from services.registry.queries import AsOfQuery, HistoryQuery
from services.registry.schemas import NewAgencySchema, RecordEndSchema
from services.registry.seats.surface import Seats, demand_asking, listed, shown_to

ROUND = 5  # seconds between rounds
REGISTER = "<any(territories,boundaries,headquarters,agencies,committees,categories,rules,calendars,seats):register>"
log = get(__name__)


class BrokerProvider(DependencyProvider):
    """Makes agencies' queues and users; the one right of the registry at the broker's management."""

    def setup(self) -> None:
        found = self.container.config["settings"]
        self._broker, self._management = found.broker, Management(found.broker_admin, found.broker.vhost)

    def get_dependency(self, worker_ctx: Any) -> use_cases.Broker:
        return lambda code, queued: declare_agency(self._management, self._broker, code, queued)


class Rounds(DependencyProvider):
    """Settles and finishes what was cut off, tells again what comes into force today, and minds keys and codes."""

    def start(self) -> None:
        self.container.spawn_managed_thread(self._go)

    def _go(self) -> None:
        ring = Ring.from_settings(CONTACT_KEYS)
        while True:
            for deed in (lambda: change_sets.go_round(now(), today()), erasing.finish_cut_off,
                         erasing.end_late_terms, lambda: accounts_go_round(ring)):
                try:
                    deed()
                except Exception as error:  # the database is away; whoever asks is told so
                    log.warning("a round of the registry was cut short", error=type(error).__name__)
            eventlet.sleep(ROUND)


class Service(Accounts, SigningIn, People, Seats, Places, Profiles, Calendars, Imports):
    name = "registry"
    broker = BrokerProvider()
    rounds = Rounds()

    @http("GET", "/neighbourhoods", "registers:read", asks=registers.NEIGHBOURHOODS, gives=shown.NEIGHBOURHOODS)
    def neighbourhoods(self, call: Call) -> dict[str, Any]:
        """All neighbourhoods as of a day, each with its boundary where one is known. Page by page, by code.

        Refuses with bad_day, bad_limit, bad_cursor and bad_<filter>.
        """
        return use_cases.neighbourhoods(call.query)

    @http("GET", f"/{REGISTER}", "registers:read", asks=registers.LISTS, gives=shown.PAGES)
    def list_register(self, call: Call, register: str) -> dict[str, Any]:
        """The records of a register that are in force on a day. Page by page, by code, narrowed by the register's filters.

        Who sits in a seat is shown to who may read people. Refuses with bad_day, bad_limit, bad_cursor and bad_<filter>.
        """
        demand_asking(register, call)
        return listed(call) if register == "seats" else use_cases.listing(register, call.query)

    @http("GET", f"/{REGISTER}/<code>", "registers:read", asks=AsOfQuery, gives=shown.DATED)
    def look(self, call: Call, register: str, code: str) -> dict[str, Any]:
        """One record as it is on a day. With the days from and before which it says the same.

        Refuses with bad_day; a record that is not in force on that day is not_found.
        """
        found = use_cases.look(register, code, call.query)
        return shown_to(call, [found])[0] if register == "seats" else found

    @http("GET", f"/{REGISTER}/<code>/history", "registers:history", asks=HistoryQuery, gives=shown.HISTORIES)
    def history(self, call: Call, register: str, code: str) -> dict[str, Any]:
        """All that a record ever said or is going to say. Every edit, who made it, when and why; and the periods they make.

        With `known_at`, as it was known at that instant. Refuses with bad_instant and not_found.
        """
        reach.demand_record(call.caller, "registers:history", register, code)
        return use_cases.history(register, code, call.query)

    @http("PUT", f"/{REGISTER}/<code>", "registers:write", takes=registers.CHANGES, gives=shown.DATED)
    @once
    def change(self, call: Call, register: str, code: str) -> dict[str, Any]:
        """Put what a record says from a day on; a code that is new makes a new record. Answers the record as of that day.

        Refuses with invalid, bad_code, bad_validity, unknown_<field> for a code that is in no register, and with
        later_change_planned where it must be said until when; of trees also with circle, too_deep, wrong_parent.
        """
        by, body = call.caller, call.json()
        reach.demand_put(by, register, code, body)
        return use_cases.change_record(register, code, body, by.id)

    @http("POST", f"/{REGISTER}/<code>/end", "registers:write", takes=RecordEndSchema, gives=shown.HISTORIES)
    @once_read
    def end(self, call: Call, register: str, code: str) -> dict[str, Any]:
        """End a record on a day: from then on it is not in force. Nothing of it is lost; answers its history. Say with
        `If-Match` which version you have read.

        Refuses with invalid, not_found, and not_in_force where it is not on that day.
        """
        by, asked = call.caller, load(RecordEndSchema(), call.json())
        reach.demand_record(by, "registers:write", register, code)
        return use_cases.end_record(register, code, asked, by.id)

    @http("POST", "/agencies", "registers:write", takes=NewAgencySchema, gives=shown.DATED["agencies"], status=201)
    @once
    def register_agency(self, call: Call) -> tuple[int, dict[str, Any]]:
        """Register an agency; its queue and its user at the broker follow. The same again changes nothing.

        Refuses with invalid, unknown_<field>, and code_taken where another agency has the code.
        """
        by, asked = call.caller, load(NewAgencySchema(), call.json())
        reach.demand_changes(by, "registers:write", [Change("agencies", asked["code"], asked, today())])
        return 201, use_cases.register_agency(asked, by.id)

    @consumes("registry.registry")
    def on_registry(self, batch: list[Received]) -> None:
        changed.note(batch)
        use_cases.equip({r.snapshot.code for r in batch if isinstance(r.snapshot, AgencySnapshot)}, self.broker)
