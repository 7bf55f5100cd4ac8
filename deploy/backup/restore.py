"""Bringing back: checked before the first write, refused where there is something already."""
import gzip
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from bson import decode_file_iter
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient, WriteConcern

from deploy.backup import OWNERS, READ_MODELS
from deploy.backup.manifest import Manifest, NotABackup, Saved, read, verify

RAW = CodecOptions(document_class=RawBSONDocument)
BATCH = 1000
Client = MongoClient[dict[str, Any]]


def restore(uri: str, prefix: str, folder: Path, force: bool = False) -> Manifest:
    """Writes a backup into empty databases. Services must not run.

    With `force` the platform's databases are emptied first, read models too: they may be newer than what comes back.
    Raises NotABackup, before anything is changed, for a damaged backup and for databases that hold something.
    """
    manifest = read(folder)
    verify(folder, manifest)
    client: Client = MongoClient(uri, serverSelectionTimeoutMS=10_000)
    with client:
        _make_room(client, [f"{prefix}_{service}" for service in (*OWNERS, *READ_MODELS)], force)
        for saved in manifest.collections:
            _bring_back(client, prefix, folder, saved)
    return manifest


def _make_room(client: Client, databases: list[str], force: bool) -> None:
    if force:
        for database in databases:
            client.drop_database(database)
        return
    full = [database for database in databases
            if any(client[database][name].find_one() for name in client[database].list_collection_names())]
    if full:
        raise NotABackup(f"there is something in {', '.join(full)} already. Nothing was restored; "
                         "to replace it, say --force (make restore FROM=... FORCE=1).")


def _bring_back(client: Client, prefix: str, folder: Path, saved: Saved) -> None:
    collection = client[f"{prefix}_{saved.service}"].get_collection(
        saved.collection, codec_options=RAW, write_concern=WriteConcern("majority", j=True))
    with gzip.open(folder / saved.file, "rb") as file:
        documents = decode_file_iter(cast(BinaryIO, file), RAW)
        while batch := list(islice(documents, BATCH)):
            collection.insert_many(batch, ordered=False)
    found = collection.count_documents({})
    if found != saved.documents:
        raise NotABackup(f"{saved.service}.{saved.collection}: {found} of {saved.documents} documents came back. "
                         "Does a service run? Stop it and restore again with --force.")
