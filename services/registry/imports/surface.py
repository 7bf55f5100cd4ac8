"""Imports and exports as HTTP, for secretaries and operators. An import is a process of its own: the work of it would
stop every other answer of this one."""
import sys
import tempfile
from pathlib import Path
from typing import Any

import eventlet
from eventlet.green import subprocess
from nameko.extensions import DependencyProvider

from chassis.caller import demand_over, may_over
from chassis.clock import now, today
from chassis.http_server import Call, http
from chassis.logs import get
from contracts.errors import Malformed, TooLarge, Unavailable, not_found
from services.registry import use_cases
from services.registry.days import day_of
from services.registry.imports import asked, exporting, jobs, shown
from services.registry.imports.tables import TABLES
from services.registry.once import command, once
from services.registry.queries import EmptySchema
from services.registry.reach import NOWHERE
from services.registry.registers import register_of

log = get(__name__)
MAX_FILE = 20_000_000  # bytes
AT_ONCE = 2  # imports that one process of the service has under way
MAX_EXPORT = 20_000_000  # bytes; whoever needs more uses the command


class Importer(DependencyProvider):
    """Starts imports as processes, and says of one that died that it failed."""

    def setup(self) -> None:
        self._under_way = 0

    def get_dependency(self, worker_ctx: Any) -> "Importer":
        return self

    def start_import(self, content: bytes, words: list[str], **job: Any) -> str:
        """Its id, of the same command the same; `job` as of jobs.begin. Raises Unavailable where AT_ONCE are under way."""
        identity = command().uuid("import")
        if jobs.begun(identity):
            return identity
        if self._under_way >= AT_ONCE:
            raise Unavailable("imports_under_way", "هم‌اکنون چند ورود در جریان است. یک دقیقه بعد دوباره تلاش کنید.",
                              "Several imports are under way. Try again in a minute.", retry_after=60)
        if not jobs.begin(identity, **job):
            return identity
        self._under_way += 1
        self.container.spawn_managed_thread(lambda: self._run(identity, content, words))
        return identity

    def _run(self, job: str, content: bytes, words: list[str]) -> None:
        """Where the service is stopped meanwhile, the import goes on by itself."""
        try:
            with tempfile.TemporaryDirectory(prefix="mahalle-import-") as folder:
                file = Path(folder) / "file"
                file.write_bytes(content)
                subprocess.Popen([sys.executable, "-m", "services.registry.imports", str(file), "--job", job, *words],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True).wait()
            jobs.lose(job, now())
        except Exception as error:  # an import that cannot be started must not end the service
            log.error("an import could not be carried to its end", job=job, error=type(error).__name__)
        finally:
            self._under_way -= 1


class Imports:
    importer = Importer()

    @http("POST", "/imports", "registers:import", max_body=MAX_FILE, seconds=30,
          asks=asked.ImportQuery, gives=shown.BegunImport, status=202)
    @once
    def start_import(self, call: Call) -> tuple[int, dict[str, Any]]:
        """Import a file into a register: CSV, Excel or GeoJSON, as the body. It is carried out by and by, all or nothing;
        look at it by its id.

        Refuses with not_found for a register that is none, bad_day, no_such_day, bad_dry_run, and imports_under_way.
        """
        by, query = call.caller, call.query
        register = register_of(query.get("register", "")).name
        name = "".join(filter(str.isprintable, query.get("file", "file")))[:200]
        day, dry_run = _day(query), asked.is_dry(query)
        within = [] if may_over(by, "registers:import", ()) else ["--within", by.subject]
        words = ["--register", register, "--from", day, "--by", by.id, "--account", by.account, "--name", name,
                 *within, *(["--dry-run"] if dry_run else [])]
        job = self.importer.start_import(call.raw(), words, register=register, dry_run=dry_run, by=by.id)
        return 202, jobs.look(job) | {"file": name}  # told back, not kept: it may name a person

    @http("GET", "/imports/<job>", "registers:import", asks=EmptySchema, gives=shown.Import)
    def look_at_import(self, call: Call, job: str) -> dict[str, Any]:
        """Where an import stands, and when it is over what became of each row.

        Refuses with not_found.
        """
        jobs.demand_own(job, call.caller)
        return jobs.look(job)

    @http("GET", "/exports/<register>", "registers:export", seconds=60, asks=asked.ExportQuery, gives=asked.File)
    def export_register(self, call: Call, register: str) -> dict[str, Any]:
        """A register as of a day as a file, which the same register takes as an import.

        Refuses with not_found, bad_format, bad_day, and export_too_large.
        """
        if register not in TABLES:
            raise not_found()
        form, day = call.query.get("format", "csv"), use_cases.day_of(call.query)
        if form not in asked.CONTENT:
            raise Malformed("bad_format", "format یکی از csv و geojson است.", "format is csv or geojson.")
        by, within = call.caller, "" if may_over(call.caller, "registers:export", ()) else call.caller.subject
        demand_over(by, "registers:export", () if register in NOWHERE else (within,))
        content = _whole(register, form, day, within)
        return {"name": f"{register}-{day}.{form}", "type": asked.CONTENT[form], "content": content}


def _day(query: dict[str, str]) -> str:
    return day_of(query["from"]) if "from" in query else today()


def _whole(register: str, form: str, day: str, within: str) -> str:
    """The file as text; others are answered between its pieces. Raises TooLarge."""
    pieces, size = [], 0
    for piece in exporting.export(register, form, day, within):
        pieces.append(piece)
        size += len(piece)
        if size > MAX_EXPORT:
            raise TooLarge("export_too_large", "این فهرست برای یک پاسخ بزرگ است. از فرمان export استفاده کنید.",
                           "This register is too large for one answer. Use the export command.")
        eventlet.sleep(0)
    return b"".join(pieces).decode("utf-8-sig")
