"""One platform for all end-to-end tests: started once, with the sample province and a mail server."""
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.province import Desk, Province, a_province
from tests.postbox import a_postbox


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    with a_postbox() as postbox, a_province(tmp_path_factory.mktemp("province"), postbox) as province:
        yield province
        assert province.secrets_in_logs() == [], "whatever was asked, no log holds a secret"


@pytest.fixture
def desk(province: Province) -> Iterator[Callable[[str], Desk]]:
    """From an agency's code to its end of the wire, which is let go of after the test."""
    made: list[Desk] = []

    def sit_down(agency: str) -> Desk:
        made.append(province.desk(agency))
        return made[-1]

    yield sit_down
    for each in made:
        each.close()
