"""The agency's package is built and installed alone, without the platform and without the network."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.setup import CLIENT

PLATFORM = ("contracts", "chassis", "services", "gateway", "deploy")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which nothing but the package was installed."""
    folder = tmp_path_factory.mktemp("agency")
    shutil.copytree(CLIENT, folder / "source", ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", "--target", str(folder / "site"), str(folder / "source")], check=True)
    return folder / "site"


def run(site: Path, *words: str) -> str:
    """What a program prints that sees this folder and the libraries, far from the repository."""
    done = subprocess.run(words, cwd=site, env=os.environ | {"PYTHONPATH": str(site)}, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_works_where_nothing_of_the_platform_is(site: Path) -> None:
    modules = ", ".join(f"mahalle_agency.{file.stem}" for file in CLIENT.glob("mahalle_agency/*.py") if file.stem[0] != "_")
    script = f"import sys, mahalle_agency, {modules}\nprint(mahalle_agency.__file__, *sys.modules)"
    where, *loaded = run(site, sys.executable, "-c", script).split()
    assert Path(where).is_relative_to(site)
    assert not {name.partition(".")[0] for name in loaded} & {*PLATFORM, "nameko", "eventlet", "marshmallow", "orjson"}


def test_its_command_and_its_types_are_installed(site: Path) -> None:
    told = run(site, sys.executable, str(site / "bin" / "mahalle-agency"), "--help")
    assert all(command in told for command in ("watch", "show", "accept", "refuse", "start", "finish"))
    assert (site / "mahalle_agency" / "py.typed").exists()
