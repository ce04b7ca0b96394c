"""Fixtures shared by all tests: real servers, started once a session and only when a test asks for one."""
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.servers import Postgres, Rabbit, ServerError

Server = TypeVar("Server", Postgres, Rabbit)

def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: a file stays in one process, and a long one begun last would leave the others idle."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


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
