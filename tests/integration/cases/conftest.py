"""Each of these tests has a database of `issues`."""
from typing import Any

import pytest

from services.issues.atlas import Atlas
from services.issues.cases.casework import CaseWork
from services.issues.documents import issue_store
from services.issues.use_cases import Commands
from tests.integration.conftest import Connect


@pytest.fixture(autouse=True)
def stored(database: Connect) -> Any:
    """The collection of issues, empty, with its indexes."""
    return database("issues").issues


@pytest.fixture
def work() -> CaseWork:
    return CaseWork(Commands(issue_store(), Atlas()))
