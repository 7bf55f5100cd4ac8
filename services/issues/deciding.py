"""What people decide of an issue, as HTTP: its filer, the volunteers of its neighbourhood, the secretary."""
from datetime import datetime
from typing import Any

from chassis.http_server import Call, http
from chassis.validation import load
from contracts.errors import NotAllowed
from services.issues.life.command import command_of, given
from services.issues.life.demands import demand, wrong
from services.issues.life.moves import CASE_WORKER, MANAGER, SECRETARY
from services.issues.model import Actor, Issue
from services.issues.said import BY_SECRETARY, GivenPrioritySchema, GivenReasonSchema, not_taken
from services.issues.schemas import AssignSchema, ConfirmSchema, MoveSchema, NothingSchema, PrioritySchema, ReasonSchema
from services.issues.shown import CHANGED
from services.issues.use_cases import Decision, moving, shown

SECRETARYS = "<any(cancel,defer,extend,decline,resume,redo):action>"
ANSWERS = ("defer", "extend", "decline")  # to what an agency asks for


class Deciding:
    issues: Any  # service.IssuesProvider, which imports this

    @http("POST", "/issues/<ref>/confirm", "issues:answer", takes=ConfirmSchema, gives=CHANGED)
    def confirm(self, call: Call, ref: str) -> dict[str, Any]:
        """Confirm that it is fixed. The filer says how satisfied they are; the neighbourhood's manager sends an empty
        object.

        It is closed by that, unless its category asks for a check by somebody else. 409 `not_done_yet`, `disputed`,
        `issue_ended`; 422 `satisfaction_needed`, `only_the_filers`; 404 for a wrong secret, 401 for none.
        """
        said = load(ConfirmSchema(), call.json())
        if call.headers.get("Issue-Secret") is None and call.caller.role == MANAGER:
            return self._as_office(call, ref, "confirm", "issues:answer", _manager_confirms(given(said), _actor(call)))
        return self._as_filer(call, ref, "confirm", given(said), _filer_confirms(said))

    @http("POST", "/issues/<ref>/not-fixed", "issues:answer", takes=GivenReasonSchema, gives=CHANGED)
    def not_fixed(self, call: Call, ref: str) -> dict[str, Any]:
        """Say that it is not fixed, and why. Every task that was done is at work again; no deadline begins anew.

        Of a closed issue only within the days in which it can be reopened: 409 `reopening_over`. 422 `reason_needed`.
        """
        reason = load(ReasonSchema(), call.json())["reason"]
        if call.headers.get("Issue-Secret") is None and call.caller.role in (MANAGER, SECRETARY):
            return self._as_office(call, ref, "not-fixed", "issues:answer",
                                   lambda issue, at: issue.not_fixed(reason, at, _actor(call)), reason)
        return self._as_filer(call, ref, "not-fixed", reason, lambda issue, at: issue.not_fixed(reason, at))

    @http("POST", "/issues/<ref>/withdraw", "issues:answer", takes=ReasonSchema, gives=CHANGED)
    def withdraw(self, call: Call, ref: str) -> dict[str, Any]:
        """Withdraw an issue, as its filer. Open tasks are cancelled. 409 `issue_ended`; 404 for a
        wrong secret, 401 for none."""
        reason = load(ReasonSchema(), call.json())["reason"]
        return self._as_filer(call, ref, "withdraw", reason, lambda issue, at: issue.withdraw(reason, at))

    @http("POST", "/issues/<ref>/check", "issues:check", takes=NothingSchema, gives=CHANGED)
    def check(self, call: Call, ref: str) -> dict[str, Any]:
        """Check that it is really fixed, as the second person whom its category asks for. 409 `not_done_yet`; 403
        `not_yours_to_check` for whoever is not asked.
        """
        load(NothingSchema(), call.json())
        return self._as_office(call, ref, "check", "issues:check", lambda issue, at: issue.check(_actor(call), at))

    @http("POST", "/issues/<ref>/reject", "issues:decide", takes=GivenReasonSchema, gives=CHANGED)
    def reject(self, call: Call, ref: str) -> dict[str, Any]:
        """Reject an issue, with a reason. Open tasks are cancelled and its filer is told. It cannot be taken back, so say
        with `If-Match` which version you have read. 409 `issue_ended`.
        """
        reason = load(ReasonSchema(), call.json())["reason"]
        return self._as_office(call, ref, "reject", "issues:decide",
                               lambda issue, at: issue.reject(reason, _actor(call), at), reason, read=True)

    @http("POST", "/issues/<ref>/prioritise", "issues:decide", takes=GivenPrioritySchema, gives=CHANGED)
    def prioritise(self, call: Call, ref: str) -> dict[str, Any]:
        """Give an issue another priority, and with it other deadlines, in place of the one that you have read: say with
        `If-Match` in which version. 422 `bad_priority`, `reason_needed`; 409 `issue_ended`.
        """
        said = load(PrioritySchema(), call.json())
        return self._as_office(call, ref, "prioritise", "issues:decide", lambda issue, at: issue.prioritise(
            said["priority"], said["reason"], _actor(call), at), said, read=True)

    @http("POST", "/issues/<ref>/assign", "issues:assign", takes=AssignSchema, gives=CHANGED)
    def assign(self, call: Call, ref: str) -> dict[str, Any]:
        """Offer an issue, or a part of it, to an agency. With `binding` the headquarters decides whose a disputed issue
        is.

        422 `unknown_agency`, `agency_not_in_force`; 409 `already_offered`, `disputed`, `nothing_disputed`,
        `issue_ended`.
        """
        said = load(AssignSchema(), call.json())

        def decide(issue: Issue, at: datetime) -> None:
            if call.caller.role == CASE_WORKER and not issue.confidential:
                raise NotAllowed("not_a_case", "این مسئله محرمانه نیست؛ دبیرخانه آن را می‌سپارد.",
                                 "This is no confidential case; the secretariat assigns it.")
            self.issues.commands.offering(said, _actor(call))(issue, at)

        return self._as_office(call, ref, "assign", "issues:assign", decide, said)

    @http("POST", f"/issues/<ref>/tasks/<task>/{SECRETARYS}", "issues:decide", takes=BY_SECRETARY, gives=CHANGED)
    def move_task(self, call: Call, ref: str, task: str, action: str) -> dict[str, Any]:
        """Decide of an agency's task, as a secretary: cancel it, let it wait for funds (`defer`), give it a later deadline
        (`extend`), decline what its agency asked for, let it go on (`resume`), or bring it back to work (`redo`).

        Of what the agency asked for, reason and date need not be said again; so for these answers to it (`defer`, `extend`,
        `decline`) say with `If-Match` which version you have read. 409 `move_forbidden`, `nothing_asked`; 422
        `reason_needed`, `until_needed`, `date_in_the_past`, `not_later`, `date_too_far`.
        """
        said, by = load(MoveSchema(exclude=not_taken(action, SECRETARY)), call.json()), _actor(call)
        command = command_of(call, action, task, given(said), read=action in ANSWERS)
        return shown(self.issues.commands.as_office(
            ref, call.caller, "issues:decide", command, lambda issue, at: issue.move(task, action, by, at, **moving(said))))

    def _as_filer(self, call: Call, ref: str, action: str, asked: Any, decide: Decision) -> dict[str, Any]:
        return shown(self.issues.commands.as_filer(ref, call.caller, call.headers.get("Issue-Secret"),
                                                   command_of(call, action, asked), decide))

    def _as_office(self, call: Call, ref: str, action: str, deed: str, decide: Decision, asked: Any = None,
                   read: bool = False) -> dict[str, Any]:
        command = command_of(call, action, asked, read=read)
        return shown(self.issues.commands.as_office(ref, call.caller, deed, command, decide))


def _filer_confirms(said: dict[str, Any]) -> Decision:
    def decide(issue: Issue, at: datetime) -> None:
        demand(said, "satisfaction")
        issue.confirm(said["satisfaction"], said.get("words"), at)

    return decide


def _manager_confirms(said: dict[str, Any], by: Actor) -> Decision:
    """Satisfaction is the filer's to give; whose place it is, is asked first."""

    def decide(issue: Issue, at: datetime) -> None:
        if said:
            raise wrong(next(iter(said)), "only_the_filers", "رضایت را تنها ثبت‌کننده می‌گوید؛ شیء خالی بفرستید.",
                        "Only the filer says how satisfied they are; send an empty object.")
        issue.confirm(None, None, at, by)

    return decide


def _actor(call: Call) -> Actor:
    return Actor(call.caller.role, call.caller.subject)
