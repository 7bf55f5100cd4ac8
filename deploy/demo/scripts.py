"""What is played: one script per issue. Nothing in it is chance: the same source gives the same scripts."""
from dataclasses import dataclass

RATE = 8  # issues a second on average
LONGEST = 5.0  # seconds that the longest work takes, sped up


@dataclass(frozen=True)
class Script:
    """One issue: what is filed `at` so many seconds after the beginning, and what is then said of it.

    `steps` are the answers of the agency that gets it first, the last one after `takes` seconds and with `words`; an
    agency that gets it after a refusal says nothing. `resident` is `confirm`, `not_fixed` or empty. `late` is what the
    source says of the work's deadline, None where it says nothing.
    """

    number: int
    at: float
    category: str
    neighbourhood: str
    title: str | None
    text: str
    steps: tuple[str, ...]
    takes: float = 0.0
    words: str = ""
    resident: str = ""
    satisfaction: int = 0
    reason: str = ""
    late: bool | None = None


@dataclass(frozen=True)
class Source:
    """Where the scripts come from: `label` for the filed text and `told` for the report, both say that it is not real
    data of Alborz; `notes` are what was decided on the way."""

    label: str
    told: str
    scripts: tuple[Script, ...]
    notes: tuple[str, ...] = ()
