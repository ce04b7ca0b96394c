"""One installation on real servers for all failure tests; a test that fails leaves it to nobody else."""
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Postgres, Rabbit
from tests.world import OneProcess, OnServers

_failed = pytest.StashKey[bool]()
_worlds: list[OnServers] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    item.stash[_failed] = item.stash.get(_failed, False) or report.failed
    return report


@pytest.fixture(scope="session")
def _end_of_worlds(postgres: Postgres, rabbit: Rabbit) -> Iterator[None]:
    yield
    while _worlds:
        _worlds.pop().stop()


@pytest.fixture
def world(_end_of_worlds: None, request: pytest.FixtureRequest, server_base: Path, postgres: Postgres, rabbit: Rabbit) -> Iterator[OnServers]:
    """Twelve processes on RabbitMQ and PostgreSQL, the report's facts loaded."""
    postgres.start()
    rabbit.start()
    if not _worlds:
        new = OnServers(server_base, postgres, rabbit)
        try:
            new.prepare()
        except BaseException:
            new.stop()
            raise
        _worlds.append(new)
    yield _worlds[0]
    if request.node.stash.get(_failed, False):
        _worlds.pop().stop()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[OneProcess]:
    """All services in one process, not started yet."""
    host = OneProcess(tmp_path / "var", heartbeat_s=1.0, silence_s=4.0)
    yield host
    host.end()
