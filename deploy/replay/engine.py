"""Every request through the engine, with the city's own deadline, on a clock that goes from one moment to the next.

    opened   filed, offered with the city's deadline as a promised one, and accepted at once: the file knows no acceptance
    closed   finished; nobody says anything then, and so it is closed by silence
    due      whatever falls due by itself, when the issue says so, in time order over all issues, as the sweeper does it

Of one moment a finish comes before what falls due. Nothing is stored here; each decision counts as one saved version.
"""
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from deploy.replay.rows import Request
from services.issues.life.circumstances import Circumstances
from services.issues.life.moves import AGENCY, ROUTER
from services.issues.life.terms import Terms
from services.issues.model import Actor, Assignee, Issue

OPENED, CLOSED, DUE = range(3)
ACCEPT_HOURS, FINISH_HOURS = 8, 40  # working hours; the latter is never reckoned with, every deadline is promised
CITY = "replayed"
Moment = tuple[datetime, int, int]  # when, which of the three, the number of the request


class Replay:
    """`issues` by the number of their request; `played`: entry of the timeline → how many of it; `escalated`: the requests
    of which it was told that nobody finished in time."""

    def __init__(self, requests: list[Request], around: Circumstances) -> None:
        self.issues: dict[int, Issue] = {}
        self.played: Counter[str] = Counter()
        self.escalated: set[int] = set()
        self._requests, self._around = requests, around
        self._agenda: list[Moment] = [(request.opened, OPENED, number) for number, request in enumerate(requests)]
        self._agenda += [(request.closed, CLOSED, number) for number, request in enumerate(requests) if request.closed]
        heapify(self._agenda)

    @property
    def ends(self) -> datetime:
        """When everything in the file has happened, and silence has closed what was finished last."""
        silence = timedelta(days=self._around.procedure.silence_days)
        return max(max(each.opened, each.closed or each.opened) for each in self._requests) + silence

    def play(self, advance: Callable[[], None] = lambda: None) -> None:
        """To its end. `advance` is called for each request that is opened."""
        ends = self.ends
        clock = self._agenda[0][0]
        while self._agenda and self._agenda[0][0] <= ends:
            at, what, number = heappop(self._agenda)
            clock = max(clock, at)  # a deadline may lie before its request
            self._happen(what, number, clock, due_at=at)
            if what == OPENED:
                advance()

    def _happen(self, what: int, number: int, at: datetime, due_at: datetime) -> None:
        if what == OPENED:
            self.issues[number] = self._open(number)
        elif what == CLOSED:
            self._close(self.issues[number], at)
        elif self.issues[number].next_due_at != due_at or not self.issues[number].catch_up(at):
            return  # it was finished, or looked at, since that was so
        self._saved(number)

    def _open(self, number: int) -> Issue:
        request, kind = self._requests[number], self._requests[number].kind
        issue = Issue(
            id=str(number), tracking_code=str(number), secret_hash="", filed_by=CITY, request_hash="", category=kind,
            category_name=kind, confidential=False, neighbourhood=str(number), neighbourhood_name=CITY,
            place=[CITY, str(number)], text=kind, filed_at=request.opened, updated_at=request.opened,
            accept_hours=ACCEPT_HOURS, finish_hours=FINISH_HOURS, around=self._around)
        issue.file()
        terms = Terms(ACCEPT_HOURS, FINISH_HOURS, self._around.calendar)
        issue.offer(Assignee(kind, queued=False, terms=terms), Actor(ROUTER), request.opened, promised=request.target)
        issue.move(issue.tasks[0].id, "accept", Actor(AGENCY, kind), request.opened)
        return issue

    def _close(self, issue: Issue, at: datetime) -> None:
        issue.move(issue.tasks[0].id, "finish", Actor(AGENCY, issue.category), at, text="Closed by the city.")

    def _saved(self, number: int) -> None:
        issue = self.issues[number]
        self.played.update(entry["action"] for entry in issue.moved)
        if issue.tasks[0].steps_finish:
            self.escalated.add(number)
        issue.version += 1
        issue.moved, issue.recorded = [], []
        if issue.next_due_at:
            heappush(self._agenda, (issue.next_due_at, DUE, number))
