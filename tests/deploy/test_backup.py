"""A backup is whole, of one moment, and never brought back over something or in part."""
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, ObjectId
from pymongo import MongoClient

from deploy.backup import save as saving
from deploy.backup.manifest import MANIFEST, NotABackup
from deploy.backup.restore import restore
from deploy.backup.save import save
from deploy.local.servers import Servers

Client = MongoClient[dict[str, Any]]
AN_ISSUE = {"_id": "i1", "text": "چاله‌ی جلوی مدرسه", "at": datetime(2026, 11, 24, tzinfo=UTC), "big": Int64(7),
            "id": ObjectId(), "secret": Binary(b"\x00\xff", 128), "price": Decimal128("1.10"), "outbox": [{"position": 1}]}


@pytest.fixture
def client(servers: Servers) -> Iterator[Client]:
    client: Client = MongoClient(servers.mongo.uri, tz_aware=True)
    yield client
    for database in client.list_database_names():
        if database.startswith(("here_", "there_")):
            client.drop_database(database)
    client.close()


@pytest.fixture
def filled(client: Client) -> Client:
    client.here_issues.issues.insert_one(AN_ISSUE)
    client.here_issues.rules.insert_many([{"_id": n} for n in range(2500)])
    client.here_registry.agencies.insert_one({"_id": "abfa"})
    client.here_booklet.rows.insert_one({"_id": "i1"})
    return client


def test_what_was_saved_comes_back_to_the_last_byte(filled: Client, servers: Servers, tmp_path: Path) -> None:
    save(servers.mongo.uri, "here", tmp_path / "saved")
    restore(servers.mongo.uri, "there", tmp_path / "saved")
    assert filled.there_issues.issues.find_one() == AN_ISSUE
    assert filled.there_issues.rules.count_documents({}) == 2500
    assert filled.there_registry.agencies.find_one() == {"_id": "abfa"}


def test_read_models_are_not_saved(filled: Client, servers: Servers, tmp_path: Path) -> None:
    manifest = save(servers.mongo.uri, "here", tmp_path / "saved")
    assert {saved.service for saved in manifest.collections} == {"registry", "issues"}


def test_everything_is_of_one_moment(
        filled: Client, servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written after the first read, even into a collection not read yet, is not in it."""
    read = saving._documents

    def read_and_disturb(*words: Any) -> Any:
        found = list(read(*words))
        filled.here_issues.rules.insert_one({})
        filled.here_registry.agencies.update_one({"_id": "abfa"}, {"$set": {"late": True}})
        return iter(found)

    monkeypatch.setattr(saving, "_documents", read_and_disturb)
    save(servers.mongo.uri, "here", tmp_path / "saved")
    restore(servers.mongo.uri, "there", tmp_path / "saved")
    assert filled.there_issues.rules.count_documents({}) == 2500


def flip_a_byte(folder: Path) -> None:
    path = folder / "issues.rules.bson.gz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lose_a_file(folder: Path) -> None:
    (folder / "issues.issues.bson.gz").unlink()


def lose_the_manifest(folder: Path) -> None:
    (folder / MANIFEST).unlink()


def come_from_the_future(folder: Path) -> None:
    content = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(content | {"format": 2}))


@pytest.mark.parametrize(("harm", "said"), [
    (flip_a_byte, r"damaged: issues\.rules\.bson\.gz"), (lose_a_file, r"damaged: issues\.issues\.bson\.gz"),
    (lose_the_manifest, "no whole backup"), (come_from_the_future, "format 2")])
def test_a_harmed_backup_changes_nothing(filled: Client, servers: Servers, tmp_path: Path,
                                         harm: Callable[[Path], None], said: str) -> None:
    save(servers.mongo.uri, "here", tmp_path / "saved")
    harm(tmp_path / "saved")
    with pytest.raises(NotABackup, match=said):
        restore(servers.mongo.uri, "here", tmp_path / "saved", force=True)
    assert filled.here_issues.issues.count_documents({}) == 1
    assert filled.here_booklet.rows.count_documents({}) == 1


def test_nothing_is_brought_back_over_something(filled: Client, servers: Servers, tmp_path: Path) -> None:
    save(servers.mongo.uri, "here", tmp_path / "saved")
    filled.there_booklet.rows.insert_one({"_id": "other"})
    with pytest.raises(NotABackup, match=r"something in there_booklet already.*--force"):
        restore(servers.mongo.uri, "there", tmp_path / "saved")
    assert filled.there_issues.issues.count_documents({}) == 0


def test_force_replaces_what_was_there_read_models_too(filled: Client, servers: Servers, tmp_path: Path) -> None:
    save(servers.mongo.uri, "here", tmp_path / "saved")
    filled.here_issues.issues.insert_one({"_id": "later"})
    restore(servers.mongo.uri, "here", tmp_path / "saved", force=True)
    assert filled.here_issues.issues.distinct("_id") == ["i1"]
    assert filled.here_booklet.rows.count_documents({}) == 0


def test_empty_collections_with_indexes_count_as_empty(filled: Client, servers: Servers, tmp_path: Path) -> None:
    save(servers.mongo.uri, "here", tmp_path / "saved")
    filled.there_issues.issues.create_index("text")
    restore(servers.mongo.uri, "there", tmp_path / "saved")
    assert filled.there_issues.issues.count_documents({}) == 1


def test_a_backup_is_never_written_over(filled: Client, servers: Servers, tmp_path: Path) -> None:
    save(servers.mongo.uri, "here", tmp_path / "saved")
    with pytest.raises(NotABackup, match="never written over"):
        save(servers.mongo.uri, "here", tmp_path / "saved")


def test_a_backup_that_was_cut_off_is_not_taken_for_one(
        filled: Client, servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(*words: object) -> str:
        raise OSError("no space left")

    monkeypatch.setattr(saving, "checksum", cut_off)
    with pytest.raises(OSError):
        save(servers.mongo.uri, "here", tmp_path / "saved")
    assert not (tmp_path / "saved").exists()
    monkeypatch.undo()
    with pytest.raises(NotABackup, match=r"saved\.partial is what is left of a backup that was cut off"):
        save(servers.mongo.uri, "here", tmp_path / "saved")
