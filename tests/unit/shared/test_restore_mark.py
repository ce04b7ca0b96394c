"""A log put back from a copy waits for every peer, or for somebody who accepts the loss."""
from pathlib import Path

import pytest
from eventsourcing.persistence import StoredEvent

from services.membership.application import open_service as membership
from services.reporting.application import open_service as reporting
from services.training.application import open_service as training
from shared import event, restore
from shared.errors import Conflict, Unavailable
from shared.feed import Item
from tests.peers import Together


@pytest.fixture
def world(tmp_path: Path) -> Together:
    world = Together(tmp_path, membership, reporting, training)
    for s in world.services.values():
        s.others = [name for name in s.others if name in world.services]
    restore.mark(world["membership"])
    return world


def asking(world: Together, away: str = "") -> restore.Ask:
    within = restore.ask_in_process(world.services, "membership")

    def ask(peer: str, after: int) -> list[Item]:
        if peer == away:
            raise Unavailable(peer)
        return list(within(peer, after))
    return ask


def test_it_takes_no_commands_while_a_peer_is_away(world: Together) -> None:
    restore.guard(world["membership"], asking(world, away="training"), mend=True)
    with pytest.raises(Unavailable, match="training cannot say"):
        world.command("membership", "register-region", region="kayes", name="Kayes")
    restore.guard(world["membership"], asking(world), mend=True)
    assert world["membership"].log.read_only == "" and not restore.is_marked(world["membership"])
    world.command("membership", "register-region", region="kayes", name="Kayes")


def test_only_who_mends_takes_the_mark_away(world: Together) -> None:
    restore.guard(world["membership"], asking(world), mend=False)
    assert world["membership"].log.read_only == "" and restore.is_marked(world["membership"])


def test_an_unmarked_log_works_without_its_peers(world: Together) -> None:
    restore.unmark(world["membership"])
    restore.guard(world["membership"], asking(world, away="training"), mend=True)
    assert world["membership"].log.read_only == ""


def test_an_epoch_goes_on_at_the_next_position(world: Together) -> None:
    head = world["membership"].log.own_head()
    digest = world["membership"].chain.digest_at(head).hex()
    position = restore.start_epoch(world["membership"], asking(world, away="training"), "op", "both disks are gone")
    row = world["membership"].log.at(position)
    assert row and position == head + 1 and row.stream == "log" and row.version == 2
    assert event.decode(row.state).data == {"head": str(head), "digest": digest, "by": "op", "decision": "both disks are gone"}
    assert not restore.is_marked(world["membership"]) and world["membership"].log.opened.log_id
    world.carry()
    assert world["reporting"].log.received_head("membership").version == position  # type: ignore[union-attr]


def test_no_epoch_starts_while_a_peer_holds_more(world: Together) -> None:
    items = world["membership"].chain.read(0)
    more = Item(5, items[-1].position, b"x", "membership.Told", items[0].state)
    world["reporting"].log.append([StoredEvent("received/membership", i.position, i.name, i.state) for i in (*items, more)])
    with pytest.raises(Conflict, match="reporting holds membership up to 5"):
        restore.start_epoch(world["membership"], asking(world), "op", "impatient")
    assert restore.is_marked(world["membership"])
