"""Issues that are there already, a great many, and some not told or not looked at yet: as `make load` makes them."""
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import mongoengine

from chassis import database, settings
from deploy.load.lives import Lives
from deploy.load.patterns import lives_of, patterns_of
from deploy.load.storing import Stores, store
from services.issues.documents import IssueMapping
from services.issues.model import Issue
from tests.bench.running import Bench

Document = dict[str, Any]
mapping = IssueMapping()


def connect(bench: Bench) -> None:
    """To the databases of the platform that is measured, as its own services do."""
    os.environ.update(bench.ours.ground.platform.environment)
    mongoengine.disconnect("issues")
    database.connect("issues", settings.read("issues"))


def lives(bench: Bench) -> Lives:
    connect(bench)
    return lives_of()


def fill(bench: Bench) -> None:
    """Stores as many as are missing to the wanted number."""
    wanted = bench.settings.stored - bench.stored()
    if wanted > 0:
        connect(bench)
        stores = Stores(bench.ours.ground.servers.mongo.uri, "bench_issues", "bench_booklet")
        store(stores, patterns_of(), wanted, bench.tell(f"storing {wanted:,} issues"))
    bench.say(f"{bench.stored():,} issues are stored")


def just_filed(bench: Bench, count: int) -> Iterator[Document]:
    """Routed to an agency with a queue; their events wait in their outboxes."""
    for issue in lives(bench).untouched(10 * count, timedelta()):
        if count and issue.tasks and issue.tasks[0].queued:
            timeline, outbox = mapping.news(issue, 1)
            yield document(issue) | {"timeline": timeline, "outbox": outbox}
            count -= 1


def fallen_due(bench: Bench, count: int, ago: timedelta) -> Iterator[Document]:
    """Filed so long ago and untouched since; told long ago."""
    return map(document, lives(bench).untouched(count, ago))


def document(issue: Issue) -> Document:
    return {"_id": issue.id, "version": 1, **mapping.state(issue), "timeline": issue.moved, "outbox": []}
