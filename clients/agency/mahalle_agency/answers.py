"""What an agency says of a task, as a CloudEvents 1.0 message in binary mode."""
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

TYPE = "mahalle.agencies.answer.v1"
NEEDED = {"accept": None, "refuse": "reason", "start": None, "finish": "text"}
LONGEST_ID = 200  # characters


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    return str(uuid4())


@dataclass(frozen=True)
class Answer:
    """`accept`, `refuse` with a `reason`, `start`, or `finish` with a `text` that says what was done.

    Under one `id` the platform carries out one answer, however often it comes. Raises ValueError for what it would
    never take: another action, a missing reason or text, an id that is empty or longer than 200 characters.
    """

    task_id: str
    action: str
    reason: str | None = None
    text: str | None = None
    id: str = field(default_factory=new_id)
    at: datetime = field(default_factory=now)

    def __post_init__(self) -> None:
        if self.action not in NEEDED:
            raise ValueError(f"an agency may {', '.join(NEEDED)}; not {self.action}")
        needed = NEEDED[self.action]
        if needed and not (getattr(self, needed) or "").strip():
            raise ValueError(f"to {self.action} a task needs a {needed}")
        if not self.task_id or not 0 < len(self.id) <= LONGEST_ID:
            raise ValueError(f"an answer needs a task and an id of 1 to {LONGEST_ID} characters")

    def headers(self, agency: str) -> dict[str, str]:
        at = self.at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
        return {"ce-specversion": "1.0", "ce-id": self.id, "ce-type": TYPE, "ce-source": f"/agencies/{agency}",
                "ce-subject": self.task_id, "ce-time": at}

    def body(self) -> bytes:
        said = {"task_id": self.task_id, "action": self.action, "reason": self.reason, "text": self.text}
        return json.dumps({k: v for k, v in said.items() if v is not None}, ensure_ascii=False).encode()
