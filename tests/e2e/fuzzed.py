"""What schemathesis needs of a platform: callers that may, and real things that its requests can be about."""
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import requests

from services.issues.finding.filters import BESIDES, FILTERS
from tests.api import Json
from tests.e2e.province import AGENCY, CATEGORY, PLACE, SECRETARY, Province

CASE_CATEGORY = "addiction"  # confidential in the sample
SUBJECTS = {"agency": AGENCY, "secretary": "alborz", "neighbourhood_manager": PLACE, "reporter": PLACE, "case_worker": PLACE,
            "resident": "", "operator": ""}
REAL = {"category": CATEGORY, "neighbourhood": PLACE, "agency": "alborz-gas", "territory": "karaj"}
FEW = 6  # real things of a kind


class Ground:
    """Issues in several states, with their filers' secrets, and codes and ids of everything else by where they are named."""

    def __init__(self, province: Province) -> None:
        self.province, self.api = province, province.api
        self.session = requests.Session()  # one connection for all
        self.session.trust_env = False  # nor is a proxy looked for each time
        self._keys: dict[str, str] = {}
        self.issues = [self._issue(moves) for moves in ((), ("accept",), ("accept", "start"), ("accept", "start", "finish"))]
        self.issues.append(province.file(CASE_CATEGORY))
        self.things = {"person": self._people(), "day": ["2026-03-21"], "job": [self._job()], "keys": self._keys_to_revoke()}

    def _issue(self, moves: Sequence[str]) -> Json:
        issue = self.province.file()
        issue["task"] = self.province.seen_by_filer(issue)["tasks"][0]["id"]
        for move in moves:
            said = {"text": "کابل عوض شد"} if move == "finish" else {}
            assert self.province.move(AGENCY, issue["task"], move, **said).status == 200
        return issue

    def _people(self) -> list[str]:
        found = self.api("/v1/people/search", {"name": "احمدی", "why": "آزمایش"}, **SECRETARY)["items"]
        return [each["id"] for each in found][:FEW]

    def _job(self) -> str:
        content = b"code,name_fa,name_en,kind,parent\n"
        told = self.api.post("/v1/imports?register=territories&dry_run=true", raw=content, **SECRETARY)
        assert told.status == 202, told.body
        return str(told.body["id"])

    def _keys_to_revoke(self) -> list[str]:
        asked = {"name": "آزمایش", "owner": "agency:alborz-gas", "role": "agency", "subject": "alborz-gas",
                 "scopes": ["tasks:read"]}
        return [self.api("/v1/keys", asked | {"name": f"آزمایش {number}"}, role="operator")["id"] for number in range(FEW)]

    def key(self, role: str) -> str:
        if role not in self._keys:
            self._keys[role] = self.api.key_of(role, SUBJECTS[role])
        return self._keys[role]

    def headers(self, who: Mapping[str, str], number: int, issue: Json | None) -> dict[str, str]:
        """Of one of those who may, another for each number; the filer shows the issue's secret."""
        roles = [role for role in who if role in SUBJECTS] or ["public"]
        role = roles[number % len(roles)]
        filer = who.get(role) == "filer" or (role in ("public", "resident") and number % 2)
        return ({"Authorization": f"Bearer {self.key(role)}"} if role != "public" else {}) | (
            {"Issue-Secret": issue["secret"]} if issue and filer else {})

    def place(self, path: str, given: Json, number: int) -> Json | None:
        """Puts real things in the place of made up ones; returns the issue that it is about, if any."""
        issue = self.issues[number % len(self.issues)]
        if "task" in given and "task" not in issue:
            issue = self.issues[0]
        about = {"ref": issue["id"], "task": issue.get("task"), "token": issue["tracking_code"]}
        for name in given:
            found = [about[name]] if name in about else self.codes(path) if name == "code" else self.things.get(name)
            if found:
                given[name] = found[number // len(self.issues) % len(found)]
        return issue if {"ref", "task"} & set(given) else None

    def ask_about(self, path: str, query: Json, number: int) -> None:
        """Puts real codes of requests in the place of made up ones, and asks a list by one sort at a time."""
        if "service_request_id" in query:
            query["service_request_id"] = self.issues[number % 4]["tracking_code"]
        if path == "/v1/issues" and number % 8:
            sort = list(BESIDES)[number % len(BESIDES)]
            for name in set(query) - {*FILTERS, *BESIDES[sort], "limit"}:
                del query[name]

    def tell(self, body: Json, number: int) -> None:
        """Puts real codes in the place of made up ones."""
        for name, code in REAL.items():
            if isinstance(body.get(name), str) and number % 8:
                body[name] = code

    def codes(self, path: str) -> list[str]:
        """Of the register that the address names."""
        if "/tasks" in path:
            return [AGENCY]
        if path.startswith("/open311"):
            return [CATEGORY] if "/services/" in path else [each["tracking_code"] for each in self.issues[:4]]
        register = path.split("/")[2]
        if register not in self.things:
            asked = self.api.get(f"/v1/{register}?limit={FEW}", **SECRETARY)
            listed = asked.body["items"] if asked.status == 200 else []
            self.things[register] = [each["code"] for each in listed if "code" in each]
        return self.things[register]


def number_of(*given: Any) -> int:
    """The same for the same request, and spread evenly."""
    return zlib.crc32(repr(given).encode())
