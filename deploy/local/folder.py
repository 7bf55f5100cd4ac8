"""Where everything that runs locally keeps its data, and the secrets made for it once."""
import os
import secrets
from pathlib import Path

from deploy.local.errors import CannotStart

ROOT = Path(__file__).resolve().parents[2]
SECRETS = ("MAHALLE_BROKER_SECRET", "MAHALLE_BROKER_ADMIN_PASSWORD", "MAHALLE_INTERNAL_SECRET",
           "MAHALLE_FILER_SECRET", "MAHALLE_CONTACT_KEYS", "MAHALLE_CASE_KEYS")


def local_folder() -> Path:
    """`.local`, or where MAHALLE_LOCAL points; made when not there. Raises CannotStart when not writable."""
    return writable(Path(os.environ.get("MAHALLE_LOCAL") or ROOT / ".local"))


def writable(folder: Path) -> Path:
    """The absolute path of a folder in which files can be made. Raises CannotStart."""
    folder = folder.absolute()
    trial = folder / f".trial-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise CannotStart(f"cannot write to {folder} ({error.strerror}). Make it writable, or let MAHALLE_LOCAL name "
                          "another folder.") from error
    return folder


def secrets_of(folder: Path) -> dict[str, str]:
    """The folder's secrets, made at random the first time and kept in `secrets.env`, readable by its owner alone."""
    path = folder / "secrets.env"
    known = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line) if path.exists() else {}
    fresh = {name: secrets.token_hex(24) for name in SECRETS if not known.get(name)}
    if fresh:
        known |= fresh
        write_private(path, known)
    return known


def write_private(path: Path, variables: dict[str, str]) -> None:
    """Writes NAME=value lines in one step, mode 600."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in variables.items())
    draft.rename(path)
