"""Saving: every owner's collections as they were at one and the same moment, while everything goes on."""
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.client_session import ClientSession

from deploy.backup import OWNERS
from deploy.backup.manifest import Manifest, NotABackup, Saved, checksum

Client = MongoClient[RawBSONDocument]


def save(uri: str, prefix: str, folder: Path) -> Manifest:
    """Writes a backup into a folder that must not exist, whole or not at all.

    Raises NotABackup where the folder is taken, OSError, and PyMongoError: SnapshotTooOld when it took longer than the
    server keeps history (five minutes, `minSnapshotHistoryWindowInSeconds`).
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotABackup(f"{folder} is there already. A backup is never written over; name another folder.")
    partial = folder.with_name(folder.name + ".partial")
    if partial.exists():
        raise NotABackup(f"{partial} is what is left of a backup that was cut off. Remove it and try again.")
    partial.mkdir(parents=True, mode=0o700)  # contacts of residents are in it
    made_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    with _client(uri) as client, client.start_session(snapshot=True) as session:
        saved = [_write(client, session, partial, prefix, *each) for each in _collections(client, prefix)]
    manifest = Manifest(made_at, saved)
    manifest.write(partial)
    partial.rename(folder)
    return manifest


def _client(uri: str) -> Client:
    return MongoClient(uri, document_class=RawBSONDocument, serverSelectionTimeoutMS=10_000)


def _collections(client: Client, prefix: str) -> Iterator[tuple[str, str]]:
    """(service, collection) of everything that is owned."""
    for service in OWNERS:
        names = client[f"{prefix}_{service}"].list_collection_names(filter={"type": "collection"})
        yield from ((service, name) for name in sorted(names) if not name.startswith("system."))


def _write(client: Client, session: ClientSession, folder: Path, prefix: str, service: str, name: str) -> Saved:
    count = 0
    path = folder / Saved(service, name, 0, "").file
    with gzip.open(path, "wb", compresslevel=3) as file:
        for document in _documents(client, session, f"{prefix}_{service}", name):
            file.write(document.raw)
            count += 1
    return Saved(service, name, count, checksum(path))


def _documents(client: Client, session: ClientSession, database: str, name: str) -> Any:
    return client[database][name].find({}, session=session, batch_size=1000)
