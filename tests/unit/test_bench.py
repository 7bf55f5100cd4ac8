"""The pure parts of `make bench`: percentiles, the rule by which filings count, and the tables."""
from collections.abc import Iterator

import pytest

from tests.bench import report
from tests.bench.clients import Answer, Done, Load
from tests.bench.counting import Look, why_not
from tests.bench.figures import Results, Row, note, percentile, spread
from tests.bench.usage import spent


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_a_value_that_occurred(share: float, value: float) -> None:
    assert percentile(list(range(100, 0, -1)), share) == value


def test_of_few_values_a_high_percentile_is_the_highest() -> None:
    assert percentile([3.0, 1.0], 0.99) == 3.0
    assert percentile([7.0], 0.5) == 7.0


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_filings_count_when_everything_is_current_within_five_seconds() -> None:
    assert why_not([Look(0.1, {"rows": 3}), Look(4.9)]) == ""


@pytest.mark.parametrize(("looks", "said"), [
    ([Look(0.1, {"rows": 9}), Look(4.8, {"rows": 3}), Look(6.0)], "missing: 3 rows; current only after 6.0 s"),
    ([Look(0.1, {"rows": 9}), Look(60.0, {"rows": 1})], "missing: 9 rows; still not current after 60 s"),
    ([Look(7.0)], "missing: nothing; current only after 7.0 s"),
])
def test_filings_do_not_count_when_something_is_missing_then(looks: list[Look], said: str) -> None:
    assert why_not(looks).startswith("NOT counted: 5 s after the last one")
    assert why_not(looks).endswith(said)


def test_filings_do_not_count_when_a_process_did_not_live_through() -> None:
    assert why_not([Look(0.1)], ["booklet"]) == "NOT counted: booklet did not run throughout"


def a_load(*statuses: int) -> Load:
    """Each done in half a second, one after the other."""
    return Load(10.0, [Done(10 + n / 2, 10.5 + n / 2, Answer(status)) for n, status in enumerate(statuses)])


def test_only_what_was_answered_well_makes_the_rate_and_the_rest_is_told() -> None:
    load = a_load(201, 503, 200, 0)
    assert load.rate == 1.0
    assert load.refused == "1 answered not at all, 1 answered 503"


def test_a_process_that_came_meanwhile_has_used_all_of_it_meanwhile() -> None:
    assert spent({"issues": 2.0}, {"issues": 3.0, "relay": 1.5}) == {"issues": 1.0, "relay": 1.5}


def some_results() -> Results:
    results = Results()
    row = results.row("filings", "1/s", "≥ 400")
    row.ours, row.yardstick = [410.0, 390.0, 430.0], [400.0, 500.0, 300.0]
    note(row, "two were slow")
    note(row, "two were slow")
    results.cost("filing", {"issues": 3.0, "mongod": 1.0}, 1000)
    results.cost("filing", {"issues": 5.0, "mongod": 1.0}, 1000)
    results.memory["at rest"] = {"issues": 50.0, "booklet": 40.0, "mongod": 100.0}
    return results


def test_a_measure_shows_its_spread_and_its_ratio_to_the_yardstick() -> None:
    assert report.measures(some_results()).rows == [
        ["filings", "1/s", "390 / 410 / 430", "300 / 400 / 500", "1.02", "≥ 400"]]


def test_a_measure_without_a_value_shows_none() -> None:
    assert spread([]) is None
    results = Results([Row("filings", "1/s")])
    assert report.measures(results).rows == [["filings", "1/s", "—", "—", "—", "—"]]


def test_costs_are_milliseconds_a_piece_and_the_sum_is_of_ours_alone() -> None:
    costs, memory = report.costs(some_results()), report.memory(some_results())
    assert costs.header == ["what", *report.PROCESSES, "all of ours", "mongod"]
    assert costs.rows == [["filing", "—", "—", "4.00", "—", "—", "—", "4.00", "1.00"]]
    assert memory.rows == [["at rest", "—", "—", "50", "—", "40", "—", "90", "100"]]


def test_a_noisy_machine_is_told_before_everything_else() -> None:
    results = some_results()
    assert report.remarks(results) == ["filings: two were slow"]
    results.others += [0.01, 0.4]
    assert report.remarks(results)[0].startswith("ROUGH: others took up to 40%")


def lines_of(text: str) -> Iterator[str]:
    yield from (line for line in text.splitlines() if line.startswith("|"))


def test_markdown_has_the_same_figures_as_the_terminal() -> None:
    results = some_results()
    text = report.markdown({"kernel": "6.1"}, results)
    assert "kernel 6.1" in text
    assert [line.strip("| ").split(" | ") for line in lines_of(text) if "---" not in line] == [
        line for grid in report.grids(results) for line in (grid.header, *grid.rows)]


def test_the_tables_stand_between_the_marks_of_a_page_and_nothing_else_changes() -> None:
    page = f"# Speed\n\nwords\n\n{report.BEGIN}\nold\n{report.END}\nmore words\n"
    placed = report.placed(page, "new\n")
    assert placed == f"# Speed\n\nwords\n\n{report.BEGIN}\n\nnew\n\n{report.END}\nmore words\n"
    assert report.placed(placed, "new\n") == placed


def test_a_page_without_marks_loses_nothing() -> None:
    placed = report.placed("# Speed\n\nwords\n", "new\n")
    assert placed.startswith(f"# Speed\n\nwords\n\n{report.BEGIN}\n\nnew\n")
    assert report.placed(placed, "new\n") == placed
