"""API keys of a platform, made by its registry, and with its passwords written where a person can source them."""
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import mongoengine

from chassis import database, settings
from chassis.clock import now
from chassis.settings import Broker
from chassis.topology import agency_user
from contracts.errors import Unauthenticated
from deploy.local.folder import ROOT, write_private
from services.registry.accounts.giving import scopes_of
from services.registry.accounts.keys import check_key, give_key

SAMPLE = ROOT / "deploy" / "sample" / "alborz"
PROVINCE = "alborz"


class Keys:
    """From role and subject to a key with all scopes of the role, made when it is first asked for.

    With a `file` they are kept there, readable by its owner alone, and good for the next start too; one that the registry
    takes no more, or that is from before the role might do more, is made anew. `environment` says where the registry's
    database is. Raises Unavailable while that is away.
    """

    def __init__(self, environment: Mapping[str, str], file: Path | None = None) -> None:
        self._environment, self._file, self._lock = environment, file, threading.Lock()
        self._kept: dict[str, str] = json.loads(file.read_text()) if file and file.exists() else {}
        self._good: dict[str, str] = {}

    def __call__(self, role: str, subject: str = "") -> str:
        name = f"{role}:{subject}"
        with self._lock:
            if name not in self._good:
                with registry_of(self._environment):
                    kept = self._kept.get(name, "")
                    self._good[name] = kept if is_good(kept, role) else give_key(role, subject)
                self._keep(name)
            return self._good[name]

    def _keep(self, name: str) -> None:
        if self._file and self._kept.get(name) != self._good[name]:
            self._kept[name] = self._good[name]
            draft = self._file.with_suffix(".draft")
            draft.unlink(missing_ok=True)
            with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
                json.dump(self._kept, file, indent=1)
            draft.rename(self._file)


def is_good(key: str, role: str) -> bool:
    """Whether the registry takes it, for all that the role may by now."""
    try:
        return set(check_key(key, now(), lambda person, day: ()).scopes) == set(scopes_of(role))
    except Unauthenticated:
        return False


@contextmanager
def registry_of(environment: Mapping[str, str]) -> Iterator[None]:
    """The registry's documents are connected to the database of these variables; one that is connected already is used."""
    try:
        mongoengine.get_db("registry")
    except mongoengine.ConnectionFailure:
        found = settings.read("registry")
        database.connect("registry", replace(found, mongo_uri=environment["MONGO_URI"], database=environment.get(
            "MAHALLE_DATABASE", found.database)))
        try:
            yield
        finally:
            mongoengine.disconnect("registry")
    else:
        yield


def keys_of(folder: Path, environment: Mapping[str, str]) -> Keys:
    """Those of the platform that runs in a folder."""
    return Keys(environment, folder / "keys.json")


def sample_agency() -> str:
    """The code of the first sample agency that chose the queue."""
    agencies = json.loads((SAMPLE / "agencies.json").read_text())
    return str(next(agency["code"] for agency in agencies if agency["channel"] == "queue"))


def write_keys(folder: Path, environment: Mapping[str, str]) -> Path:
    """`keys.env`: a key for each role in the sample province, and one agency's code, key and broker password."""
    path, key, code = folder / "keys.env", keys_of(folder, environment), sample_agency()
    broker = Broker("", 0, "", environment["MAHALLE_BROKER_SECRET"], "")
    write_private(path, {
        "RESIDENT_KEY": key("resident"),
        "SECRETARY_KEY": key("secretary", PROVINCE),
        "OPERATOR_KEY": key("operator"),
        "AGENCY_CODE": code,
        "AGENCY_KEY": key("agency", code),
        "AGENCY_PASSWORD": broker.password_of(agency_user(code)),
    })
    return path
