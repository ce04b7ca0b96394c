"""Fixtures shared by all tests: real servers, started once a session and only when a test asks for one."""
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.servers import Postgres, Rabbit, ServerError

Server = TypeVar("Server", Postgres, Rabbit)

SERVERS = frozenset({"postgres", "rabbit"})


@pytest.hookimpl(tryfirst=True)                # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For tests that run side by side: a file's tests stay together, for they may build on one another, and all files that need servers do,
    for two installations of twelve processes at once would be slow and twice started. These come first, since there are many of them, and then
    the files with slow tests, or one process would sit idle in the end.
    """
    asked = {item.path for item in items if SERVERS & set(getattr(item, "fixturenames", ())) or item.get_closest_marker("servers")}
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    for item in items:
        item.add_marker(pytest.mark.xdist_group("servers" if item.path in asked else item.nodeid.partition("::")[0]))
    items.sort(key=lambda item: (item.path not in asked, item.path not in slow))


@pytest.fixture(scope="session")
def server_base() -> Iterator[Path]:
    """Where the servers keep their data: open to PostgreSQL's user, as pytest's own directories are not."""
    base = Path(tempfile.mkdtemp(prefix="sanu-test-"))
    base.chmod(0o755)
    yield base
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(server_base: Path) -> Iterator[Postgres]:
    """The session's PostgreSQL server; a test that stops it starts it again."""
    yield from _running(Postgres, server_base)


@pytest.fixture(scope="session")
def rabbit(server_base: Path) -> Iterator[Rabbit]:
    """The session's RabbitMQ broker; a test that stops it starts it again."""
    yield from _running(Rabbit, server_base)


@pytest.fixture
def database(postgres: Postgres) -> str:
    """The URI of a database of this test's own."""
    postgres.start()
    return postgres.new_database()


@pytest.fixture
def broker(rabbit: Rabbit) -> str:
    """The URI of a virtual host of this test's own."""
    rabbit.start()
    return rabbit.new_vhost()


def _running(kind: type[Server], base: Path) -> Iterator[Server]:
    try:
        server = kind(base)
        server.start()
    except ServerError as error:
        pytest.fail(str(error), pytrace=False)  # never a skip: an untested installation must not look like a good one
    yield server
    server.stop()
