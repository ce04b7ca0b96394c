"""Logs and peers of a test's own."""
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.config import Config
from tests.peers import Feeds, Peer


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(var=tmp_path)


@pytest.fixture
def alpha(config: Config) -> Iterator[Peer]:
    """A service that has something to say."""
    peer = Peer(config, "alpha")
    yield peer
    peer.close()


@pytest.fixture
def beta(config: Config) -> Iterator[Peer]:
    """A service that listens."""
    peer = Peer(config, "beta")
    yield peer
    peer.close()


@pytest.fixture
def feeds(alpha: Peer) -> Iterator[Feeds]:
    """alpha's feed, as its peers get it."""
    with Feeds(alpha.chain).patched() as patched:
        yield patched


@pytest.fixture
def told(alpha: Peer) -> Iterator[Peer]:
    for n in range(1, 24):
        alpha.says(1, who="abc"[n % 3], amount=n)
    yield alpha
