"""The API keys and passwords of a local platform, written where a person can source them."""
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local.errors import CannotStart
from deploy.local.folder import ROOT, write_private

SAMPLE = ROOT / "deploy" / "sample" / "alborz"


def sample_agency() -> str:
    """The code of the first sample agency that chose the queue."""
    agencies = json.loads((SAMPLE / "agencies.json").read_text())
    return str(next(agency["code"] for agency in agencies if agency["channel"] == "queue"))


def write_keys(folder: Path, environment: Mapping[str, str]) -> Path:
    """`keys.env`: a key for each role, and one sample agency's code, key and broker password. Made anew with the secrets."""
    path = folder / "keys.env"
    if path.exists() and path.stat().st_mtime > (folder / "secrets.env").stat().st_mtime:
        return path
    code = sample_agency()
    write_private(path, {
        "RESIDENT_KEY": printed("gateway.keys", "resident", environment=environment),
        "SECRETARY_KEY": printed("gateway.keys", "secretary", environment=environment),
        "OPERATOR_KEY": printed("gateway.keys", "operator", environment=environment),
        "AGENCY_CODE": code,
        "AGENCY_KEY": printed("gateway.keys", "agency", code, environment=environment),
        "AGENCY_PASSWORD": printed("chassis.topology", "password", f"agency.{code}", environment=environment),
    })
    return path


def printed(*words: str, environment: Mapping[str, str]) -> str:
    """What a command of the platform prints. Raises CannotStart with what it said when it failed."""
    done = subprocess.run([sys.executable, "-m", *words], env=environment, cwd=ROOT, text=True, capture_output=True)
    if done.returncode:
        raise CannotStart(f"{' '.join(words)} failed: {done.stderr.strip()}")
    return done.stdout.strip()
