"""Each of these tests has a database of `notifications`."""
import pytest

from tests.integration.conftest import Connect


@pytest.fixture(autouse=True)
def notifications(database: Connect) -> None:
    """Empty, with its indexes."""
    database("notifications")
