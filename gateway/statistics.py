"""Statistics: the published numbers, all from the booklet's rows; docs/numbers.md says what each is and how it is asked."""
from typing import Any

from chassis.http_server import Call
from gateway.asking import Asking
from gateway.http import public


class Statistics:
    ask: Asking

    @public("GET", "/v1/statistics", "statistics:read", cost="heavy")
    def statistics(self, call: Call) -> Any:
        return self.ask.page(self.ask.booklet, "/statistics", call, "/v1/statistics")
