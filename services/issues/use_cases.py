"""What can be asked of `issues`, one short function each: load, one decision of the model, save.

`ref` is an issue's id or tracking code. Every command carries an id of its own (`command`): repeated, it has no second
effect. All raise Unavailable when the database does not answer.
"""
from collections.abc import Callable
from datetime import datetime
from typing import Any

from chassis.caller import Caller
from chassis.clock import now
from chassis.store import Store, answering
from chassis.validation import bad_field, load
from contracts import envelope
from contracts.agencies import Answer, AnswerRefused, AnswerTaken
from contracts.errors import NotAllowed, Problem, not_found
from contracts.issues import IssueRestated
from contracts.schema import instant
from services.issues.atlas import Atlas
from services.issues.cases import showing
from services.issues.codes import fingerprint, read_code
from services.issues.documents import IssueDocument, StrayAnswer, entry_of
from services.issues.filing import route
from services.issues.life.command import Command
from services.issues.life.demands import demand
from services.issues.life.moves import AGENCY_ACTIONS
from services.issues.model import Actor, Issue, Recorded
from services.issues.rights import FILER, OPEN, SIGHT, demand_hand, demand_proof, demand_sight, is_filer
from services.issues.routing import Map, in_force
from services.issues.schemas import MoveSchema, issue_json

Decision = Callable[[Issue, datetime], None]
Said = dict[str, Any]  # a body that a schema has read


def by_ref(ref: str) -> dict[str, Any]:
    """The query for what somebody typed."""
    code = read_code(ref)
    return {"tracking_code": code} if code else {"_id": ref}


def find(ref: str) -> dict[str, Any] | None:
    """The stored issue; `rights` says who may see it."""
    with answering():
        found: dict[str, Any] | None = IssueDocument._get_collection().find_one(by_ref(ref), {"outbox": 0})
    return found


def look(ref: str, caller: Caller, secret: str | None) -> dict[str, Any]:
    """An issue as this caller may read it. A wrong secret is answered as a wrong code is: NotFound."""
    found = find(ref)
    return showing.show(caller, found, is_filer(caller, secret, found))


def named(ref: str, by: Caller, deed: str) -> dict[str, Any]:
    """An issue as far as rights need it, of which this caller may do so: asked before it is opened, so that what is hidden
    costs no more time than what is not there. Raises NotFound, and as `rights.demand_hand` does."""
    with answering():
        found = IssueDocument._get_collection().find_one(by_ref(ref), SIGHT)
    if found is None:
        raise not_found()
    demand_hand(by, deed, found["place"], found["confidential"])
    return dict(found)


def shown(issue: Issue) -> dict[str, Any]:
    """A changed issue as its changer may read it; of a confidential one its id and status."""
    if issue.confidential:
        return {"id": issue.id, "status": issue.status, "version": issue.version, "confidential": True}
    return issue_json(find(issue.id) or {})


def contact_of(issue_id: str, asking: Caller) -> dict[str, str]:
    """The filer's address, for whoever must send something. Empty when none was left. Raises NotFound, also of a case."""
    with answering():
        found = IssueDocument._get_collection().find_one({"_id": issue_id}, {"contact": 1, **SIGHT})
    demand_sight(asking, found, OPEN)
    return dict((found or {})["contact"] or {})


def demand_agency(code: str, known: Map) -> None:
    """Raises Invalid where there is no such agency, or none any more."""
    found = known.agency.get(code)
    if found is None:
        raise bad_field("/agency", "unknown_agency", "این دستگاه شناخته نیست؛ /v1/agencies فهرست آن‌هاست.",
                        "Unknown agency; /v1/agencies lists them.")
    if not in_force(found):
        raise bad_field("/agency", "agency_not_in_force",
                        f"دستگاه «{found['name_fa']}» ({code}) اکنون برقرار نیست؛ یکی از /v1/agencies را بنویسید.",
                        f"The agency {code} is not in force now; write one that /v1/agencies lists.")


def moving(said: Said) -> Said:
    """What of it a move takes."""
    return {name: said.get(name) for name in ("reason", "text", "for_whom", "until", "photograph")}


class Commands:
    """Everything that changes an issue after it was filed."""

    def __init__(self, store: Store[Issue], atlas: Atlas) -> None:
        self._store, self._atlas = store, atlas

    def decide(self, query: dict[str, Any], command: Command, decide: Decision,
               guard: Callable[[Issue], None] = lambda issue: None) -> Issue:
        """One decision, once: repeated under the same command, it has no second effect."""

        def once(issue: Issue, at: datetime) -> bool:
            guard(issue)
            if issue.carried_out(command):
                return False
            command.condition.demand(issue.version)
            decide(issue, at)
            issue.sign(command.by, command.account)
            return True

        return self.change(query, once)

    def has_done(self, issue_id: str, command: Command) -> bool:
        """Whether this command was carried out before, so that what it demanded then need not hold now."""
        issue = self._store.find(_id=issue_id)
        return issue is not None and {"id": command.id, "asks": command.asks} in issue.commands

    def change(self, query: dict[str, Any], decide: Callable[[Issue, datetime], bool]) -> Issue:
        """A decision that needs no command, since done twice it changes nothing. `decide` is False: nothing to save."""

        def once(issue: Issue) -> bool:
            issue.around = self._atlas.current().circumstances(issue.category, issue.place)
            return decide(issue, now())

        return self._store.change(query, once)

    def as_filer(self, ref: str, caller: Caller, secret: str | None, command: Command, decide: Decision) -> Issue:
        """A decision of the filer. Raises Unauthenticated without proof, NotFound where it proves another."""
        demand_proof(caller, secret)
        with answering():
            found = IssueDocument._get_collection().find_one(by_ref(ref), FILER)
        if not is_filer(caller, secret, found) or found is None:
            raise not_found()
        return self.decide({"_id": found["_id"]}, command, decide)

    def as_office(self, ref: str, caller: Caller, deed: str, command: Command, decide: Decision) -> Issue:
        """A decision of somebody who holds an office where the issue lies. Raises as `named` does."""
        return self.decide({"_id": named(ref, caller, deed)["_id"]}, command, decide,
                           lambda issue: demand_hand(caller, deed, issue.place, issue.confidential))

    def offering(self, said: Said, by: Actor) -> Decision:
        """An agency is offered the issue, or a part of it, by hand; `binding`: by the headquarters, of a disputed issue.

        The decision raises Invalid for an agency that is not there now, Refused where that has a task already.
        """
        known = self._atlas.current()

        def decide(issue: Issue, at: datetime) -> None:
            demand_agency(said["agency"], known)
            to = known.assignee(said["agency"], issue.category, issue.place, issue.priority)
            if said["binding"]:
                issue.decide(to, by, at, said["reason"])
            else:
                issue.offer(to, by, at, said["reason"], lead=not issue.has_lead(), part=said["part"])

        return decide

    def answer(self, task_id: str, action: str, agency: str, command: Command, said: Said) -> Issue:
        """A move of an agency on its task. What it refuses goes to the next rule that fits, in the same write."""

        def is_theirs(issue: Issue) -> None:
            issue.own(task_id, Actor("agency", agency))

        return self.decide({"tasks.id": task_id}, command, self._answering(task_id, action, agency, said), is_theirs)

    def _answering(self, task_id: str, action: str, agency: str, said: Said) -> Decision:
        by = Actor("agency", agency)

        def decide(issue: Issue, at: datetime) -> None:
            if action == "refer":
                known = self._atlas.current()
                demand(said, "agency")
                demand_agency(said["agency"], known)
                to = known.assignee(said["agency"], issue.category, issue.place, issue.priority)
                issue.refer(task_id, to, by, at, said["reason"])
                return
            issue.move(task_id, action, by, at, **moving(said))
            if action == "refuse" and issue.task(task_id).lead:
                route(issue, self._atlas.current(), at)

        return decide

    def take(self, answer_id: str, agency: str, answer: Answer) -> None:
        """An answer that came over the agency's queue: carried out or refused, and told which, in one write.

        An answer too late, out of order or to somebody else's task is answered, never dead-lettered.
        """
        try:
            self._take_on(answer_id, agency, answer)
        except Problem as problem:
            if problem.status >= 500:
                raise
            self._stray(answer_id, _refused(answer_id, agency, answer, problem))

    def _take_on(self, answer_id: str, agency: str, answer: Answer) -> None:
        if answer.action not in AGENCY_ACTIONS:
            raise NotAllowed("move_not_yours", "چنین کاری در اختیار دستگاه نیست.",
                             f"An agency may {', '.join(AGENCY_ACTIONS)}.")
        said = load(MoveSchema(), {name: getattr(answer, name) for name in MoveSchema().fields} | {
            "until": instant(answer.until) if answer.until else None})
        carry_out = self._answering(answer.task_id, answer.action, agency, said)

        def decide(issue: Issue, at: datetime) -> None:
            issue.task(answer.task_id)
            carry_out(issue, at)
            state = issue.task(answer.task_id).state
            issue.answer_agency(AnswerTaken(answer_id, answer.task_id, agency, answer.action, state))

        self.decide({"tasks.id": answer.task_id}, Command(f"{agency}|{answer_id}", fingerprint(asked_in(answer))), decide)

    def _stray(self, answer_id: str, refusal: AnswerRefused) -> None:
        """Keeps a refusal with its event under the answer's id: told once, however often the answer comes."""
        at = now()
        told = envelope.entry(refusal, aggregate=f"answer:{refusal.agency}:{answer_id}", subject=refusal.task_id,
                              sequence=1, position=0, at=at, exchange="agencies.tasks", key=refusal.agency)
        with answering():
            StrayAnswer._get_collection().update_one(
                {"_id": f"{refusal.agency}:{answer_id}"},
                {"$setOnInsert": {"at": at, "version": 1, "outbox": [told]}}, upsert=True)


def asked_in(answer: Answer) -> Said:
    """What an answer asks, without the fields that it leaves empty: as it was reckoned before there were so many."""
    return {name: str(value) for name, value in vars(answer).items() if value is not None or name in ("reason", "text")}


def _refused(answer_id: str, agency: str, answer: Answer, problem: Problem) -> AnswerRefused:
    """With every wrong field in the reasons: a message has no list of errors."""
    fa, en = (" ".join([said, *(f"{each['pointer']}: {each[language]}" for each in problem.errors)])
              for language, said in (("fa", problem.fa), ("en", problem.en)))
    return AnswerRefused(answer_id, answer.task_id, agency, answer.action, None, problem.code, fa, en)


def restate(position: int) -> int:
    """Every issue tells its state again, for readers that start anew. Returns how many."""
    count = 0
    collection = IssueDocument._get_collection()
    for found in collection.find({}, {"version": 1}).batch_size(500):
        key = found["_id"]
        entry = entry_of(Recorded(IssueRestated(key), key), key, found["version"], position, now())
        collection.update_one({"_id": key}, {"$push": {"outbox": entry}})
        count += 1
    return count
