"""Waiting until nothing is on its way any more, with a word on what still is."""
import time
from collections.abc import Callable

from chassis.clock import now
from tests.chaos.accounts import not_carried
from tests.chaos.agency import REVIEWED_AFTER
from tests.chaos.ground import Ground
from tests.chaos.ledger import Ledger
from tests.chaos.visits import Visits
from tests.chaos.workload import Workload

WITHIN = 420.0  # seconds without a new deed: longer than the longest rung of the retry ladder, 5 minutes
APART = 6.0  # seconds between two quiet looks: the broker counts its messages anew every 5 s
OUTBOXES = (("issues", "issues"), ("issues", "stray_answers"), ("issues", "messages"), *(
    ("registry", register) for register in (
        "territories", "agencies", "committees", "categories", "rules", "seats", "people", "one_time_codes")))
Still = dict[str, int]


def on_its_way(ground: Ground, workload: Workload, visits: Visits) -> Still:
    """What still moves, by name and number."""
    still = {"requests": workload.requests, "visitors": visits.present, "entries of the audit": not_carried(ground),
             "codes": ground.store("notifications", "codes").count_documents({"state": "queued"}),
             "outboxes": outboxes(ground), "booklet rows": outdated(ground),
             "reviews": ground.store("issues", "issues").count_documents({"tasks": {"$elemMatch": {
                 "state": "waiting", "review_at": {"$lte": now() + REVIEWED_AFTER}}}}),
             "letters": ground.store("notifications", "deliveries").count_documents(
                 {"state": "queued", "next_at": {"$lte": now()}})}
    return {name: count for name, count in (still | queues(ground)).items() if count}


def outboxes(ground: Ground) -> int:
    """How many documents hold events that the broker has not confirmed."""
    return sum(ground.store(*place).count_documents({"outbox.0": {"$exists": True}}) for place in OUTBOXES)


def outdated(ground: Ground) -> int:
    """How many issues stand in the booklet in another version, or not at all."""
    def versions(service: str) -> set[tuple[str, int]]:
        return {(found["_id"], found["version"]) for found in ground.store(service, "issues").find({}, {"version": 1})}

    return len(versions("issues") - versions("booklet"))


def queues(ground: Ground) -> Still:
    """Messages in every queue but the dead ones, those that a consumer holds included."""
    return {queue["name"]: queue.get("messages", 1) for queue in ground.management.queues()
            if not queue["name"].endswith(".dead")}


def quiesce(ground: Ground, workload: Workload, visits: Visits, ledger: Ledger, sleep: Callable[[float], None],
            say: Callable[[str], None]) -> Still:
    """Returns when two looks found nothing on its way, or what still was when for a long time nothing new was done."""
    since, done, quiet = time.monotonic(), 0, 0
    while True:
        still = on_its_way(ground, workload, visits)
        quiet = 0 if still else quiet + 1
        if ledger.acknowledged > done:
            since, done = time.monotonic(), ledger.acknowledged
        if quiet == 2 or time.monotonic() - since > WITHIN:
            return still
        if still:
            say("still on its way: " + ", ".join(f"{count} {name}" for name, count in still.items()))
        sleep(APART)
