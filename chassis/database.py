"""Connecting to MongoDB: one database per service, majority and journalled, bounded waits.

Addresses should be IP numbers or resolve without greendns (the runner switches it off). One client per process and
service, made after start, never at import.
"""
import importlib
from typing import Any

import mongoengine
from pymongo.errors import PyMongoError

from chassis import settings
from chassis.settings import Settings, stop_with


def connect(service: str, found: Settings, pool: int = 50, seconds: int = 10) -> Any:
    """Opens the database of `service` under the alias that its documents name. Does not wait for the server.

    `seconds`: how long one answer may take.
    """
    return mongoengine.connect(
        f"{found.database}_{service}", host=found.mongo_uri, alias=service, w="majority", journal=True,
        readConcernLevel="majority", retryWrites=True, maxPoolSize=pool, serverSelectionTimeoutMS=5000,
        connectTimeoutMS=5000, socketTimeoutMS=seconds * 1000, wtimeoutMS=5000, waitQueueTimeoutMS=5000, tz_aware=True,
        uuidRepresentation="standard",
    )


def answers(service: str) -> bool:
    """Whether the service's database answers now."""
    try:
        mongoengine.get_db(service).command("ping")
    except PyMongoError:
        return False
    return True


def connect_or_stop(command: str, service: str, seconds: int = 10) -> None:
    """Connects what an operator types, by the settings. Exits 1 with one line of `command` where MongoDB does not answer."""
    connect(service, settings.read(service), seconds=seconds)
    if not answers(service):
        stop_with(f"{command}: MongoDB does not answer. Start it, or set MONGO_URI.", 1)


def documents_of(service: str) -> Any:
    """The module that names a service's documents, indexes and outboxes."""
    return importlib.import_module(f"services.{service}.documents")
