"""Training records activities and needs; a new base society makes a need, and the office is told once."""
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.membership.application import open_service as membership
from services.training import activity, events, need
from services.training.application import open_service as training
from services.training.commands import RecordActivity, RecordNeed
from services.training.processes import IntroductionProcess
from shared import event
from shared.application import New
from shared.errors import Conflict
from shared.rebuild import rebuild
from shared.testing import happened, specification
from tests.peers import Together


def test_an_activity_is_recorded_with_what_its_source_states() -> None:
    specification(activity)().when(RecordActivity(
        activity="A1", title="Kits", kind="kit_distribution", role="organised", topics=["covid-19"], figures=[{"count": 80, "of": "sites"}])).then(
        New("activity/A1", events.ACTIVITY_RECORDED, {"activity": "A1", "title": "Kits", "kind": "kit_distribution", "role": "organised",
                                                      "topics": ["covid-19"], "figures": [{"count": 80, "of": "sites"}]}))


def test_an_activity_is_recorded_once() -> None:
    given = specification(activity)
    given(happened("activity/A1", events.ACTIVITY_RECORDED, {})).when(
        RecordActivity(activity="A1", title="Kits", kind="workshop", role="organised")).then_refused(Conflict, "activity")


def test_a_need_is_recorded() -> None:
    specification(need)().when(RecordNeed(organisation="dabia", topic="auscoop", basis="no training")).then(
        New("need/dabia/auscoop", events.NEED_RECORDED, {"organisation": "dabia", "topic": "auscoop", "basis": "no training"}))


def test_a_need_noticed_again_changes_nothing() -> None:
    given = specification(need)
    given(happened("need/dabia/auscoop", events.NEED_RECORDED, {})).when(
        RecordNeed(organisation="dabia", topic="auscoop", basis="again")).then_nothing()


# the process

@pytest.fixture
def world(tmp_path: Path) -> Iterator[Together]:
    with Together(tmp_path, membership, training) as opened:
        yield opened


def notices(world: Together) -> list[str]:
    folder = world.config.var / "outbox" / "training-office"
    return sorted(json.loads(f.read_text("utf-8"))["organisation"] for f in folder.glob("*")) if folder.exists() else []


def needs(world: Together) -> list[str]:
    return [r.stream for r in world["training"].log.after(0, 1000) if r.name == events.NEED_RECORDED]


def found(world: Together, organisation: str, level: str = "base") -> None:
    world.command("membership", "found-organisation", organisation=organisation, level=level, name=organisation, occurred_on="2024")


def test_a_new_base_society_makes_a_need_and_one_notice(world: Together) -> None:
    found(world, "dabia")
    world.settle()
    assert needs(world) == ["need/dabia/auscoop"]
    assert notices(world) == ["dabia"]


def test_a_union_makes_no_need(world: Together) -> None:
    found(world, "union-1", "union")
    world.settle()
    assert (needs(world), notices(world)) == ([], [])


def test_the_need_names_its_cause(world: Together) -> None:
    found(world, "dabia")
    world.settle()
    (cause,) = [event.decode(r.state).id for r in world["membership"].log.load("organisation/dabia")]
    (need_recorded,) = [event.decode(r.state) for r in world["training"].log.load("need/dabia/auscoop")]
    assert need_recorded.causation == cause


def test_a_need_recorded_by_hand_first_is_not_recorded_twice_but_told_once(world: Together) -> None:
    world.command("training", "record-need", organisation="dabia", topic="auscoop", basis="seen on site")
    found(world, "dabia")
    world.settle()
    assert (needs(world), notices(world)) == (["need/dabia/auscoop"], ["dabia"])


def test_a_rebuilt_process_sends_nothing_again(world: Together) -> None:
    for n in range(3):
        found(world, f"s{n}")
    world.settle()
    head = world["training"].log.head()
    for file in (world.config.var / "outbox" / "training-office").iterdir():
        file.unlink()                                    # the office has fetched them
    rebuild(world["training"].processes)
    world.settle()
    assert notices(world) == []
    assert world["training"].log.head() == head


@pytest.mark.parametrize("order", list(itertools.permutations(["found", "need", "settle"])), ids=" ".join)
def test_in_every_order_of_arrival_there_is_one_need_and_one_notice(world: Together, order: tuple[str, ...]) -> None:
    acts = {"found": lambda: found(world, "dabia"), "settle": world.settle,
            "need": lambda: world.command("training", "record-need", organisation="dabia", topic="auscoop", basis="seen on site")}
    for act in order:
        acts[act]()
    world.settle()
    assert (needs(world), notices(world)) == (["need/dabia/auscoop"], ["dabia"])


def test_the_same_cause_and_step_always_have_the_same_id() -> None:
    process = IntroductionProcess()
    assert process.step_id("e1", "need") == IntroductionProcess().step_id("e1", "need")
    assert len({process.step_id("e1", "need"), process.step_id("e1", "notice"), process.step_id("e2", "need")}) == 3
