"""The trading office in which the rows of metal are told: one installation to a file, a new day to a test."""
from collections.abc import Iterator

import pytest

from tests.metal_office import Office, opened


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(tmp_path_factory.mktemp("metal") / "var") as office:
        yield office


@pytest.fixture
def office(house: Office) -> Office:
    return house.opens()
