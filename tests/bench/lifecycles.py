"""Lifecycles a second: filed, routed, accepted, finished, confirmed, and found closed by one search.

All six over HTTP, the agency's moves too, each with the key of who makes it.
"""
import itertools
import json
from typing import Any
from urllib.parse import quote

from tests.bench.clients import Answer, Connection, closed_loop, request
from tests.bench.figures import spread
from tests.bench.filings import enter
from tests.bench.ours import Ours
from tests.bench.running import Bench

CLIENTS = 16
NOT_ROUTED, NOT_FOUND = Answer(409), Answer(404)
numbers = itertools.count(1)


def measure(bench: Bench) -> None:
    row = bench.results.row(f"lifecycles, {bench.stored():,} issues stored", "1/s", "≥ 60")
    life = Life(bench.ours)
    for target, what in bench.turns("lifecycles", [bench.ours]):
        found = bench.under(target, closed_loop(target.port, CLIENTS, bench.settings.seconds, life.play, bench.tell(what)))
        enter(bench, row, target, found, what)
        bench.results.cost("lifecycle", found.costs, len(found.load.well))


def compare(bench: Bench) -> None:
    """With many stored against few, by the medians."""
    few, many = (spread(row.ours) for row in bench.results.rows if row.measure.startswith("lifecycles, "))
    if few and many:
        bench.results.row("lifecycles, many stored ÷ few stored", "", "≥ 0.90").ours.append(many.middle / few.middle)


class Life:
    def __init__(self, ours: Ours) -> None:
        self._ours = ours
        self._agencies = {code: ours.ground.authorization("agency", code) for code in ours.ground.agency_queues}

    async def play(self, connection: Connection) -> Answer:
        """The last answer, or the first that is not as it should be."""
        mark = f"زندگی{next(numbers)}"
        filed = await connection.ask(self._ours.filing(mark))
        if filed.status != 201:
            return filed
        receipt = filed.json()
        if receipt["agency"] not in self._agencies:
            return NOT_ROUTED
        for step in self._steps(receipt):
            answer = await connection.ask(step)
            if answer.status != 200:
                return answer
        found = await connection.ask(request("GET", f"/v1/issues?q={quote(mark)}"))
        closed = found.status == 200 and [(item["id"], item["status"]) for item in found.json()["items"]]
        return found if closed == [(receipt["id"], "closed")] else NOT_FOUND

    def _steps(self, receipt: dict[str, Any]) -> list[bytes]:
        """Accept, finish, confirm. The first task of an issue has its id and the number 1."""
        task = f"/v1/agencies/{receipt['agency']}/tasks/{receipt['id']}-1"
        agency = self._agencies[receipt["agency"]]
        return [request("POST", f"{task}/accept", agency, b"{}"),
                request("POST", f"{task}/finish", agency, json.dumps({"text": "انجام شد"}).encode()),
                request("POST", f"/v1/issues/{receipt['id']}/confirm", {"Issue-Secret": receipt["secret"]},
                        json.dumps({"satisfaction": 5}).encode())]
