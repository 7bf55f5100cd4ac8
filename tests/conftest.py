"""How `make test` shares the tests among its workers: a file stays together, and so does everything on the one province."""
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder, *rest = item.path.relative_to(HERE).parts
        item.add_marker(pytest.mark.xdist_group("e2e" if folder == "e2e" else "/".join([folder, *rest])))
