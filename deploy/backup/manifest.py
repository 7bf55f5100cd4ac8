"""What a backup holds: one gzipped BSON file per collection, and a manifest that proves them whole."""
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

FORMAT = 1
MANIFEST = "manifest.json"


class NotABackup(Exception):
    """Its text is one sentence for the person at the terminal."""


@dataclass(frozen=True)
class Saved:
    """One collection. `sha256` is of the compressed file, in hexadecimal."""

    service: str
    collection: str
    documents: int
    sha256: str

    @property
    def file(self) -> str:
        return f"{self.service}.{self.collection}.bson.gz"


@dataclass(frozen=True)
class Manifest:
    """`made_at` is RFC 3339 in UTC: when the saving began, and at most a moment before the state that it holds."""

    made_at: str
    collections: list[Saved]

    @property
    def documents(self) -> int:
        return sum(saved.documents for saved in self.collections)

    def write(self, folder: Path) -> None:
        content = {"format": FORMAT, "made_at": self.made_at, "collections": [asdict(s) for s in self.collections]}
        (folder / MANIFEST).write_text(json.dumps(content, indent=1) + "\n")


def read(folder: Path) -> Manifest:
    """Raises NotABackup for a folder that is none, or of a format that is not known here."""
    try:
        content = json.loads((folder / MANIFEST).read_text())
        if content["format"] != FORMAT:
            raise NotABackup(f"{folder} is a backup of format {content['format']}; this version reads {FORMAT}.")
        return Manifest(content["made_at"], [Saved(**saved) for saved in content["collections"]])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotABackup(f"{folder} is no whole backup: its {MANIFEST} cannot be read ({error}).") from error


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(folder: Path, manifest: Manifest) -> None:
    """Raises NotABackup, naming every file that is missing or not as it was written."""
    wrong = []
    for saved in manifest.collections:
        path = folder / saved.file
        if not path.is_file() or checksum(path) != saved.sha256:
            wrong.append(saved.file)
    if wrong:
        raise NotABackup(f"{folder} is damaged: {', '.join(wrong)}. Nothing was restored.")
