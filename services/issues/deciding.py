"""What people decide of an issue, as HTTP: its filer, the volunteers of its neighbourhood, the secretary."""
from datetime import datetime
from typing import Any

from chassis.http_server import Call, http
from chassis.validation import load
from contracts.errors import NotAllowed, not_found
from services.issues.life.command import command_of, given
from services.issues.life.moves import CASE_WORKER, MANAGER, SECRETARY
from services.issues.model import Actor, Issue
from services.issues.schemas import AssignSchema, ConfirmSchema, MoveSchema, PrioritySchema, ReasonSchema, Strict
from services.issues.use_cases import Decision, by_ref, shown

SECRETARYS = "<any(cancel,defer,extend,decline,resume,redo):action>"


class Deciding:
    issues: Any  # service.IssuesProvider, which imports this

    @http("POST", "/issues/<ref>/confirm", "issues:answer")
    def confirm(self, call: Call, ref: str) -> dict[str, Any]:
        if call.headers.get("Issue-Secret") is None and call.caller.role == MANAGER:
            return self._nearby(call, ref, "confirm", self._manager_confirms(call))
        body = load(ConfirmSchema(), call.json())
        return self._as_filer(call, ref, "confirm", body,
                              lambda issue, at: issue.confirm(body["satisfaction"], body.get("words"), at))

    def _manager_confirms(self, call: Call) -> Decision:
        """Satisfaction is the filer's to give; whose place it is, is asked first."""

        def decide(issue: Issue, at: datetime) -> None:
            load(Strict(), call.json())
            issue.confirm(None, None, at, _actor(call))

        return decide

    @http("POST", "/issues/<ref>/not-fixed", "issues:answer")
    def not_fixed(self, call: Call, ref: str) -> dict[str, Any]:
        reason = load(ReasonSchema(), call.json())["reason"]
        if call.headers.get("Issue-Secret") is None and call.caller.role in (MANAGER, SECRETARY):
            return self._nearby(call, ref, "not-fixed", lambda issue, at: issue.not_fixed(reason, at, _actor(call)), reason)
        return self._as_filer(call, ref, "not-fixed", reason, lambda issue, at: issue.not_fixed(reason, at))

    @http("POST", "/issues/<ref>/withdraw", "issues:answer")
    def withdraw(self, call: Call, ref: str) -> dict[str, Any]:
        reason = load(ReasonSchema(), call.json())["reason"]
        return self._as_filer(call, ref, "withdraw", reason, lambda issue, at: issue.withdraw(reason, at))

    @http("POST", "/issues/<ref>/check", "issues:check")
    def check(self, call: Call, ref: str) -> dict[str, Any]:
        load(Strict(), call.json())
        return self._nearby(call, ref, "check", lambda issue, at: issue.check(_actor(call), at))

    @http("POST", "/issues/<ref>/reject", "issues:decide")
    def reject(self, call: Call, ref: str) -> dict[str, Any]:
        reason = load(ReasonSchema(), call.json())["reason"]
        return self._nearby(call, ref, "reject", lambda issue, at: issue.reject(reason, _actor(call), at), reason)

    @http("POST", "/issues/<ref>/prioritise", "issues:decide")
    def prioritise(self, call: Call, ref: str) -> dict[str, Any]:
        said = load(PrioritySchema(), call.json())
        return self._nearby(call, ref, "prioritise", lambda issue, at: issue.prioritise(
            said["priority"], said["reason"], _actor(call), at), said)

    @http("POST", "/issues/<ref>/assign", "issues:assign")
    def assign(self, call: Call, ref: str) -> dict[str, Any]:
        said = load(AssignSchema(), call.json())
        decision = self.issues.commands.offering(said, _actor(call))
        return self._nearby(call, ref, "assign", decision, said)

    @http("POST", f"/issues/<ref>/tasks/<task>/{SECRETARYS}", "issues:decide")
    def move_task(self, call: Call, ref: str, task: str, action: str) -> dict[str, Any]:
        by = call.caller
        said = load(MoveSchema(), call.json())
        return shown(self.issues.commands.move(ref, task, action, Actor(by.role, by.subject), said,
                                               command_of(call, action, task, given(said))))

    def _as_filer(self, call: Call, ref: str, action: str, asked: Any, decide: Decision) -> dict[str, Any]:
        return shown(self.issues.commands.as_filer(ref, call.headers.get("Issue-Secret"),
                                                   command_of(call, action, asked), decide))

    def _nearby(self, call: Call, ref: str, action: str, decide: Decision, asked: Any = None) -> dict[str, Any]:
        """A decision of somebody who holds an office; only a secretary's reaches beyond their own place."""

        def in_their_place(issue: Issue) -> None:
            if call.caller.role != SECRETARY and call.caller.subject not in issue.place:
                raise not_found()
            if issue.confidential and call.caller.role not in (SECRETARY, CASE_WORKER):
                raise not_found()
            if call.caller.role == CASE_WORKER and not issue.confidential:
                raise NotAllowed("not_a_case", "این مسئله محرمانه نیست؛ دبیرخانه آن را می‌سپارد.",
                                 "This is no confidential case; the secretariat assigns it.")

        return shown(self.issues.commands.decide(by_ref(ref), command_of(call, action, asked), decide, in_their_place))


def _actor(call: Call) -> Actor:
    return Actor(call.caller.role, call.caller.subject)
