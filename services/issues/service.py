"""`issues` as nameko runs it: dependencies, then what can be asked, then what is heard. No logic."""
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider

from chassis.clock import now
from chassis.consume import consumes
from chassis.http_server import Call, http
from chassis.logs import get
from contracts.agencies import Answer
from contracts.envelope import Received
from contracts.errors import Problem, Unavailable
from contracts.registry import PersonErased
from services.issues import atlas, coverage, explaining, forgetting, settings, use_cases
from services.issues.cases import casework
from services.issues.cases.shown import READ
from services.issues.cases.surface import Cases
from services.issues.deciding import Deciding
from services.issues.documents import OUTBOXES, issue_store
from services.issues.explained import RoutingReportQuery, RoutingReportSchema, TriedRoutingSchema
from services.issues.filing import Desk, Filing
from services.issues.finding import lists, updates
from services.issues.finding.queries import IssuesQuery, UpdatesQuery, WorkListQuery
from services.issues.finding.shown import IssuesPageSchema, UpdatesPageSchema, WorkListsSchema, WorkPageSchema
from services.issues.neighbours.duplicates import with_original
from services.issues.neighbours.following import Following
from services.issues.neighbours.marking import Marking
from services.issues.neighbours.messages import Conversation
from services.issues.neighbours.surface import Neighbours
from services.issues.schemas import FilingSchema, TryRoutingSchema
from services.issues.shown import IssueIdSchema, ReceiptSchema
from services.issues.sweeping import Sweeper
from services.issues.working import Working

HELPERS = 2  # that sweep besides
SWEEP, RECKONING = 2.0, 0.2  # seconds between sweeps that found nothing, between rounds of reckoning anew
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
        self.following = Following(self.commands, found.filer_secret)
        self.marking = Marking(self.commands, self.following, self.atlas)
        self.conversation = Conversation(self.commands)
        self.casework = casework.CaseWork(self.commands)
        self.sweeper = Sweeper(store, self.atlas)

    def start(self) -> None:
        self.container.spawn_managed_thread(self._watch_outbox)
        self.container.spawn_managed_thread(self._sweep)
        for _ in range(HELPERS):
            self.container.spawn_managed_thread(self._help_to_sweep)

    def _watch_outbox(self) -> None:
        while True:
            try:
                self.full = OUTBOXES[0].waiting(self.cap) >= self.cap
            except Exception as error:  # the database is away; filing says so itself
                log.warning("the outbox could not be counted", error=type(error).__name__)
            eventlet.sleep(2)

    def _sweep(self) -> None:
        """Sweeps on while there is something; then, a few at a time, reckons anew what a changed register moved."""
        while True:
            try:
                while self.sweeper.sweep(now()):
                    eventlet.sleep()
                busy = self.sweeper.reckon_anew(now()) + casework.hide_what_was_left(now())
            except Exception as error:  # the database is away; whoever asks is told so
                log.warning("a sweep was cut short", error=type(error).__name__)
                busy = 0
            eventlet.sleep(RECKONING if busy else SWEEP)

    def _help_to_sweep(self) -> None:
        """Sweeps besides, so that one waits for the database while another reckons."""
        while True:
            try:
                while self.sweeper.sweep(now()):
                    eventlet.sleep()
            except Exception as error:  # the database is away; the first of them says so
                log.debug("a sweep was cut short", error=type(error).__name__)
            eventlet.sleep(SWEEP)

    def get_dependency(self, worker_ctx: Any) -> "IssuesProvider":
        return self


class Service(Deciding, Working, Neighbours, Cases):
    name = "issues"
    issues = IssuesProvider()

    @http("POST", "/filings", "platform:serve", max_body=JOINED, takes=FilingSchema, gives=ReceiptSchema, status=201)
    def file(self, call: Call) -> dict[str, Any]:
        """File an issue. It goes to the agency that the routing rules name; where none does, a secretary routes it by
        hand.

        The answer holds the tracking code and, this once, the secret by which its filer is known. Refused with 422:
        `unknown_category`, `unknown_neighbourhood`, `outside` (the point lies in no known neighbourhood),
        `bad_answers`.
        """
        if self.issues.full:
            raise outbox_full()
        filings = [Filing(item["caller"], item["key"], item["body"], item.get("trace")) for item in call.json()["filings"]]
        return {"outcomes": [{"problem": outcome.as_json()} if isinstance(outcome, Problem) else {"issue": outcome}
                             for outcome in self.issues.desk.file(filings, now())]}

    @http("GET", "/issues", "issues:read", asks=IssuesQuery, gives=IssuesPageSchema)
    def list_issues(self, call: Call) -> dict[str, Any]:
        """Find issues. Anybody finds those that are public; a secretary the confidential ones of their place too,
        masked; a resident who has signed in, with `mine`, all of their own.

        All filters are joined by "and". Refused with 400: `bad_combination` (a filter that does not go with this
        `sort`), `cursor_of_another_list`, `bad_…` of a parameter.
        """
        return lists.listed(call.query, call.caller, self.issues.atlas)

    @http("GET", "/worklists", "issues:worklists", asks=(), gives=WorkListsSchema)
    def work_lists(self, call: Call) -> dict[str, Any]:
        """The work lists of whoever asks. Which there are depends on the role."""
        return lists.work_lists(call.caller)

    @http("GET", "/worklists/<name>", "issues:worklists", asks=WorkListQuery, gives=WorkPageSchema)
    def work_list(self, call: Call, name: str) -> dict[str, Any]:
        """A work list, each item with why it waits. Agencies get their tasks, all others issues.

        404 for a name that there is not, 403 `not_allowed` for a list of another role. `territory` is a secretary's to
        name.
        """
        return lists.work_list(name, call.query, call.caller, self.issues.atlas)

    @http("GET", "/issues/<ref>", "issues:read", asks=(), gives=READ)
    def look(self, call: Call, ref: str) -> dict[str, Any]:
        """Read an issue. What is shown depends on who asks: everybody reads what is public, its filer and those who
        keep order its story too; of a confidential issue each their part, and each reading is written down.

        404 also for a wrong `Issue-Secret`, and for a confidential issue that one may not know of.
        """
        return with_original(use_cases.look(ref, call.caller, call.headers.get("Issue-Secret")))

    @http("GET", "/issues/<ref>/id", "deliveries:read", asks=(), gives=IssueIdSchema)
    def id_of(self, call: Call, ref: str) -> dict[str, Any]:
        """The id of an issue, for whoever may know to whom it was told."""
        return {"id": use_cases.named(ref, call.caller, "deliveries:read")["_id"]}

    @http("GET", "/updates", "issues:read", asks=UpdatesQuery, gives=UpdatesPageSchema)
    def updates(self, call: Call) -> dict[str, Any]:
        """What has become of issues, in the order in which they changed. Of up to `limit` issues all changes in the
        span.
        """
        return updates.updates(call.query)

    @http("GET", "/issues/<ref>/contact", "platform:serve")
    def contact(self, call: Call, ref: str) -> dict[str, Any]:
        return use_cases.contact_of(ref, call.caller)

    @http("POST", "/routing/try", "routing:try", takes=TryRoutingSchema, gives=TriedRoutingSchema)
    def try_routing(self, call: Call) -> dict[str, Any]:
        """Try where an issue would go, and why. Nothing is filed or saved; rules that are not saved yet may be tried too.

        Refused with 422 as filing is, and with `unknown_…` for a rule that names what there is not.
        """
        return explaining.try_routing(call.json(), call.caller, self.issues.atlas)

    @http("GET", "/routing/report", "routing:try", asks=RoutingReportQuery, gives=RoutingReportSchema)
    def routing_report(self, call: Call) -> dict[str, Any]:
        """What the routing rules leave open, and where they contradict each other. Holes: a category and a
        neighbourhood that route nowhere. Overlaps: two rules that may fit the same issue and name different agencies.
        """
        return coverage.report(self.issues.atlas.current(), call.query, call.caller.subject)

    @consumes("issues.registry")
    def on_registry(self, batch: list[Received]) -> None:
        atlas.learn(batch)
        for received in batch:
            if isinstance(received.happened, PersonErased):
                forgetting.forget(self.issues.commands, received.happened)

    @consumes("issues.answers")
    def on_answers(self, batch: list[Received]) -> None:
        for received in batch:
            if isinstance(received.happened, Answer):
                self.issues.commands.take(received.id, received.key, received.happened)


