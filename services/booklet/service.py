"""`booklet` as nameko runs it: what can be asked, then what is heard. No logic."""
from typing import Any

from chassis.consume import consumes
from chassis.http_server import Call, http
from contracts.envelope import Received
from services.booklet import use_cases
from services.booklet.keeping import Kept


class Service:
    name = "booklet"
    kept = Kept()

    @http("GET", "/statistics", seconds=20)
    def statistics(self, call: Call) -> dict[str, Any]:
        by = use_cases.countable(call.query.get("by", "neighbourhood"))
        return self.kept(by, lambda: use_cases.statistics(by))

    @consumes("booklet.issues")
    def on_issues(self, batch: list[Received]) -> None:
        use_cases.keep_issues(batch)

    @consumes("booklet.registry")
    def on_registry(self, batch: list[Received]) -> None:
        use_cases.keep_names(batch)
