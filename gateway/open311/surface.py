"""Open311 as HTTP. Reading needs no key and shows the same to everybody; whoever sends something sends their key."""
from typing import Any

from werkzeug.wrappers import Response

from chassis.caller import PUBLIC
from chassis.clock import now
from contracts.errors import Malformed
from gateway.asking import Asking
from gateway.open311 import discovery, filing, listing, requests, services, updates
from gateway.open311.http import Open311Call, open311
from gateway.open311.known import Knowledge, Registers
from gateway.open311.settings import Open311Settings
from gateway.open311.writing import TYPES, answer, csv_of

BASE = "/open311/v2"
FORM = "<any(xml,json):form>"
SECONDS = 30  # for a thousand rows


class Open311:
    ask: Asking
    known = Knowledge()

    @open311("GET", f"{BASE}/discovery.{FORM}", "platform:read")
    def discovery(self, call: Open311Call, form: str) -> Response:
        """Where the endpoint is, in which formats, and whom to ask."""
        told: Open311Settings = self.known.settings
        return answer(form, "discovery", discovery.discovery(told, told.url or call.request.host_url.rstrip("/")))

    @open311("GET", f"{BASE}/services.{FORM}", "registers:read")
    def services(self, call: Open311Call, form: str) -> Response:
        """Every category in which one can file."""
        known = self._known(call)[0]
        return answer(form, "services", services.services(known, call.language))

    @open311("GET", f"{BASE}/services/<code>.{FORM}", "registers:read")
    def definition(self, call: Open311Call, code: str, form: str) -> Response:
        """What a service asks: its questions as attributes; an empty list where there are none."""
        known = self._known(call)[0]
        return answer(form, "service_definition", services.definition(known.service(code), call.language))

    @open311("POST", f"{BASE}/requests.{FORM}", "issues:file")
    def file_request(self, call: Open311Call, form: str) -> Response:
        """File a request.

        One of lat and long, address_id or address_string says where. The notice has the secret by which its filer follows.
        """
        known, jurisdiction = self._known(call)
        category = known.service(filing.service_code(call.params))
        body = filing.body_of(call.params, category, known.places)
        self._demand_inside(body, known, jurisdiction)
        filed = self.ask.file(call.caller, filing.key_of(call), body)
        return answer(form, "service_requests", [filing.receipt(filed, category["confidential"], call.language)])

    @open311("GET", f"{BASE}/requests.{FORM}", "issues:read", seconds=SECONDS, cost="heavy")
    def list_requests(self, call: Open311Call, form: str) -> Response:
        """Requests, the newest first.

        Ids override all else. Of the last 90 days where no dates are named; the header Link leads on.
        """
        known, found, headers = self._list(call)
        more = call.params.one("extensions").lower() == "true"
        rows = [requests.request_of(issue, known, call.language, more) for issue in found]
        return answer(form, "service_requests", rows, headers=headers)

    @open311("GET", f"{BASE}/bulk.<any(csv,json):form>", "issues:read", seconds=SECONDS, cost="heavy")
    def bulk(self, call: Open311Call, form: str) -> Response:
        """Requests in the columns of the bulk format.

        In CSV a text that a spreadsheet would run as a formula has an apostrophe in front.
        """
        known, found, headers = self._list(call)
        rows = [requests.bulk_of(issue, known, call.language) for issue in found]
        if form == "json":
            return answer(form, "requests", {"requests": rows}, headers=headers)
        return Response(csv_of(requests.COLUMNS, rows), 200, headers, content_type=TYPES["csv"])

    @open311("GET", f"{BASE}/requests/<code>.{FORM}", "issues:read")
    def read_request(self, call: Open311Call, code: str, form: str) -> Response:
        """One request."""
        known, jurisdiction = self._known(call)
        more = call.params.one("extensions").lower() == "true"
        return answer(form, "service_requests", [
            requests.request_of(self._issue(code, jurisdiction), known, call.language, more)])

    @open311("GET", f"{BASE}/tokens/<token>.{FORM}", "issues:read")
    def token(self, call: Open311Call, token: str, form: str) -> Response:
        """No token is ever given, because an id is there at once; who asks with an id gets it."""
        found = self._issue(token, self._known(call)[1])
        return answer(form, "service_requests", [{"service_request_id": found["tracking_code"], "token": token}])

    @open311("GET", f"{BASE}/servicerequestupdates.{FORM}", "issues:read", seconds=SECONDS, cost="heavy")
    def list_updates(self, call: Open311Call, form: str) -> Response:
        """What has become of requests: each change of a status, of the last day where no dates are named."""
        jurisdiction = self._known(call)[1]
        query = updates.window(call.params, now()) | ({"territory": jurisdiction} if jurisdiction else {})
        found, cursor = listing.read(lambda asked: self.ask.issues.get("/updates", PUBLIC, asked), query,
                                     call.params.one("cursor"), listing.MOST)
        rows = [updates.update_of(change, call.language) for change in found]
        return answer(form, "service_request_updates", rows, headers=listing.link(
            call.request.path, call.params, cursor, **updates.dates(query)))

    @open311("POST", f"{BASE}/servicerequestupdates.{FORM}", "tasks:move")
    def take_update(self, call: Open311Call, form: str) -> Response:
        """What an agency says of its work on a request.

        The same update_id again has no second effect.
        """
        agency, (request, update, meant) = call.caller, updates.named(call.params)
        task = updates.task_of(self._issue(request, self._known(call)[1]), agency.subject)
        for move, body in updates.steps(task["state"], meant, call.params).items():
            self.ask.issues.post(f"/tasks/{task['id']}/{move}", agency, body,
                                 headers={"Idempotency-Key": f"open311-{update}-{move}"})
        return answer(form, "service_request_updates", [{"update_id": update}])

    def _known(self, call: Open311Call) -> tuple[Registers, str | None]:
        """The registers, and the jurisdiction that is asked about. Raises NotFound, Malformed."""
        known = self.known.registers()
        return known, known.jurisdiction(call.params)

    def _list(self, call: Open311Call) -> tuple[Registers, list[dict[str, Any]], dict[str, str]]:
        known, jurisdiction = self._known(call)
        query = requests.asked_for(call.params, jurisdiction, now())
        found, cursor = listing.page(lambda asked: self.ask.issues.get("/issues", PUBLIC, asked), query, call.params)
        return known, found, listing.link(call.request.path, call.params, cursor, **requests.dates(query))

    def _issue(self, code: str, jurisdiction: str | None) -> dict[str, Any]:
        """Of confidential issues none. Raises NotFound."""
        query = {"code": code.replace(",", " ")} | ({"territory": jurisdiction} if jurisdiction else {})
        return requests.the_one(self.ask.issues.get("/issues", PUBLIC, query)["items"])

    def _demand_inside(self, body: dict[str, Any], known: Registers, jurisdiction: str | None) -> None:
        """Raises Malformed for a place outside the jurisdiction that is named."""
        if jurisdiction is None:
            return
        if code := body.get("neighbourhood"):
            inside = known.places.is_in(code, jurisdiction)
        else:
            point = {name: repr(value) for name, value in body["point"].items()}
            inside = jurisdiction in [place["code"] for place in self.ask.registry.get("/locate", PUBLIC, point)["path"]]
        if not inside:
            raise Malformed("outside_jurisdiction", "این جا در محدودهٔ jurisdiction_id نیست.",
                            "This place is not in the jurisdiction_id that is named.")
