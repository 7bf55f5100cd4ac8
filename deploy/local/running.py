"""Who runs the platform of a folder: one at a time, known by a lock that dies with its holder."""
import fcntl
import os
import time
from pathlib import Path
from typing import IO

from deploy.local.daemon import Daemon, left_behind
from deploy.local.errors import CannotStart
from deploy.local.platform import COMMANDS

SECONDS_TO_STOP = 120


def lock_file(folder: Path) -> Path:
    path = folder / "run" / "up.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def hold(folder: Path) -> IO[str]:
    """Keeps the folder for this process until it ends. Raises CannotStart when another has it."""
    file = lock_file(folder).open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        raise CannotStart(f"the platform of {folder} runs already (process {file.read().strip()}). Stop it with Ctrl-C "
                          "there, or with make down.") from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def holder(folder: Path) -> int | None:
    """The process that has the folder now."""
    with lock_file(folder).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            return int(file.read() or 0) or None
    return None


def wait_until_free(folder: Path) -> None:
    """Returns when whoever has the folder has ended. Raises CannotStart after two minutes."""
    end = time.monotonic() + SECONDS_TO_STOP
    while pid := holder(folder):
        if time.monotonic() > end:
            raise CannotStart(f"process {pid} did not stop within {SECONDS_TO_STOP} s; end it with kill -9 {pid} and "
                              "run make down again.")
        time.sleep(0.2)


def stop_processes(folder: Path) -> None:
    """Stops what a killed platform left running; its servers stay."""
    for name in COMMANDS:
        daemon = Daemon(name, folder)
        if daemon.pid:
            print(f"  stopping {name}, left behind", flush=True)
            daemon.stop(25)


def kill_rest(folder: Path) -> None:
    """Whatever carries the folder's mark and has no pid file any more."""
    for pid in left_behind(folder):
        print(f"  ending process {pid}, left behind", flush=True)
        try:
            os.kill(pid, 9)
        except ProcessLookupError:
            continue
