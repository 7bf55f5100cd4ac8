"""The project's own sample set as scripts, and which source is played."""
from pathlib import Path

import pytest

from deploy.demo import sample, show
from deploy.demo.scripts import LONGEST, RATE
from deploy.local.errors import CannotStart


def test_the_set_is_played_again_until_there_are_enough() -> None:
    found = sample.source(sample.ISSUES, 300).scripts
    assert [script.number for script in found] == list(range(300))
    assert found[120].text == found[0].text and found[-1].at == pytest.approx(299 / RATE)


def test_every_answer_of_the_set_has_what_the_platform_needs() -> None:
    found = sample.source(sample.ISSUES, 120).scripts
    assert all(script.words for script in found if script.steps)
    assert all(script.reason for script in found if script.resident == "not_fixed")
    assert all(1 <= script.satisfaction <= 5 for script in found if script.resident == "confirm")
    assert all(script.steps[-1:] == ("finish",) for script in found if script.resident)
    assert all(0 <= script.takes <= LONGEST for script in found)
    assert {script.steps for script in found} == {(), ("refuse",), ("accept", "finish")}


def test_a_set_that_cannot_be_read_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "issues.json").write_text("[")
    with pytest.raises(CannotStart, match="cannot be read as JSON"):
        sample.source(tmp_path / "issues.json", 1)


def test_without_a_file_bostons_rows_are_played_where_they_are_present_else_the_sample_set(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "BOSTON", tmp_path / "none.csv.gz")
    assert show.source_of(None, 3, ["n1"]).label == sample.LABEL
    (tmp_path / "empty.csv").write_text("")
    monkeypatch.setattr(show, "BOSTON", tmp_path / "empty.csv")
    with pytest.raises(CannotStart, match="Boston's"):
        show.source_of(None, 3, ["n1"])
    assert show.source_of(sample.ISSUES, 3, ["n1"]).label == sample.LABEL
