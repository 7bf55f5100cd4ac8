"""Which fault when: a schedule made from a seed alone, so that the same seed breaks the same things in the same order.

It begins with every kind three times (and a kill of every process), goes on with the targets that were left out, and
then with decks, each holding every kind and every target once, for as long as there is time.
"""
import random
from collections.abc import Iterator
from dataclasses import dataclass

from deploy.local.platform import COMMANDS

TIMES = 3  # that each kind occurs at least
PROCESSES = tuple(COMMANDS)
SERVERS = ("rabbitmq", "mongod")


@dataclass(frozen=True)
class Kind:
    """`hold` is how long it lasts (seconds, from and to), `takes` about how long it costs with getting well again."""

    targets: tuple[str, ...]
    hold: tuple[float, float]
    takes: float


KINDS = {
    "kill -9": Kind(PROCESSES, (0, 0), 5),
    "broker kill": Kind(("rabbitmq",), (5, 9), 25),
    "database kill": Kind(("mongod",), (1, 5), 9),
    "connections closed": Kind(("rabbitmq",), (0, 0), 6),
    "memory alarm": Kind(("rabbitmq",), (8, 14), 20),
    "SIGSTOP": Kind((*PROCESSES, *SERVERS), (3, 12), 9),
}


DECK = [(kind, target) for kind, found in KINDS.items() for target in found.targets]
LEAST = len(PROCESSES) + TIMES * (len(KINDS) - 1)


@dataclass(frozen=True)
class Fault:
    """One fault: held so many seconds, followed by so many of calm after everything is well again."""

    kind: str
    target: str
    hold: float
    calm: float

    @property
    def takes(self) -> float:
        return KINDS[self.kind].takes + self.calm

    @property
    def takes_broker_away(self) -> bool:
        return self.kind in ("broker kill", "memory alarm") or (self.kind, self.target) == ("SIGSTOP", "rabbitmq")


def schedule(seed: int) -> Iterator[Fault]:
    """Without end; the first LEAST must happen, however long they take."""
    chance = random.Random(seed)
    must = [pair for kind in KINDS for pair in _must(kind, chance)]
    yield from _faults(must, chance)
    yield from _faults([pair for pair in DECK if pair not in must], chance)
    while True:
        yield from _faults(DECK, chance)


def _must(kind: str, chance: random.Random) -> list[tuple[str, str]]:
    targets = list(KINDS[kind].targets)
    chance.shuffle(targets)
    enough = targets if kind == "kill -9" else (targets * TIMES)[:TIMES]
    return [(kind, target) for target in enough]


def _faults(pairs: list[tuple[str, str]], chance: random.Random) -> list[Fault]:
    shuffled = chance.sample(pairs, len(pairs))
    return [Fault(kind, target, chance.uniform(*KINDS[kind].hold), chance.uniform(0.5, 2.5)) for kind, target in shuffled]
