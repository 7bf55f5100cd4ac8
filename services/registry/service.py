"""`registry` as nameko runs it: dependencies, then what can be asked, then what is heard. No logic."""
from typing import Any

from nameko.extensions import DependencyProvider

from chassis.caller import demand
from chassis.consume import consumes
from chassis.http_server import Call, http
from chassis.management import Management
from chassis.topology import declare_agency
from chassis.validation import load
from contracts.envelope import Received
from contracts.registry import AgencySnapshot
from services.registry import use_cases
from services.registry.schemas import AgencySchema


class BrokerProvider(DependencyProvider):
    """Makes agencies' queues and users; the one right of the registry at the broker's management."""

    def setup(self) -> None:
        found = self.container.config["settings"]
        self._broker, self._management = found.broker, Management(found.broker_admin, found.broker.vhost)

    def get_dependency(self, worker_ctx: Any) -> use_cases.Broker:
        return lambda code, queued: declare_agency(self._management, self._broker, code, queued)


class Service:
    name = "registry"
    broker = BrokerProvider()

    @http("GET", "/<any(neighbourhoods,agencies,categories):register>")
    def list_register(self, call: Call, register: str) -> dict[str, Any]:
        return use_cases.listing(register, call.query)

    @http("POST", "/agencies")
    def register_agency(self, call: Call) -> tuple[int, dict[str, Any]]:
        demand(call.caller, "secretary")
        return 201, use_cases.register_agency(load(AgencySchema(), call.json()))

    @http("GET", "/contacts/<kind>/<code>")
    def contact(self, call: Call, kind: str, code: str) -> dict[str, Any]:
        demand(call.caller, "service")
        return use_cases.contact(kind, code)

    @consumes("registry.registry")
    def on_agencies(self, batch: list[Received]) -> None:
        use_cases.equip({r.snapshot.code for r in batch if isinstance(r.snapshot, AgencySnapshot)}, self.broker)
