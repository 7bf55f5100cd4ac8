"""Registers as Open311 needs them: read whole, and read again when they are older than FRESH.

What is filed is judged by `issues` by what it knows itself; a name that changed is shown here at most FRESH later.
"""
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nameko.extensions import DependencyProvider

from chassis.caller import PUBLIC
from chassis.http_client import Client
from contracts.errors import NotFound, Unavailable
from gateway.joining import Shared
from gateway.open311 import settings
from gateway.open311.params import Params, missing
from gateway.open311.places import Places

FRESH, AGAIN = 30.0, 5.0  # seconds: how old they may be, and until it is tried again with the registry away
PAGE, MOST = 500, 100  # records of one page, pages of one register
Row = dict[str, Any]


@dataclass(frozen=True)
class Registers:
    """Records in force today, by their codes."""

    categories: dict[str, Row]
    agencies: dict[str, Row]
    territories: dict[str, Row]

    @cached_property
    def places(self) -> Places:
        return Places(self.territories)

    def jurisdiction(self, params: Params) -> str | None:
        """The province or county that is named; None where there is one province only and none is named.

        Raises NotFound, and Malformed where several provinces stand here and none is named.
        """
        named = params.one("jurisdiction_id")
        provinces = [code for code, place in self.territories.items() if place["kind"] == "province"]
        if not named and len(provinces) > 1:
            raise missing("jurisdiction_id")
        if named and self.territories.get(named, {}).get("kind") not in ("province", "county"):
            raise NotFound("unknown_jurisdiction", "jurisdiction_id شناخته نیست؛ کد استان یا شهرستان را بنویسید.",
                           "jurisdiction_id was not found; it is the code of a province or a county.")
        return named or None

    def service(self, code: str) -> Row:
        """A category in which issues can be filed. Raises NotFound."""
        found = self.categories.get(code)
        if found is None:
            raise NotFound("unknown_service", "service_code شناخته نیست؛ services فهرست آن‌هاست.",
                           "service_code was not found; services lists them.")
        return found

    def name(self, register: str, code: str, language: str) -> str:
        """What something is called; its code where it is not in force any more."""
        found = getattr(self, register).get(code)
        return str(found[f"name_{language}"]) if found else code


class Knowledge(DependencyProvider):
    """The registers as they were FRESH ago at most. Those who ask while they are read share one reading."""

    def setup(self) -> None:
        found = self.container.config["gateway"]()
        self._registry = Client(found.urls["registry"], self.container.config["settings"].internal_secret)
        self.settings = settings.read()
        self._shared, self._read, self._at = Shared(), Registers({}, {}, {}), -FRESH

    def get_dependency(self, worker_ctx: Any) -> "Knowledge":
        return self

    def registers(self) -> Registers:
        """With the registry away, what was read before. Raises Unavailable where nothing was."""
        if time.monotonic() - self._at >= FRESH:
            try:
                self._shared("registers", self._all)
            except Unavailable:
                if not self._read.territories:
                    raise
                self._at = time.monotonic() - FRESH + AGAIN
        return self._read

    def _all(self) -> None:
        at = time.monotonic()
        self._read = Registers(*(self._register(name) for name in ("categories", "agencies", "territories")))
        self._at = at

    def _register(self, name: str) -> dict[str, Row]:
        found: dict[str, Row] = {}
        query = {"limit": str(PAGE)}
        for _ in range(MOST):
            page = self._registry.get(f"/{name}", PUBLIC, query)
            found |= {each["code"]: each for each in page["items"]}
            if not page["next_cursor"]:
                break
            query["cursor"] = page["next_cursor"]
        return found
