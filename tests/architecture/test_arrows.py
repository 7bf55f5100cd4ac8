"""The arrows of the house, as [tool.importlinter] in pyproject.toml draws them, hold; and one bad import is noticed."""
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("contracts", "chassis", "services", "gateway", "deploy", "tests")
BAD = [
    ("contracts/text.py", "from chassis.text import fold", "down the page, one way"),
    ("chassis/clock.py", "import services.issues.life.moves", "down the page, one way"),
    ("services/issues/codes.py", "import gateway.joining", "down the page, one way"),
    ("gateway/joining.py", "from services.issues import codes", "down the page, one way"),
    ("services/booklet/keeping.py", "from services.issues import moves", "a service imports no other service"),
    ("services/issues/model.py", "import orjson", "the rules are plain Python"),
    ("services/issues/use_cases.py", "import eventlet", "nameko and eventlet stay at the edge"),
    ("chassis/relay.py", "import nameko", "nameko and eventlet stay at the edge"),
    ("gateway/statistics.py", "import pymongo", "the gateway has no database"),
    ("contracts/schema.py", "import kombu", "contracts stand alone"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(no_cache=True))"
    return subprocess.run([sys.executable, "-c", command], cwd=folder, text=True, capture_output=True)


def broken(folder: Path) -> set[str]:
    """The names of the contracts that do not hold in this tree."""
    done = lint(folder)
    return {line.removesuffix(" BROKEN") for line in done.stdout.splitlines() if line.endswith(" BROKEN")}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.json"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_arrow_points_down() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("place", "line", "contract"), BAD)
def test_one_import_against_the_arrows_is_noticed(copy: Path, place: str, line: str, contract: str) -> None:
    file = copy / place
    before = file.read_text() if file.exists() else None
    file.write_text(f"{before or ''}\n{line}\n")
    try:
        assert contract in broken(copy)
    finally:
        file.unlink() if before is None else file.write_text(before)
