"""`booklet` as nameko runs it: what can be asked, then what is heard. No logic."""
from typing import Any

from chassis import clock
from chassis.consume import consumes
from chassis.http_server import Call, http
from contracts.envelope import Received
from services.booklet import use_cases
from services.booklet.keeping import Kept
from services.booklet.questions import question
from services.booklet.shown import StatisticsQuery, StatisticsSchema


class Service:
    name = "booklet"
    kept = Kept()
    time_zone = clock.time_zone()  # a wrong one ends the process before it hears anything

    @http("GET", "/statistics", "statistics:read", seconds=20, asks=StatisticsQuery, gives=StatisticsSchema)
    def statistics(self, call: Call) -> dict[str, Any]:
        """The published numbers, line by line, and their total. docs/numbers.md says what each is.

        400 `unknown_category`, `unknown_territory`, `unknown_agency`, `bad_by`, `bad_day`, `bad_period`, `too_many_lines`.
        """
        asked = question(call.query)
        return self.kept(asked, lambda: use_cases.statistics(asked))

    @consumes("booklet.issues")
    def on_issues(self, batch: list[Received]) -> None:
        use_cases.keep_issues(batch)

    @consumes("booklet.registry")
    def on_registry(self, batch: list[Received]) -> None:
        use_cases.keep_names(batch)
