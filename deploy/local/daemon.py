"""A process of its own group that outlives who started it, found again by its pid file, never taken for another.

Every process started here carries its folder in its environment. A pid is believed only when /proc says that the
process with that number carries this folder: pid files outlive machines, and numbers are used again.
"""
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

MARK = "MAHALLE_FOLDER"


def carries(pid: int, folder: Path) -> bool:
    """Whether a process was started for this folder, as far as can be seen at this moment."""
    try:
        return f"{MARK}={folder}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def belongs(pid: int, folder: Path) -> bool:
    """Whether a living process was started for this folder. A zombie is not living.

    Asked again for half a second: while a script becomes the program it starts, its environment cannot be seen.
    """
    for _ in range(50):
        if carries(pid, folder) or has_ended(pid):
            break
        time.sleep(0.01)
    return carries(pid, folder)


def has_ended(pid: int) -> bool:
    """Whether nothing of it is left but, perhaps, a zombie: while one thread lives its ports and files are held."""
    try:
        return len(os.listdir(f"/proc/{pid}/task")) == 1 and ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True


def left_behind(folder: Path) -> list[int]:
    """Every living process started for this folder, pid files or not."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if pid != os.getpid() and carries(pid, folder)]


class Child(subprocess.Popen[bytes]):
    """Outlives its parent on purpose; of that the standard library would warn."""

    def __del__(self, *args: object) -> None:
        """Nothing to warn of, nothing to wait for."""


class Daemon:
    """One long-running process of a folder: `run/<name>.pid`, `log/<name>.log`."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.pid_file = folder / "run" / f"{name}.pid"
        self.log_file = folder / "log" / f"{name}.log"
        self.child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The process's number while it lives."""
        if self.child is not None and self.child.poll() is None:  # which also takes a zombie away
            return self.child.pid  # ours for certain: while it becomes another program, /proc does not say so
        try:
            pid = int(self.pid_file.read_text())
        except (OSError, ValueError):
            return None
        return pid if belongs(pid, self.folder) else None

    def start(self, command: list[str], environment: Mapping[str, str], at: Path | None = None) -> None:
        """Starts it in a session of its own, `at` a folder; what it says goes to the end of its log."""
        for path in (self.pid_file, self.log_file):
            path.parent.mkdir(parents=True, exist_ok=True)
        if self.child is not None:
            self.child.wait(10)  # the one before, whose end may not be quite over
        with self.log_file.open("ab") as log:
            self.child = Child(command, env={**environment, MARK: str(self.folder)}, start_new_session=True,
                               stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=at)
        self.pid_file.write_text(str(self.child.pid))

    def send(self, number: signal.Signals) -> None:
        """Signals its whole group, if it lives."""
        pid = self.pid
        if pid is not None:
            os.killpg(pid, number)

    def kill(self) -> None:
        """Ends it at once, as a power cut would, and returns when it is gone."""
        self._end(signal.SIGKILL, 10)

    def stop(self, seconds: float) -> None:
        """Asks it to end; after `seconds` it is killed."""
        if not self._end(signal.SIGTERM, seconds):
            self.kill()
        self.pid_file.unlink(missing_ok=True)

    def _end(self, number: signal.Signals, seconds: float) -> bool:
        """Signals it and waits until it has let go of everything; False when it has not by then."""
        pid, end = self.pid, time.monotonic() + seconds
        self.send(number)
        while pid is not None and not has_ended(pid):
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        if self.child is not None:
            self.child.poll()  # takes the zombie away
        return True

    def last_words(self) -> str:
        """The end of its log, for the sentence that says why it did not start."""
        if not self.log_file.exists():
            return "(no log)"
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-5:])
