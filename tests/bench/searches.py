"""Every kind of list and search at the issues' own process, over HTTP, one after the other, each time with other values."""
import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from urllib.parse import urlencode

from chassis.caller import HEADER, PUBLIC, Caller, sign
from chassis.clock import now
from chassis.text import words
from contracts.schema import instant
from services.issues.life.moves import STATUSES, TASK_STATES
from tests.bench.clients import Answer, Connection, closed_loop, request
from tests.bench.figures import note, percentile
from tests.bench.ours import read
from tests.bench.running import Bench

SECONDS, GOAL = 3.0, "≤ 50"
Query = dict[str, str]


class Values:
    """What is asked for: codes of the sample province, words of its issues (of one, of many), points in it, times."""

    def __init__(self) -> None:
        self._chance = random.Random()
        self._places = [each for each in read("territories") if each["kind"] == "neighbourhood"]
        self.territories = [each["code"] for each in read("territories")]
        self.categories = [each["code"] for each in read("categories")]
        self.agencies = [each["code"] for each in read("agencies")]
        said = [set(words(each["text"])) for each in read("issues")]
        counts = {word: sum(word in each for each in said) for word in set().union(*said)}
        self.common = sorted(counts, key=lambda word: -counts[word])[:20]
        self.rare = [word for word, count in counts.items() if count == 1]

    def one(self, several: list[str]) -> str:
        return self._chance.choice(several)

    def status(self) -> str:
        return self._chance.choice(STATUSES)

    def neighbourhood(self) -> str:
        return str(self._chance.choice(self._places)["code"])

    def point(self) -> str:
        polygon = self._chance.choice(self._places)["polygon"]
        ring = polygon["coordinates"][0] if polygon["type"] == "Polygon" else polygon["coordinates"][0][0]
        lon, lat = self._chance.choice(ring)[:2]
        return f"{lon},{lat}"

    def window(self, name: str, begin: int, end: int) -> Query:
        """Days from now."""
        return {f"{name}_from": instant(now() + timedelta(days=begin)), f"{name}_to": instant(now() + timedelta(days=end))}


LISTS: dict[str, Callable[[Values], Query]] = {
    "newest": lambda v: {},
    "by status": lambda v: {"status": v.status()},
    "by place": lambda v: {"territory": v.one(v.territories)},
    "by place, category and status": lambda v: {
        "territory": v.one(v.territories), "category": v.one(v.categories), "status": v.status()},
    "by agency, category, place and status": lambda v: {"agency": v.one(v.agencies), "category": v.one(v.categories),
                                                        "territory": v.one(v.territories), "status": v.status()},
    "filed in a window, oldest first": lambda v: {
        "sort": "oldest", "territory": v.one(v.territories)} | v.window("filed", -90, -80),
    "urgent, by place": lambda v: {"priority": "urgent", "territory": v.one(v.territories)},
    "common word": lambda v: {"q": v.one(v.common)},
    "rare word": lambda v: {"q": v.one(v.rare)},
    "word that nobody wrote": lambda v: {"q": "ناموجودی"},
    "two common words": lambda v: {"q": f"{v.one(v.common)} {v.one(v.common)}"},
    "common word in a place": lambda v: {"q": v.one(v.common), "territory": v.one(v.territories)},
    "rare word in a neighbourhood, with a status": lambda v: {
        "q": v.one(v.rare), "neighbourhood": v.neighbourhood(), "status": v.status()},
    "overdue, by place": lambda v: {"overdue": "true", "territory": v.one(v.territories)},
    "overdue, by place and category": lambda v: {
        "overdue": "true", "territory": v.one(v.territories), "category": v.one(v.categories)},
    "deadline window": lambda v: {"territory": v.one(v.territories)} | v.window("due", -1, 3),
    "updated last, by place": lambda v: {"sort": "updated", "territory": v.one(v.territories)},
    "updated last, by status": lambda v: {"sort": "updated", "status": v.status()},
    "nearest": lambda v: {"near": v.point()},
    "nearest within 5 km, by category": lambda v: {"near": v.point(), "within": "5000", "category": v.one(v.categories)}}
WORK: dict[str, Callable[[Values], tuple[Caller, str, Query]]] = {
    "tasks of an agency, by state": lambda v: (
        Caller("agency", v.one(v.agencies)), "/tasks", {"state": v.one([*TASK_STATES])}),
    "tasks of an agency, by deadline": lambda v: (Caller("agency", v.one(v.agencies)), "/tasks", {"sort": "due"}),
    "waiting for an agency": lambda v: (Caller("agency", v.one(v.agencies)), "/worklists/waiting", {}),
    "waiting for a secretary": lambda v: (Caller("secretary", v.one(v.territories)), "/worklists/waiting", {}),
    "waiting for a manager": lambda v: (Caller("neighbourhood_manager", v.neighbourhood()), "/worklists/waiting", {}),
    "overdue in a county": lambda v: (Caller("secretary", v.one(v.territories)), "/worklists/overdue", {}),
    "nobody has routed": lambda v: (Caller("secretary", v.one(v.territories)), "/worklists/unrouted", {})}


def measure(bench: Bench) -> None:
    values = Values()
    for name, query in LISTS.items():
        once(bench, name, partial(anybody, query, values))
    for name, asked in WORK.items():
        once(bench, name, partial(asked, values))


def anybody(query: Callable[[Values], Query], values: Values) -> tuple[Caller, str, Query]:
    return PUBLIC, "/issues", query(values)


def once(bench: Bench, name: str, asked: Callable[[], tuple[Caller, str, Query]]) -> None:
    """One client, for SECONDS."""
    platform = bench.ours.ground.platform
    secret = platform.environment["MAHALLE_INTERNAL_SECRET"]

    async def play(connection: Connection) -> Answer:
        caller, path, query = asked()
        return await connection.ask(request("GET", f"{path}?{urlencode(query)}", {HEADER: sign(caller, secret)}))

    load = asyncio.run(closed_loop(platform.ports["issues"], 1, SECONDS, play, bench.tell(name)))
    took = sorted(done.took * 1000 for done in load.well)
    middle = bench.results.row(f"at the service: {name}, p50", "ms")
    slow = bench.results.row(f"at the service: {name}, p95", "ms", GOAL)
    for row, share in ((middle, 0.5), (slow, 0.95)):
        row.ours.append(percentile(took, share))
    note(slow, load.refused)
    bench.say(f"{name}: p50 {middle.ours[0]:.1f} ms, p95 {slow.ours[0]:.1f} ms, {len(took)} asked {load.refused}")
