"""What an operator types needs the database, and says in one line where it is away."""
import mongoengine
import pytest
from pymongo.errors import ServerSelectionTimeoutError

from chassis import database


def test_a_command_ends_with_one_line_where_mongodb_does_not_answer(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def away(alias: str) -> None:
        raise ServerSelectionTimeoutError(alias)

    monkeypatch.setattr(mongoengine, "connect", lambda name, **options: None)
    monkeypatch.setattr(mongoengine, "get_db", away)
    with pytest.raises(SystemExit) as ended:
        database.connect_or_stop("hurry", "issues")
    assert ended.value.code == 1
    assert capsys.readouterr().err == "hurry: MongoDB does not answer. Start it, or set MONGO_URI.\n"
