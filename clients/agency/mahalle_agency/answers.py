"""What an agency says of a task, as a CloudEvents 1.0 message in binary mode."""
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

TYPE = "mahalle.agencies.answer.v1"
NEEDED = {  # the actions of an agency, and what must be said with each
    "accept": (), "refuse": ("reason",), "refer": ("reason", "agency"), "start": (), "wait": ("reason", "for_whom"),
    "resume": (), "ask_deferral": ("reason", "until"), "ask_extension": ("reason", "until"), "finish": ("text",)}
FOR_WHOM = ("filer", "agency", "other")
SAID = ("reason", "text", "agency", "for_whom", "until", "photograph")
LONGEST_ID = 200  # characters


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    return str(uuid4())


@dataclass(frozen=True)
class Answer:
    """One of NEEDED's actions. `agency` is the code of the one to which the task is referred; `for_whom`, one of
    FOR_WHOM, whom it waits for; `until` an aware time: when a wait is looked at again, or what is asked for;
    `photograph` the https address of one, where the category asks for it at finishing.

    Under one `id` the platform carries out one answer, however often it comes. Raises ValueError for what it would
    never take: another action, something missing, a time without an offset, an id that is empty or longer than 200
    characters.
    """

    task_id: str
    action: str
    reason: str | None = None
    text: str | None = None
    agency: str | None = None
    for_whom: str | None = None
    until: datetime | None = None
    photograph: str | None = None
    id: str = field(default_factory=new_id)
    at: datetime = field(default_factory=now)

    def __post_init__(self) -> None:
        if self.action not in NEEDED:
            raise ValueError(f"an agency may {', '.join(NEEDED)}; not {self.action}")
        for needed in NEEDED[self.action]:
            if not str(getattr(self, needed) or "").strip():
                raise ValueError(f"to {self.action} a task needs {'an' if needed[0] in 'au' else 'a'} {needed}")
        if self.for_whom is not None and self.for_whom not in FOR_WHOM:
            raise ValueError(f"a task waits for one of {', '.join(FOR_WHOM)}")
        if self.until is not None and self.until.tzinfo is None:
            raise ValueError("until is a time with an offset, such as 2027-03-21T08:00:00+03:30")
        if not self.task_id or not 0 < len(self.id) <= LONGEST_ID:
            raise ValueError(f"an answer needs a task and an id of 1 to {LONGEST_ID} characters")

    def headers(self, agency: str) -> dict[str, str]:
        return {"ce-specversion": "1.0", "ce-id": self.id, "ce-type": TYPE, "ce-source": f"/agencies/{agency}",
                "ce-subject": self.task_id, "ce-time": instant(self.at)}

    def body(self) -> bytes:
        given = {name: getattr(self, name) for name in SAID}
        said = {"task_id": self.task_id, "action": self.action, **given}
        return json.dumps({name: instant(value) if isinstance(value, datetime) else value
                           for name, value in said.items() if value is not None}, ensure_ascii=False).encode()


def instant(at: datetime) -> str:
    """RFC 3339, UTC, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
