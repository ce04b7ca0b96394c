"""kill -9 at every named point and at any moment: clients repeat with the same key, and nothing is lost or doubled."""
import random
import signal
import time

import pytest

from tests.clients import until
from tests.world import OneProcess, OnServers

# Where the process dies -> the role that passes there, and at which passage.
POINTS = {
    "log.before-commit": ("membership", "api", 20),
    "log.after-commit": ("membership", "api", 20),
    "relay.before-publish": ("membership", "worker", 5),
    "relay.after-publish": ("membership", "worker", 5),
    "inbox.before-append": ("reporting", "inbox", 8),
    "inbox.after-append": ("reporting", "inbox", 8),
    "view.before-commit": ("reporting", "worker", 12),
    "view.after-commit": ("reporting", "worker", 12),
    "process.after-do": ("training", "worker", 6),
    "port.before-send": ("training", "worker", 3),
    "port.after-send": ("training", "worker", 3),
}


def test_one_process_is_killed_at_every_point(embedded: OneProcess) -> None:
    """One life after the other on the same var/: each ends at another point."""
    embedded.start()
    embedded.prepare()
    with embedded.load() as load:
        load.acknowledged(20)
        embedded.end(signal.SIGKILL)
        for point, (_, _, passage) in POINTS.items():
            life = embedded.start(fault=f"{point}:{passage}")
            assert life.wait(30) == -signal.SIGKILL, point
        embedded.start()
        load.acknowledged(20)
    embedded.end_well()


@pytest.mark.parametrize("point", POINTS)
def test_a_role_is_killed_at(point: str, world: OnServers) -> None:
    service, role, passage = POINTS[point]
    with world.load() as load:
        life = world.again(service, role, SANU_FAULT=f"{point}:{passage}")
        assert life.wait(30) == -signal.SIGKILL
        until(lambda: world.process(service, role) is not life)
        load.acknowledged(20)
    world.end_well()


def test_roles_are_killed_at_random_moments(world: OnServers) -> None:
    order = world.roles * 2
    random.shuffle(order)
    with world.load(pause_s=0.02) as load:
        for service, role in order:
            world.again(service, role)
            time.sleep(random.uniform(0, 0.8))
        load.acknowledged(20)
    world.end_well()


def test_one_process_is_killed_at_random_moments(embedded: OneProcess) -> None:
    embedded.start()
    embedded.prepare()
    with embedded.load() as load:
        for _ in range(4):
            time.sleep(random.uniform(0, 1.5))
            embedded.end(signal.SIGKILL)
            embedded.start()
            load.acknowledged(10)
    embedded.end_well()
