"""Consumers write in batches: what trickles in is gathered for a moment, and what comes alone does not wait for it."""
from pathlib import Path

from tests.integration.probing import a_probe
from tests.integration.waiting import stays


def test_what_trickles_in_is_handled_together_and_what_comes_alone_at_once(vhost: dict[str, str], tmp_path: Path) -> None:
    with a_probe(vhost, tmp_path, "chassis.consume.APART=6") as probe:
        alone = probe.tell("note")
        probe.does(alone)
        first = probe.tell("note")
        stays("the next one waits for more", lambda: probe.did(first), 1, until=lambda done: not done)
        more = probe.tell("note", 9)
        probe.does([*first, *more])
        assert probe.tries(alone[0]) == [1]
        assert probe.tries(first[0]) == probe.tries(more[-1]) == [10]
