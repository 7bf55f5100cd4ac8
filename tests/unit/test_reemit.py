"""Telling everything again: a name that tells nothing is one line, not a traceback."""
import pytest

from chassis import reemit


def test_a_service_that_tells_nothing_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        reemit.main(["booklet"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == "reemit: booklet tells nothing. Name registry or issues.\n"
