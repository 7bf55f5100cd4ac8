"""The state of imports that were asked for over HTTP, written by the process that does the work.

That process says every few seconds that it lives. One of which nothing was heard for LOST has failed, whether it died or
its machine did: whoever looks at it finds it so, and nothing runs for ever.
"""
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from chassis.caller import Caller, may_over
from chassis.clock import now
from chassis.sealing import insert_missing
from chassis.store import answering
from contracts.errors import Problem, not_found
from contracts.schema import instant
from services.registry.imports.documents import ImportJob
from services.registry.imports.reporting import Report

BEAT = 5.0  # seconds
LOST = timedelta(seconds=60)
UNDER_WAY = ("queued", "running")
STATES = (*UNDER_WAY, "done", "refused", "failed")
CUT_OFF = {"code": "cut_off", "fa": "این ورود نیمه‌کاره ماند. همان فایل را دوباره بفرستید: آنچه وارد شده باشد عوض نمی‌شود.",
           "en": "This import was cut off. Send the same file again: what came in already is left as it is."}
Job = dict[str, Any]


def _jobs() -> Any:
    return ImportJob._get_collection()


def begin(job: str, register: str, dry_run: bool, by: str) -> bool:
    """Whether it is this caller's to carry out: somebody else may have begun it."""
    at = now()
    with answering():
        return not insert_missing(_jobs(), [{"_id": job, "state": "queued", "at": at, "alive": at, "by": by,
                                             "register": register, "dry_run": dry_run}])


def begun(job: str) -> bool:
    with answering():
        return _jobs().count_documents({"_id": job}, limit=1) == 1


def look(job: str) -> Job:
    """Raises NotFound."""
    with answering():
        lose(job, now() - LOST)
        found = _jobs().find_one({"_id": job})
    if not found:
        raise not_found()
    return {"id": job, "at": instant(found["at"]), **{name: found.get(name) for name in (
        "state", "register", "dry_run", "report", "problem")}}


def demand_own(job: str, caller: Caller) -> None:
    """Raises NotFound for the import of somebody else, but to those who import everywhere."""
    with answering():
        found = _jobs().find_one({"_id": job}, {"by": 1})
    if not found or (found["by"] != caller.id and not may_over(caller, "registers:import", ())):
        raise not_found()


def lose(job: str, silent_since: Any) -> None:
    """An import under way of which nothing was heard since then has failed."""
    _jobs().update_one({"_id": job, "state": {"$in": UNDER_WAY}, "alive": {"$lte": silent_since}},
                       {"$set": {"state": "failed", "problem": CUT_OFF}})


@contextmanager
def running(job: str) -> Iterator[None]:
    """Within, a thread says that the import lives. For no job nothing is said."""
    done = threading.Event()
    if job:
        _set(job, {"state": "running"})
        threading.Thread(target=_live, args=(job, done), daemon=True).start()
    try:
        yield
    finally:
        done.set()


def _live(job: str, done: threading.Event) -> None:
    while not done.wait(BEAT):
        try:
            _set(job, {})
        except Exception:  # the database is away; said again at the next beat
            continue


def finish(job: str, report: Report) -> None:
    _set(job, {"state": "refused" if report.errors else "done", "report": report.as_json()})


def fail(job: str, problem: Problem) -> None:
    """Something else than the file was in the way: it may be sent again."""
    _set(job, {"state": "refused", "problem": {"code": problem.code, "fa": problem.fa, "en": problem.en}})


def _set(job: str, values: Job) -> None:
    if job:
        _jobs().update_one({"_id": job, "state": {"$in": UNDER_WAY}}, {"$set": values | {"alive": now()}})
