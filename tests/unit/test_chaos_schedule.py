"""The schedule of `make chaos`, and how its outcome decides the last line and the exit status."""
from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest

from tests.chaos.checker import DOUBLED, LOST, Finding
from tests.chaos.ledger import Deed
from tests.chaos.nemesis import FAULTS, Struck
from tests.chaos.recovery import Recovered
from tests.chaos.report import Outcome
from tests.chaos.schedule import KINDS, LEAST, PROCESSES, SERVERS, Fault, schedule


def first(count: int, seed: int) -> list[Fault]:
    return list(islice(schedule(seed), count))


@pytest.mark.parametrize("seed", range(20))
def test_every_kind_comes_three_times_and_every_process_is_killed(seed: int) -> None:
    must = first(LEAST, seed)
    assert min(Counter(fault.kind for fault in must)[kind] for kind in KINDS) >= 3
    assert {fault.target for fault in must if fault.kind == "kill -9"} == set(PROCESSES)


def test_the_same_seed_breaks_the_same_things_in_the_same_order() -> None:
    assert first(99, seed=7) == first(99, seed=7) != first(99, seed=8)


@pytest.mark.parametrize("seed", range(20))
def test_three_of_each_kind_fit_into_five_minutes(seed: int) -> None:
    assert sum(fault.takes for fault in first(LEAST, seed)) < 300


@pytest.mark.parametrize("seed", range(20))
def test_more_time_stops_every_process_and_server_too(seed: int) -> None:
    longer = first(LEAST + 5, seed)
    assert {fault.target for fault in longer if fault.kind == "SIGSTOP"} == {*PROCESSES, *SERVERS}


def test_every_kind_can_be_done() -> None:
    assert FAULTS.keys() == KINDS.keys()


def an_outcome(deeds: int = 10_000) -> Outcome:
    """Of a run that went well."""
    faults = [Fault(kind, found.targets[0], 1.0, 1.0) for kind, found in KINDS.items() for _ in range(3)]
    struck = [(Struck(fault, 0.0, 1.0, filed=5), Recovered(0.5, 1.0)) for fault in faults]
    return Outcome(7, 5, [Deed("http", "file", str(number)) for number in range(deeds)], struck, [])


def test_a_run_that_went_well_says_so() -> None:
    assert an_outcome().reasons() == []
    assert an_outcome().last_line() == "acknowledged 10000, lost 0, doubled 0"


@pytest.mark.parametrize(("how", "line"), [(LOST, "lost 1, doubled 0"), (DOUBLED, "lost 0, doubled 1")])
def test_a_loss_and_a_double_fail_the_run(how: str, line: str) -> None:
    outcome = replace(an_outcome(), findings=[Finding(how, "filing key1")])
    assert outcome.reasons() == [f"1 {how}"]
    assert outcome.last_line() == f"acknowledged 10000, {line}"


def test_too_few_faults_of_a_kind_fail_the_run() -> None:
    outcome = an_outcome()
    outcome.struck.pop()
    assert outcome.reasons() == ["SIGSTOP only 2 times, not 3"]


def test_too_few_deeds_fail_a_run_that_was_long_enough() -> None:
    assert an_outcome(deeds=9_999).reasons() == ["only 9999 acknowledged, not 10000"]
    assert replace(an_outcome(deeds=9_999), minutes=1).reasons() == []


@pytest.mark.parametrize("recovered", [Recovered(None, None), Recovered(0.5, None)])
def test_a_platform_that_does_not_get_well_fails_the_run(recovered: Recovered) -> None:
    outcome = an_outcome()
    outcome.struck[0] = outcome.struck[0][0], recovered
    assert outcome.reasons() == ["not well again after kill -9 of gateway"]


@pytest.mark.parametrize("kind", ["broker kill", "memory alarm"])
def test_filing_nothing_while_the_broker_is_away_fails_the_run(kind: str) -> None:
    outcome = an_outcome()
    place = next(place for place, (struck, _) in enumerate(outcome.struck) if struck.fault.kind == kind)
    struck, recovered = outcome.struck[place]
    outcome.struck[place] = replace(struck, filed=0), recovered
    assert outcome.reasons() == [f"no filing was taken during {kind} of rabbitmq"]


def test_what_was_refused_or_never_came_to_rest_fails_the_run() -> None:
    assert replace(an_outcome(), trouble=["3 requests never came to rest"]).reasons() == ["3 requests never came to rest"]
