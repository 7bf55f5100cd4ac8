"""`issues` as nameko runs it: dependencies, then what can be asked, then what is heard. No logic."""
import uuid
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider

from chassis.caller import demand
from chassis.clock import now
from chassis.consume import consumes
from chassis.http_server import Call, http
from chassis.logs import get
from chassis.validation import load
from contracts.agencies import Answer
from contracts.envelope import Received
from contracts.errors import Problem, Unavailable
from services.issues import atlas, coverage, explaining, lists, settings, use_cases
from services.issues.codes import fingerprint
from services.issues.command import Command
from services.issues.documents import OUTBOXES, issue_store
from services.issues.filing import Desk, Filing
from services.issues.model import Actor
from services.issues.schemas import (
    AssignSchema,
    ConfirmSchema,
    MoveSchema,
    NotFixedSchema,
    WithdrawSchema,
)
from services.issues.use_cases import shown

JOINED = 8 * 1024 * 1024  # bytes of one joined call of filings
log = get(__name__)


def outbox_full() -> Unavailable:
    return Unavailable("outbox_full", "پیام‌های فرستاده‌نشده زیاد شده است. چند دقیقه بعد دوباره تلاش کنید.",
                       "Too many events wait for the broker. Try again in a few minutes.", retry_after=60)


class IssuesProvider(DependencyProvider):
    """What the service's methods need: the desk, the commands, and whether the outbox has room."""

    def setup(self) -> None:
        found = settings.read()
        self.atlas, self.cap, self.full = atlas.Atlas(), found.outbox_cap, False
        store = issue_store()
        self.desk = Desk(store, self.atlas, found.filer_secret)
        self.commands = use_cases.Commands(store, self.atlas)

    def start(self) -> None:
        self.container.spawn_managed_thread(self._watch_outbox)

    def _watch_outbox(self) -> None:
        while True:
            try:
                self.full = OUTBOXES[0].waiting(self.cap) >= self.cap
            except Exception as error:  # the database is away; filing says so itself
                log.warning("the outbox could not be counted", error=type(error).__name__)
            eventlet.sleep(2)

    def get_dependency(self, worker_ctx: Any) -> "IssuesProvider":
        return self


def command_of(call: Call, *asked: Any) -> Command:
    """What is asked of an issue, under the caller's Idempotency-Key, which the gateway passes on or made."""
    key = call.headers.get("Idempotency-Key") or uuid.uuid4()
    return Command(f"{call.caller.id}|{key}", fingerprint(asked))


class Service:
    name = "issues"
    issues = IssuesProvider()

    @http("POST", "/filings", max_body=JOINED)
    def file(self, call: Call) -> dict[str, Any]:
        demand(call.caller, "service")
        if self.issues.full:
            raise outbox_full()
        filings = [Filing(item["caller"], item["key"], item["body"], item.get("trace")) for item in call.json()["filings"]]
        return {"outcomes": [{"problem": outcome.as_json()} if isinstance(outcome, Problem) else {"issue": outcome}
                             for outcome in self.issues.desk.file(filings, now())]}

    @http("GET", "/issues")
    def list_issues(self, call: Call) -> dict[str, Any]:
        return lists.listed(call.query, secretary=call.caller.role == "secretary")

    @http("GET", "/issues/<ref>")
    def look(self, call: Call, ref: str) -> dict[str, Any]:
        return use_cases.look(ref, call.caller, call.headers.get("Issue-Secret"))

    @http("GET", "/issues/<ref>/contact")
    def contact(self, call: Call, ref: str) -> dict[str, Any]:
        return use_cases.contact_of(ref, demand(call.caller, "service"))

    @http("POST", "/issues/<ref>/confirm")
    def confirm(self, call: Call, ref: str) -> dict[str, Any]:
        body = load(ConfirmSchema(), call.json())
        return shown(self.issues.commands.as_filer(
            ref, call.headers.get("Issue-Secret"), command_of(call, "confirm", body),
            lambda issue, at: issue.confirm(body["satisfaction"], body.get("words"), at)))

    @http("POST", "/issues/<ref>/not-fixed")
    def not_fixed(self, call: Call, ref: str) -> dict[str, Any]:
        body = load(NotFixedSchema(), call.json())
        return shown(self.issues.commands.as_filer(
            ref, call.headers.get("Issue-Secret"), command_of(call, "not-fixed", body),
            lambda issue, at: issue.not_fixed(body["reason"], at)))

    @http("POST", "/issues/<ref>/withdraw")
    def withdraw(self, call: Call, ref: str) -> dict[str, Any]:
        body = load(WithdrawSchema(), call.json())
        return shown(self.issues.commands.as_filer(
            ref, call.headers.get("Issue-Secret"), command_of(call, "withdraw", body),
            lambda issue, at: issue.withdraw(body.get("reason"), at)))

    @http("POST", "/issues/<ref>/assign")
    def assign(self, call: Call, ref: str) -> dict[str, Any]:
        by = demand(call.caller, "secretary")
        body = load(AssignSchema(), call.json())
        return shown(self.issues.commands.assign(ref, body["agency"], body.get("reason"),
                                                 Actor("secretary", by.subject), command_of(call, "assign", body)))

    @http("POST", "/issues/<ref>/tasks/<task>/cancel")
    def cancel(self, call: Call, ref: str, task: str) -> dict[str, Any]:
        by = demand(call.caller, "secretary")
        body = load(MoveSchema(), call.json())
        return shown(self.issues.commands.cancel(ref, task, body.get("reason"), Actor("secretary", by.subject),
                                                 command_of(call, "cancel", task, body)))

    @http("POST", "/routing/try")
    def try_routing(self, call: Call) -> dict[str, Any]:
        demand(call.caller, "secretary")
        return explaining.try_routing(call.json(), self.issues.atlas)

    @http("GET", "/routing/report")
    def routing_report(self, call: Call) -> dict[str, Any]:
        demand(call.caller, "secretary")
        return coverage.report(self.issues.atlas.current(), call.query)

    @http("GET", "/tasks")
    def tasks(self, call: Call) -> dict[str, Any]:
        return lists.tasks_of(demand(call.caller, "agency").subject, call.query)

    @http("GET", "/tasks/<task>")
    def task(self, call: Call, task: str) -> dict[str, Any]:
        return lists.task_of(demand(call.caller, "agency").subject, task)

    @http("POST", "/tasks/<task>/<any(accept,refuse,start,finish):action>")
    def answer(self, call: Call, task: str, action: str) -> dict[str, Any]:
        agency = demand(call.caller, "agency").subject
        body = load(MoveSchema(), call.json())
        self.issues.commands.answer(task, action, agency, command_of(call, action, task, body), body.get("reason"),
                                    body.get("text"))
        return lists.task_of(agency, task)

    @consumes("issues.registry")
    def on_registry(self, batch: list[Received]) -> None:
        atlas.learn(batch)

    @consumes("issues.answers")
    def on_answers(self, batch: list[Received]) -> None:
        for received in batch:
            if isinstance(received.happened, Answer):
                self.issues.commands.take(received.id, received.key, received.happened)


