"""One running platform with the sample province, and what the people in it do: residents, agencies, the secretary."""
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pika
from pymongo import MongoClient

from chassis.clock import now
from chassis.settings import Broker
from chassis.topology import agency_user
from contracts.schema import instant
from deploy.local.platform import Platform
from deploy.local.servers import Servers
from tests import unspoken
from tests.api import Answer, Json
from tests.e2e.platforms import LOAD, a_platform, api_of, wait_for_the_sample
from tests.integration.waiting import eventually
from tests.integration.wire import Wire, headers
from tests.postbox import Postbox

PLACE, CATEGORY, AGENCY = "karaj-mehrvilla", "power-cut", "alborz-electricity"  # the rules of the sample join the three
SECRETARY: dict[str, Any] = {"role": "secretary", "subject": "alborz"}
numbers = count(1)


class Province:
    """What is filed here has words of its own, and its filer an address of its own."""

    def __init__(self, servers: Servers, platform: Platform, postbox: Postbox) -> None:
        self.servers, self.platform, self.postbox = servers, platform, postbox
        self.api = api_of(platform)
        self.wire = Wire(platform.environment)
        self.mongo: MongoClient[Json] = MongoClient(servers.mongo.uri, tz_aware=True)

    def file(self, category: str = CATEGORY, neighbourhood: str = PLACE, **more: Any) -> Json:
        """The receipt of a new issue, with its words under `text` and its filer's address under `email` besides."""
        number = next(numbers)
        body = {"category": category, "neighbourhood": neighbourhood, "text": f"شرح مسئلهٔ شمارهٔ {number}",
                "contact": {"name": "زهرا احمدی", "email": f"zahra-{number}@example.org"}} | more
        found = self.api("/v1/issues", body, role="resident")
        return found | {"text": body["text"], "email": body["contact"]["email"]}

    def seen_by_filer(self, issue: Json) -> Json:
        return self.api(f"/v1/issues/{issue['id']}", Issue_Secret=issue["secret"])

    def seen_by_all(self, issue: Json) -> Json:
        return self.api(f"/v1/issues/{issue['id']}")

    def say(self, issue: Json, action: str, **body: Any) -> Answer:
        """What its filer says to it."""
        return self.api.post(f"/v1/issues/{issue['id']}/{action}", body, Issue_Secret=issue["secret"])

    def assign(self, issue: Json, agency: str, **more: Any) -> Answer:
        """The secretary's hand."""
        return self.api.post(f"/v1/issues/{issue['id']}/assign", {"agency": agency, **more}, **SECRETARY)

    def move(self, agency: str, task: str, action: str, **body: Any) -> Answer:
        """An agency's move over HTTP."""
        return self.api.post(f"/v1/agencies/{agency}/tasks/{task}/{action}", body, role="agency", subject=agency)

    def counted(self, by: str, code: str) -> Json:
        """The published line of a neighbourhood or an agency."""
        return next(line for line in self.api(f"/v1/statistics?by={by}")["items"] if line["code"] == code)

    def settled(self) -> None:
        """Returns when the booklet has heard of everything and counted it: what earlier tests left is in its numbers."""
        eventually("the booklet is current", lambda: self._versions("booklet") == self._versions("issues"))
        current = instant(now())
        for by in ("neighbourhood", "agency"):
            eventually("it has counted since", partial(self._counted_at, by),
                       until=lambda at: at > current)

    def _counted_at(self, by: str) -> str:
        return str(self.api(f"/v1/statistics?by={by}")["counted_at"])

    def _versions(self, service: str) -> dict[str, int]:
        return {row["_id"]: row["version"] for row in self.mongo[f"mahalle_{service}"]["issues"].find({}, {"version": 1})}

    def told(self, issue: Json) -> dict[str, str]:
        """Which letters the issue caused, by recipient and template, and what became of each."""
        found = self.api(f"/v1/issues/{issue['id']}/deliveries", **SECRETARY)["items"]
        return {f"{each['to']['kind']}: {each['template']}": each["state"] for each in found}

    def stored(self, **query: Any) -> int:
        return int(self.mongo["mahalle_issues"]["issues"].count_documents(query))

    def desk(self, agency: str) -> "Desk":
        return Desk(self.wire, self.platform.environment["MAHALLE_BROKER_SECRET"], agency)

    def secrets_in_logs(self) -> list[str]:
        """The beginnings of all secrets that stand in a log: of those that were sent or given, and of the platform's own."""
        own = [value for name, value in self.platform.environment.items()
               if name.startswith(("MAHALLE_", "MONGO_")) and re.search("SECRET|PASSWORD|KEYS", name)]
        return unspoken.found_in(self.logs(), *own)

    def logs(self) -> str:
        """Everything that the platform's own processes have written."""
        return "".join(daemon.log_file.read_text() for daemon in self.platform.daemons.values())


class Desk:
    """An agency's end of the wire, with its own password and the rights that the broker gives it. One test uses one."""

    def __init__(self, wire: Wire, secret: str, agency: str) -> None:
        self.agency, self.user, self.queue = agency, agency_user(agency), f"agency.{agency}.tasks"
        broker = Broker(wire.host, wire.port, wire.vhost, secret, "")
        self.channel = wire.connect(pika.PlainCredentials(self.user, broker.password_of(self.user)))
        self.heard: list[Json] = []

    def hears(self, kind: str, **about: Any) -> Json:
        """The body of the first message of that kind in which these fields are so, and its id under `ce-id`."""
        def probe() -> list[Json]:
            self._listen()
            return [each for each in self.heard if each["kind"] == kind and about.items() <= each.items()]

        return eventually(f"{self.agency} hears {kind} {about}", probe)[0]

    def answers(self, task: str, action: str, **more: str) -> Json:
        """What the agency is told of its answer: `kind` answer_taken or answer_refused."""
        answer_id = self.say(task, action, **more)

        def probe() -> list[Json]:
            self._listen()
            return [each for each in self.heard if each.get("answer_id") == answer_id]

        return eventually(f"{self.agency} is told of its {action}", probe)[0]

    def say(self, task: str, action: str, key: str = "", **more: str) -> str:
        """Publishes an answer under the agency's own key, or under `key`; returns its id. Raises what the broker does."""
        found = headers("mahalle.agencies.answer.v1", task)
        body = json.dumps({"task_id": task, "action": action, **more}).encode()
        self.publish(body, pika.BasicProperties(headers=found, content_type="application/json", delivery_mode=2,
                                                user_id=self.user), key)
        return str(found["ce-id"])

    def publish(self, body: bytes, properties: pika.BasicProperties, key: str = "") -> None:
        self.channel.basic_publish("agencies.answers", key or self.agency, body, properties, mandatory=True)

    def _listen(self) -> None:
        while True:
            method, properties, body = self.channel.basic_get(self.queue, auto_ack=True)
            if method is None:
                return
            kind = properties.headers["ce-type"].split(".")[2]
            self.heard.append(json.loads(body) | {"kind": kind, "ce-id": properties.headers["ce-id"]})

    def close(self) -> None:
        if self.channel.connection.is_open:
            self.channel.connection.close()


@contextmanager
def a_province(folder: Path, postbox: Postbox) -> Iterator[Province]:
    """Servers, platform and sample in a folder; ready when every service knows the whole province."""
    with a_platform(folder, LOAD, **postbox.variables) as (servers, platform):
        wait_for_the_sample(servers)
        province = Province(servers, platform, postbox)
        yield province
        province.wire.close()
        province.mongo.close()
