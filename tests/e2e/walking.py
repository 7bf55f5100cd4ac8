"""What is asked of every address when all of them are walked: an issue, a case, and bodies that change nothing."""
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import gateway
from contracts import policy
from deploy.describe.routes import Route, routes
from tests.api import Answer, Api, Json
from tests.e2e.province import AGENCY, CATEGORY, PLACE

DOCUMENT: Json = json.loads((Path(gateway.__file__).parent / "openapi.json").read_text(encoding="utf-8"))
NOBODY = "0d9d6a51-3f3e-4c79-9a67-0d6b8a8d5a11"
SUBJECTS = {"agency": AGENCY, "neighbourhood_manager": PLACE, "reporter": PLACE, "case_worker": "karaj-county",
            "secretary": "alborz"}
ELSEWHERE = {"neighbourhood_manager": "karaj-moradab", "reporter": "karaj-moradab", "case_worker": "fardis-county",
             "secretary": "fardis-county"}
OF_A_CASE = ("cases:read", "cases:assess", "cases:audit")
CODES = {"territories": PLACE, "boundaries": PLACE, "headquarters": "karaj-headquarters", "agencies": AGENCY,
         "committees": "utilities", "categories": CATEGORY, "rules": "streets-karaj", "calendars": "karaj",
         "seats": "karaj-county-secretary", "services": CATEGORY}
NAMES = {"worklists": "waiting", "exports": "agencies"}
NEVER = {"valid_from": "1990-01-01", "day": "1990-01-01", "valid_to": None}  # a day on which nothing was in force


@dataclass(frozen=True)
class Things:
    """What is asked about: an issue in PLACE, and a confidential one."""

    issue: Json
    case: Json

    def filled(self, route: Route, role: str, agency: str = AGENCY) -> str:
        """The address with the names of what is there."""
        parts = route.path.removeprefix("/v1").strip("/").split("/")
        about = self.about(route, role)
        named = {"ref": about["id"], "task": f"{about['id']}-1", "person": NOBODY, "job": NOBODY, "day": "2026-12-20",
                 "token": about["tracking_code"], "name": NAMES.get(parts[0], ""),
                 "code": agency if "tasks" in parts else about["tracking_code"] if "requests" in parts else
                         next((CODES[each] for each in parts if each in CODES), "walk")}
        return route.path.format(**named)

    def about(self, route: Route, role: str) -> Json:
        worker = role == "case_worker" and route.entrypoint.deed in ("issues:assign", "messages:write")
        return self.case if worker or route.entrypoint.deed in OF_A_CASE else self.issue

    def ask(self, api: Api, route: Route, role: str, subject: str = "", **headers: str) -> Answer:
        """A plausible request, which changes nothing that lasts."""
        about = self.about(route, role)
        who = {"role": role, "subject": subject} if role != "public" else {}
        if policy.RULES[route.entrypoint.deed].who.get(role) == policy.FILER:
            headers |= {"Issue_Secret": about["secret"]}
        path, given = self.filled(route, role), body_of(route)
        query = {"cases:audit": f"?issue={about['id']}", "people:read": "?why=walk", "registers:import":
                 "?register=territories&dry_run=true"}.get(route.entrypoint.deed, "")
        raw = given.encode() if isinstance(given, str) else None
        kind = "application/x-www-form-urlencoded" if "open311" in path else "text/csv" if raw else "application/json"
        return api.ask(route.method, path + (query if raw is not None or route.method == "GET" else ""),
                       None if raw is not None else given, raw=raw, Content_Type=kind, If_Match='"v999999999"',
                       **who, **headers)


def body_of(route: Route) -> Any:
    """What the API's description gives as an example, so that it is right and has no effect; text where it is no JSON."""
    if route.method in ("GET", "DELETE"):
        return None
    if "open311" in route.path or route.entrypoint.deed == "registers:import":
        return "code\n" if "imports" in route.path else ""
    if route.entrypoint.deed == "sessions:write" or route.path == "/v1/agencies":
        return {"walk": True}  # refused as it stands, and not for who sends it
    said = DOCUMENT["paths"][route.path][route.method.lower()].get("requestBody", {}).get("content", {})
    example = dict(said.get("application/json", {}).get("example") or {})
    return example | {name: day for name, day in NEVER.items() if name in example and route.method == "POST"}


@cache
def front() -> tuple[Route, ...]:
    return tuple(sorted(routes("gateway.service"), key=lambda route: (route.path, route.method)))
