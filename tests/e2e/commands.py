"""Every command on an issue: where it is sent, by whom, in which state of it, a body that is right, and what is wrong."""
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from chassis.clock import now
from contracts.schema import instant
from tests.api import Json

MISSING = object()
AGENCY: Json = {"role": "agency", "subject": "alborz-electricity"}
SECRETARY: Json = {"role": "secretary", "subject": "alborz"}
WORKER: Json = {"role": "case_worker", "subject": "karaj-county"}
RESIDENT: Json = {"role": "resident"}
FILER: Json = {"role": "filer"}  # nobody's key: the secret
NEXT_MONTH, NEXT_YEAR = (instant(now() + timedelta(days=days)) for days in (30, 365))

TYPES = (5, ["x"], {"a": 1}, True)
CODES = ("", 5, "x" * 61, ["x"])
UNTIL = ("", "فردا", 5, "2020-01-01T00:00:00Z", "2027-01-01T00:00:00", "9999-12-31T23:59:59Z", "2027-02-30T00:00:00Z")
Wrong = tuple[Any, ...]


def words(most: int) -> Wrong:
    return ("", "   ", "\u200c\n\u200f", "م" * (most + 1), "a\x00b", *TYPES)


def needed(values: Wrong) -> Wrong:
    return (MISSING, None, *values)


REASON = words(2000)


@dataclass(frozen=True)
class Command:
    """`path` below /v1, of an issue in a `state` (`in_state` of test_bad_commands). `wrong`: by field, what is refused.
    `read`: it is for who says which version they have read."""

    path: str
    who: Json
    state: str
    good: Json = field(default_factory=dict)
    wrong: dict[str, Wrong] = field(default_factory=dict)
    read: bool = False


def of_task(action: str, state: str = "accepted", good: Json | None = None,
            wrong: dict[str, Wrong] | None = None) -> Command:
    return Command(f"agencies/alborz-electricity/tasks/{{task}}/{action}", AGENCY, state, good or {}, wrong or {})


def of_secretary(action: str, state: str = "accepted", good: Json | None = None, wrong: dict[str, Wrong] | None = None,
                 read: bool = False) -> Command:
    return Command(f"issues/{{issue}}/tasks/{{task}}/{action}", SECRETARY, state, good or {}, wrong or {}, read)


WHY: Json = {"reason": "دلیلی روشن"}
ASKED = {"reason": needed(REASON), "until": needed(UNTIL)}
COMMANDS: dict[str, Command] = {
    "accept": of_task("accept", "offered"),
    "refuse": of_task("refuse", "offered", WHY, {"reason": needed(REASON)}),
    "refer": of_task("refer", "offered", WHY | {"agency": "alborz-gas"}, {
        "reason": needed(REASON), "agency": needed((*CODES, "no-such-agency", "alborz-electricity"))}),
    "start": of_task("start"),
    "wait": of_task("wait", good=WHY | {"for_whom": "filer", "until": NEXT_MONTH}, wrong={
        "reason": needed(REASON), "for_whom": needed(("", "ثبت‌کننده", "me", *TYPES)), "until": UNTIL}),
    "resume": of_task("resume", "waiting"),
    "ask for a deferral": of_task("ask-deferral", good=WHY | {"until": NEXT_YEAR}, wrong=ASKED),
    "ask for an extension": of_task("ask-extension", good=WHY | {"until": NEXT_YEAR}, wrong=ASKED),
    "finish": of_task("finish", good={"text": "انجام شد", "photograph": "https://example.org/1.jpg"}, wrong={
        "text": needed(words(4000)), "photograph": ("", "http://example.org/1.jpg", "عکس", "https://" + "x" * 500, *TYPES)}),
    "cancel": of_secretary("cancel", "offered", WHY, {"reason": needed(REASON)}),
    "defer": of_secretary("defer", good=WHY | {"until": NEXT_YEAR}, wrong=ASKED, read=True),
    "extend": of_secretary("extend", good=WHY | {"until": NEXT_YEAR}, wrong=ASKED, read=True),
    "decline": of_secretary("decline", "asked", WHY, {"reason": REASON}, read=True),
    "resume by hand": of_secretary("resume", "awaiting_funds"),
    "redo": of_secretary("redo", "done", WHY, {"reason": needed(REASON)}),
    "confirm": Command("issues/{issue}/confirm", FILER, "done", {"satisfaction": 4, "words": "سپاس"}, {
        "satisfaction": needed((0, 6, 4.5, "۵", "پنج", ["x"], True)), "words": words(2000)}),
    "not fixed": Command("issues/{issue}/not-fixed", FILER, "done", WHY, {"reason": needed(REASON)}),
    "withdraw": Command("issues/{issue}/withdraw", FILER, "offered", WHY, {"reason": REASON}),
    "check": Command("issues/{issue}/check", SECRETARY, "done"),
    "reject": Command("issues/{issue}/reject", SECRETARY, "offered", WHY, {"reason": needed(REASON)}, read=True),
    "prioritise": Command("issues/{issue}/prioritise", SECRETARY, "offered", WHY | {"priority": "urgent"}, {
        "reason": needed(REASON), "priority": needed(("", "فوری", "highest", *TYPES))}, read=True),
    "assign": Command("issues/{issue}/assign", SECRETARY, "offered", WHY | {"agency": "alborz-gas", "part": "علمک گاز"}, {
        "agency": needed((*CODES, "no-such-agency")), "part": words(2000), "reason": REASON,
        "binding": ("شاید", 7, ["x"], {})}),
    "join": Command("issues/{issue}/join", RESIDENT, "offered", {"contact": {"email": "n@example.org"}}, {
        "contact": (5, ["x"], {"email": "n"}, {"colour": "red"}, {"phone": "call me"}, {"name": "م" * 101})}),
    "write": Command("issues/{issue}/messages", FILER, "offered", {"text": "کی می‌آیید؟", "to": "parties"}, {
        "text": needed(words(2000)), "to": needed(("", "همه", "everybody", *TYPES))}),
    "mark a duplicate": Command("issues/{issue}/duplicate-of", SECRETARY, "offered", WHY | {"of": "{other}"}, {
        "of": needed((*CODES, "no-such-issue")), "reason": REASON}),
    "unmark a duplicate": Command("issues/{issue}/not-duplicate", SECRETARY, "duplicate", WHY, {"reason": REASON}),
    "make confidential": Command("issues/{issue}/confidential", SECRETARY, "offered", WHY, {"reason": needed(REASON)}),
    "assess": Command("issues/{issue}/assessments", WORKER, "case", {"level": "high", "needs": ["food"], "note": "شب‌ها"}, {
        "level": needed(("", "زیاد", "highest", *TYPES)), "needs": needed(("food", ["خوراک"], ["food"] * 50, [5], 5, {})),
        "note": words(1000)}),
}
