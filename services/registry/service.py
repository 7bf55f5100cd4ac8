"""`registry` as nameko runs it: dependencies, then what can be asked, then what is heard. No logic."""
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider

from chassis.clock import now
from chassis.consume import consumes
from chassis.http_server import Call, http
from chassis.logs import get
from chassis.management import Management
from chassis.topology import declare_agency
from chassis.validation import load
from contracts.envelope import Received
from contracts.registry import AgencySnapshot
from services.registry import change_sets, seats, use_cases
from services.registry.accounts.surface import Accounts
from services.registry.calendars.surface import Calendars
from services.registry.clock import today
from services.registry.imports.surface import Imports
from services.registry.people import erasing
from services.registry.people.surface import People
from services.registry.places_surface import Places
from services.registry.profiles.surface import Profiles
from services.registry.schemas import NewAgencySchema, TermSchema
from services.registry.seats_surface import Seats, sees_holders

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
    """Settles and finishes what was cut off, and tells again what comes into force today."""

    def start(self) -> None:
        self.container.spawn_managed_thread(self._go)

    def _go(self) -> None:
        while True:
            for deed in (lambda: change_sets.go_round(now(), today()), erasing.finish_cut_off,
                         erasing.end_late_terms):
                try:
                    deed()
                except Exception as error:  # the database is away; whoever asks is told so
                    log.warning("a round of the registry was cut short", error=type(error).__name__)
            eventlet.sleep(ROUND)


class Service(Accounts, People, Seats, Places, Profiles, Calendars, Imports):
    name = "registry"
    broker = BrokerProvider()
    rounds = Rounds()

    @http("GET", "/neighbourhoods", "registers:read")
    def neighbourhoods(self, call: Call) -> dict[str, Any]:
        return use_cases.neighbourhoods(call.query)

    @http("GET", f"/{REGISTER}", "registers:read")
    def list_register(self, call: Call, register: str) -> dict[str, Any]:
        whole = sees_holders(register, call)
        found = use_cases.listing(register, call.query)
        return found if whole else seats.without_holders(found)

    @http("GET", f"/{REGISTER}/<code>", "registers:read")
    def look(self, call: Call, register: str, code: str) -> dict[str, Any]:
        found = use_cases.look(register, code, call.query)
        return found if sees_holders(register, call) else seats.without_holders(found)

    @http("GET", f"/{REGISTER}/<code>/history", "registers:history")
    def history(self, call: Call, register: str, code: str) -> dict[str, Any]:
        return use_cases.history(register, code, call.query)

    @http("PUT", f"/{REGISTER}/<code>", "registers:write")
    def change(self, call: Call, register: str, code: str) -> dict[str, Any]:
        by = call.caller
        return use_cases.change_record(register, code, call.json(), by.id)

    @http("POST", f"/{REGISTER}/<code>/end", "registers:write")
    def end(self, call: Call, register: str, code: str) -> dict[str, Any]:
        by = call.caller
        return use_cases.end_record(register, code, load(TermSchema(exclude=["valid_to"]), call.json()), by.id)

    @http("POST", "/agencies", "registers:write")
    def register_agency(self, call: Call) -> tuple[int, dict[str, Any]]:
        by = call.caller
        return 201, use_cases.register_agency(load(NewAgencySchema(), call.json()), by.id)

    @consumes("registry.registry")
    def on_agencies(self, batch: list[Received]) -> None:
        use_cases.equip({r.snapshot.code for r in batch if isinstance(r.snapshot, AgencySnapshot)}, self.broker)
