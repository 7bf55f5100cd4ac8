"""What the stores and the agencies hold when nothing is on its way any more."""
from dataclasses import dataclass, field
from typing import Any

from chassis.ring import CASE_KEYS, Ring
from services.issues.cases.confidential import revealed
from tests.chaos.agency import Told
from tests.chaos.ground import Ground
from tests.chaos.workload import Workload

Document = dict[str, Any]


@dataclass
class Evidence:
    """`issues` (opened), `rows` and `deliveries` are documents as they are stored; `told` every message that agencies took.

    `still` is what was on its way when waiting ended, `dead` the dead queues that are not empty, by name and number.
    """

    issues: list[Document]
    rows: dict[str, Document]
    deliveries: list[Document]
    told: list[Told]
    still: dict[str, int] = field(default_factory=dict)
    dead: dict[str, int] = field(default_factory=dict)


def collect(ground: Ground, workload: Workload, still: dict[str, int]) -> Evidence:
    keys = Ring([ground.platform.environment[CASE_KEYS]])
    dead = {queue["name"]: queue.get("messages", 0) for queue in ground.management.queues()
            if queue["name"].endswith(".dead")}
    return Evidence(
        issues=[revealed(issue, keys) for issue in ground.store("issues", "issues").find()],
        rows={row["_id"]: row for row in ground.store("booklet", "issues").find()},
        deliveries=list(ground.store("notifications", "deliveries").find()),
        told=list(workload.told), still=still, dead={name: count for name, count in dead.items() if count})
