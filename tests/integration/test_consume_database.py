"""A consumer whose own database is away: it takes nothing more, says so, and dead-letters nothing."""
from pathlib import Path

from tests.integration.line import Line
from tests.integration.probing import a_probe
from tests.integration.waiting import eventually, stays
from tests.integration.wire import Wire

QUEUE = "booklet.registry"  # whose method has more time than a database that is away takes to be noticed


def test_with_its_own_database_away_it_stops_taking_and_goes_on_by_itself(
        vhost: dict[str, str], wire: Wire, tmp_path: Path) -> None:
    with Line(int(vhost["MONGO_URI"].partition("/?")[0].rpartition(":")[2])) as line:
        through = vhost | {"MONGO_URI": f"mongodb://127.0.0.1:{line.port}/?directConnection=true"}
        with a_probe(through, tmp_path) as probe:
            line.cut()
            told = probe.tell("note", 3, exchange="registry.events")
            stopped = eventually("it says that it stopped", lambda: probe.metric("mahalle_consume_stopped", queue=QUEUE))
            assert stopped == 1
            stays("it says so while it tries", lambda: probe.metric("mahalle_consume_stopped", queue=QUEUE), 3,
                  until=lambda value: value == 1)
            assert wire.waiting("retry", "dead") == {}
            line.mend()
            probe.does(told)
            assert probe.metric("mahalle_consume_stopped", queue=QUEUE) == 0
            assert probe.leftovers() == {}
