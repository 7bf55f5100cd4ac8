"""The platform as a target of loads. Only what a rule routes to an agency with a queue is filed: the whole way is gone."""
import itertools
import json
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from chassis.clock import now
from deploy.local.errors import CannotStart
from deploy.local.keys import SAMPLE
from deploy.local.servers import VHOST
from tests.bench.arrivals import arrivals
from tests.bench.clients import request
from tests.bench.ground import Ground

Json = dict[str, Any]


def read(name: str) -> list[Json]:
    """A file of the sample province."""
    found: list[Json] = json.loads((SAMPLE / f"{name}.json").read_text(encoding="utf-8"))
    return found


class Ours:
    name = "ours"

    def __init__(self, ground: Ground) -> None:
        self.ground, self.port = ground, ground.port
        self._numbers = itertools.count(1)
        self._since: datetime = now()
        self._resident = ground.authorization("resident", "bench")
        self.samples = [body for body, agency in self._routed() if agency in ground.agency_queues]

    def _routed(self) -> Iterator[tuple[Json, str]]:
        """The sample's issues as filings, with the agency that each was routed to: found out by filing it once."""
        corner = {place["code"]: place["polygon"]["coordinates"][0][0] for place in read("territories") if place["polygon"]}
        hidden = {category["code"] for category in read("categories") if category["confidential"]}
        for sample in read("issues"):
            if sample["category"] not in hidden:
                lon, lat = corner[sample["neighbourhood"]]
                body = {name: sample[name] for name in ("category", "text", "title", "neighbourhood")}
                body["point"] = {"lon": lon, "lat": lat}
                yield body, self._file(body)["agency"]

    def _file(self, body: Json) -> Json:
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/issues", json.dumps(body).encode(),
                                       self._resident | {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return dict(json.load(answer))
        except OSError as error:
            raise CannotStart(f"the sample issues cannot be filed ({error}); {self.ground.folder}/log says why") from error

    def processes(self) -> dict[str, int]:
        return self.ground.processes()

    def clear(self) -> None:
        """Every load begins alike: agencies have taken what they got, and no letters are left from the load before."""
        self.ground.purge_agencies()
        self._letters.update_many({"state": "queued"}, {"$set": {"state": "skipped"}})
        self._since = now()

    @property
    def _letters(self) -> Any:
        return self.ground.store("notifications", "deliveries")

    def letters_waiting(self) -> int:
        """Noted and not sent yet: more than the sender's limit a second come later, and hold up nothing else."""
        return int(self._letters.count_documents({"state": "queued"}))

    def filing(self, mark: str = "") -> bytes:
        """The next one: no two have the same text. `mark` is a word by which it can be found."""
        number = next(self._numbers)
        body = self.samples[number % len(self.samples)]
        text = f"{body['text']} ({number} {mark})"
        return request("POST", "/v1/issues", self._resident | {"Idempotency-Key": f"bench-{number}"},
                       json.dumps(body | {"text": text}).encode())

    def listing(self, neighbourhood: str = "") -> bytes:
        """The newest fifty, of a neighbourhood where one is named."""
        return request("GET", "/v1/issues?limit=50" + (f"&neighbourhood={neighbourhood}" if neighbourhood else ""))

    def missing(self, filed: int) -> dict[str, int]:
        """Of what was filed since `clear`: events on their way, and what has not arrived where they go."""
        return self.ground.on_its_way() or {name: count for name, count in self._behind(filed).items() if count}

    def _behind(self, filed: int) -> dict[str, int]:
        ground = self.ground
        versions = self._versions("issues", {"filed_at": {"$gte": self._since}})
        ids = {"$in": [issue for issue, _ in versions]}
        rows = self._versions("booklet", {"_id": ids})
        told = self._letters.count_documents({"about.issue": ids, "template": "filed_nearby"})
        return {"filings not stored": filed - len(versions), "tasks not in the agencies' queues":
                len(versions) - ground.waiting(*ground.agency_queues.values()),
                "rows of the booklet not current": len(versions - rows), "letters not noted": len(versions) - told}

    def _versions(self, service: str, query: Json) -> set[tuple[str, int]]:
        found = self.ground.store(service, "issues").find(query, {"version": 1})
        return {(issue["_id"], issue["version"]) for issue in found}

    def arrivals(self) -> AbstractContextManager[dict[str, float]]:
        """Taken out of the agencies' queues, by issue: a task's id is its issue's and a number."""
        return arrivals(self.ground.connect(VHOST), self.ground.agency_queues.values(),
                        lambda headers, body: str(headers["ce-subject"]).rpartition("-")[0])
