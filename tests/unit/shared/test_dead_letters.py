"""What an inbox refused can be tried again, or left out by a decision; its row stays."""
from pathlib import Path

import pytest

from services.membership.application import open_service as membership
from services.reporting.application import open_service as reporting
from shared import dead_letters, event, state
from shared.errors import BadRequest, Conflict, NotFound
from shared.jwks import register, remove
from tests.peers import Together, published


@pytest.fixture
def world(tmp_path: Path) -> Together:
    return Together(tmp_path, membership, reporting)


def refused(world: Together) -> int:
    """Reporting is sent an envelope by membership while it does not know membership's key."""
    world.command("membership", "register-region", region="kayes", name="Kayes")
    envelope = published(world["membership"])[0]
    remove(world.config, "membership")
    assert world["reporting"].inbox.take("membership", [envelope]) == [0]
    register(world.config, "membership", world["membership"].signer.private.public_key().public_bytes_raw())
    _look_again(world)
    return dead_letters.listed(world["reporting"])[0].id


def _look_again(world: Together) -> None:
    """As a second later."""
    world["reporting"].keys._looked = world["reporting"].keys._searched = float("-inf")


def test_a_letter_that_verifies_by_now_is_taken(world: Together) -> None:
    letter = refused(world)
    with world.feeds.patched():
        assert "grew from 0 to 3" in dead_letters.retry(world["reporting"], letter)
    assert [r.name for r in world["reporting"].log.received_after("membership", 0, 9)][1:] == [
        "membership.RegionRegistered", "membership.PlaceNamed"]
    assert dead_letters.listed(world["reporting"]) == [] and state.dead_letters(world["reporting"]) == 0
    assert dead_letters.one(world["reporting"], letter).how.startswith("taken")


def test_a_letter_still_refused_stays_open_and_is_not_there_twice(world: Together) -> None:
    letter = refused(world)
    remove(world.config, "membership")
    _look_again(world)
    with world.feeds.patched(), pytest.raises(BadRequest, match="still refused"):
        dead_letters.retry(world["reporting"], letter)
    assert [d.id for d in dead_letters.listed(world["reporting"])] == [letter]


def test_bytes_nobody_can_read_are_discarded_by_a_recorded_decision(world: Together) -> None:
    with world.feeds.patched():
        world["reporting"].inbox.take("membership", [({"x": object()}, b"\xff\x00")])
    (letter,) = dead_letters.listed(world["reporting"])
    with pytest.raises(BadRequest, match="reason"):
        dead_letters.discard(world["reporting"], letter.id, " ", "op")
    dead_letters.discard(world["reporting"], letter.id, "noise", "op")
    decision = event.decode(world["reporting"].log.load(f"dead-letter/{letter.digest[:32]}")[0].state)
    assert decision.name == "reporting.DeadLetterDiscarded"
    assert decision.data == {"source": "membership", "refused_at": letter.refused_at, "why": letter.why, "sha256": letter.digest,
                             "decision": "noise", "by": "op"}
    assert dead_letters.listed(world["reporting"]) == [] and len(dead_letters.listed(world["reporting"], settled=True)) == 1
    with pytest.raises(Conflict, match="settled"):
        dead_letters.retry(world["reporting"], letter.id)
    with pytest.raises(NotFound):
        dead_letters.one(world["reporting"], 99)


def test_the_same_bytes_refused_twice_are_two_decisions(world: Together) -> None:
    with world.feeds.patched():
        for _ in range(2):
            world["reporting"].inbox.take("membership", [({}, b"x")])
    for letter in dead_letters.listed(world["reporting"]):
        dead_letters.discard(world["reporting"], letter.id, "noise", "op")
    assert len(world["reporting"].log.load(f"dead-letter/{letter.digest[:32]}")) == 2
