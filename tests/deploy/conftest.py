"""Servers of our own for the tests of what starts, kills and saves them: other tests' servers are not ours to kill."""
from collections.abc import Iterator

import pytest

from deploy.local.daemon import left_behind
from deploy.local.servers import Servers


@pytest.fixture(scope="package")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    servers = Servers.on_free_ports(tmp_path_factory.mktemp("servers"))
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()
    assert left_behind(servers.folder) == []
