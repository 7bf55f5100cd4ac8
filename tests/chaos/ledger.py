"""The ledger: every deed that the platform said yes to, one JSON line each, on disk before it counts."""
import json
import os
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

EVERY = 0.05  # seconds between two fsyncs


@dataclass(frozen=True)
class Deed:
    """One request with its only key. `action` is the word under which it must stand in the issue's timeline.

    `way` is `http` (acknowledged by a 2xx) or `queue` (an agency's answer, acknowledged by the broker's confirm).
    `asked` is the body of a filing or of an agency's move, `promised` the agency that its receipt named. What is done to
    accounts has no issue: `of` says to which of them, `account` whose session it is.
    """

    way: str
    action: str
    key: str
    issue: str = ""
    task: str = ""
    agency: str = ""
    asked: dict[str, Any] = field(default_factory=dict)
    promised: str | None = None
    of: str = ""
    account: str = ""


class Ledger:
    """Append-only; may be written from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("a", encoding="utf-8")
        self._waiting: list[Deed] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self.acknowledged = self.filed = 0
        self._writer = threading.Thread(target=self._write_on, name="ledger", daemon=True)
        self._writer.start()

    def write(self, deed: Deed) -> None:
        with self._lock:
            self._waiting.append(deed)

    def close(self) -> None:
        """Returns when everything that was written counts."""
        self._closing.set()
        self._writer.join()
        self._file.close()

    def _write_on(self) -> None:
        while not self._closing.is_set():
            time.sleep(EVERY)
            self._flush()
        self._flush()

    def _flush(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting, []
        if not batch:
            return
        self._file.writelines(json.dumps(asdict(deed), ensure_ascii=False) + "\n" for deed in batch)
        self._file.flush()
        os.fsync(self._file.fileno())
        self.acknowledged += len(batch)
        self.filed += sum(deed.action == "file" for deed in batch)


def read(path: Path) -> list[Deed]:
    """The ledger as it lies on the disk."""
    return [Deed(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
