"""The process: what it knows of the other streams, whatever is corrected, and however the log is cut into pages."""
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.membership import events
from services.membership.application import open_service as membership
from services.membership.findings import around
from services.membership.processes import AssessmentProcess
from shared import process
from shared.application import New
from shared.errors import Unavailable
from shared.projection import Projection
from shared.rebuild import rebuild
from tests.peers import Together

ROW = {"name": "Awa Exemple"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Together]:
    with Together(tmp_path, membership) as opened:
        opened.command("membership", "register-district", district="kangaba", name="Kangaba")
        for name in ("dabia", "niena"):
            opened.command("membership", "found-organisation", organisation=name, level="base", form="SCOOPS", name=f"SCOOPS {name}", district="Kangaba",
                           occurred_on="2020-01-01")
        yield opened


def say(world: Together, command: str, **body: Any) -> str:
    """The id of its first event."""
    return str(world.command("membership", command, **body).events[0]["id"])


def of(world: Together, organisation: str = "dabia") -> Projection:
    world.settle()
    return world["membership"].view(AssessmentProcess.name)


def known(world: Together, organisation: str = "dabia") -> around.Around:
    return around.read(of(world), organisation)


def register(world: Together, miner: str, organisation: str = "dabia", on: str = "2020-02-01") -> str:
    world.command("membership", "register-miner", miner=miner, organisation=organisation, admitted_on=on, **ROW)
    return miner


def told(world: Together, stream: str) -> list[Any]:
    return [json.loads(row.state)["data"] for row in world["membership"].log.load(stream)]


def findings(world: Together, finding: str = "dabia:OH-01") -> list[Any]:
    return [[(b["from"], b.get("until")) for b in data["breaches"]] for data in told(world, f"finding/{finding}")]


def todos(world: Together) -> list[tuple[str, int]]:
    projection = world["membership"].view(AssessmentProcess.name)
    table = projection.view.table(projection.current().number)("")
    return [tuple(row) for row in projection.tables.query(f"SELECT id, done FROM {table} ORDER BY id")]


def test_members_come_and_go_with_what_is_recorded_of_miners(world: Together) -> None:
    register(world, "m-000001")
    world.command("membership", "end-membership", miner="m-000001", organisation="dabia", cause="other", occurred_on="2021-03-01")
    assert [(m.kind, m.day, m.delta) for m in known(world).members] == [("miner", "2020-02-01", 1), ("miner", "2021-03-01", -1)]
    assert findings(world)[-1] == [("2020-01-01", None)]


def test_an_affiliation_makes_a_member_of_the_union(world: Together) -> None:
    say(world, "found-organisation", organisation="union", level="union", name="Union", occurred_on="2020-01-01")
    say(world, "affiliate-organisation", organisation="dabia", parent="union", occurred_on="2020-05-01")
    assert [(m.kind, m.day, m.delta) for m in known(world, "union").members] == [("base", "2020-05-01", 1)]
    assert findings(world, "union:OH-20") == [[("2020-01-01", None)]]
    say(world, "affiliate-organisation", organisation="niena", parent="union", occurred_on="2020-06-01")
    world.settle()
    assert findings(world, "union:OH-20")[-1] == [("2020-01-01", "2020-06-01")]


def notice(world: Together, miner: str = "m-000001") -> str:
    return say(world, "notice-withdrawal", miner=register(world, miner), organisation="dabia", received_on="2021-01-10")


def clocks(world: Together, organisation: str = "dabia") -> list[tuple[str, str]]:
    return [(clock.due_by, clock.repaid) for clock in known(world, organisation).clocks]


def test_a_refund_is_due_is_put_off_and_is_paid(world: Together) -> None:
    notice(world)
    assert clocks(world) == [("2022-01-10", "")]
    assert findings(world, "dabia:OH-31") == [[("2022-01-11", None)]]
    say(world, "extend-refund", miner="m-000001", organisation="dabia", due_by="2022-12-31", decision="AG")
    assert clocks(world) == [("2022-12-31", "")]
    say(world, "record-refund", miner="m-000001", organisation="dabia", occurred_on="2023-02-01")
    assert clocks(world) == [("2022-12-31", "2023-02-01")]
    assert findings(world, "dabia:OH-31")[-1] == [("2023-01-01", "2023-02-01")]


def test_who_leaves_twice_is_owed_twice(world: Together) -> None:
    notice(world)
    say(world, "record-refund", miner="m-000001", organisation="dabia", occurred_on="2021-02-01")
    say(world, "admit-miner", miner="m-000001", organisation="dabia", occurred_on="2021-06-01")
    say(world, "notice-withdrawal", miner="m-000001", organisation="dabia", received_on="2022-03-01")
    assert clocks(world) == [("2022-01-10", "2021-02-01"), ("2023-03-01", "")]


def test_what_is_told_late_belongs_to_the_departure_of_its_day(world: Together) -> None:
    notice(world)
    say(world, "admit-miner", miner="m-000001", organisation="dabia", occurred_on="2021-06-01")
    say(world, "notice-withdrawal", miner="m-000001", organisation="dabia", received_on="2022-03-01")
    paid = say(world, "record-refund", miner="m-000001", organisation="dabia", occurred_on="2021-02-01")
    say(world, "extend-refund", miner="m-000001", organisation="dabia", due_by="2024-02-29", decision="AG", occurred_on="2022-06-01")
    assert clocks(world) == [("2022-01-10", "2021-02-01"), ("2024-02-29", "")]
    say(world, "correct-miner-fact", miner="m-000001", event=paid, new_occurred_on="2022-05-01")
    assert clocks(world) == [("2022-01-10", ""), ("2024-02-29", "2022-05-01")]


def test_a_receipt_that_is_corrected_moves_what_the_notice_begins(world: Together) -> None:
    wrong = notice(world)
    say(world, "record-refund", miner="m-000001", organisation="dabia", occurred_on="2020-12-01")
    say(world, "correct-miner-fact", miner="m-000001", event=wrong, received_on="2020-11-10")
    assert clocks(world) == [("2021-11-10", "2020-12-01")]


def test_a_corrected_or_withdrawn_notice_moves_or_stops_its_clock(world: Together) -> None:
    wrong = notice(world)
    say(world, "correct-miner-fact", miner="m-000001", event=wrong, received_on="2021-06-30", effective_on="2021-06-30")
    assert clocks(world) == [("2022-06-30", "")]
    say(world, "withdraw-miner-fact", miner="m-000001", event=wrong)
    assert clocks(world) == []
    assert findings(world, "dabia:OH-31")[-1] == []


def test_a_withdrawn_refund_starts_the_clock_again(world: Together) -> None:
    notice(world)
    paid = say(world, "record-refund", miner="m-000001", organisation="dabia", occurred_on="2021-02-01")
    assert clocks(world) == [("2022-01-10", "2021-02-01")]
    say(world, "withdraw-miner-fact", miner="m-000001", event=paid)
    assert clocks(world) == [("2022-01-10", "")]


def test_a_duplicates_clock_is_its_survivors(world: Together) -> None:
    notice(world)
    register(world, "m-000002", "niena")
    say(world, "merge-miners", miner="m-000001", into="m-000002", decision="the same person")
    assert clocks(world) == [("2022-01-10", "")]


def grant(world: Together, **more: Any) -> None:
    say(world, "grant-corridor", corridor="c1", name="C1", district="Kangaba", valid_from="2023-01-01", **more)


def held(world: Together, organisation: str = "dabia") -> list[tuple[str, str]]:
    return [(h.span.start, h.span.until) for h in known(world, organisation).corridors]


def test_a_corridor_holds_within_its_own_days_and_those_of_the_assignment(world: Together) -> None:
    grant(world, valid_until="2024-12-31")
    say(world, "assign-corridor", corridor="c1", organisation="dabia", occurred_on="2022-06-01")
    assert held(world) == [("2023-01-01", "2025-01-01")]
    assert findings(world, "dabia:ML-02")[-1] == [("2025-01-01", None)]
    say(world, "extend-corridor", corridor="c1", valid_until="2025-12-31")
    assert held(world) == [("2023-01-01", "2026-01-01")]
    assert findings(world, "dabia:ML-02")[-1] == [("2026-01-01", None)]
    say(world, "close-corridor", corridor="c1", occurred_on="2025-03-15")
    assert held(world) == [("2023-01-01", "2025-03-15")]
    assert findings(world, "dabia:ML-02")[-1] == [("2025-03-15", None)]


def test_an_assignment_ends_on_its_own_day_or_when_it_is_ended(world: Together) -> None:
    grant(world)
    say(world, "assign-corridor", corridor="c1", organisation="dabia", occurred_on="2023-02-01", valid_until="2023-12-31")
    assert held(world) == [("2023-02-01", "2024-01-01")]
    say(world, "assign-corridor", corridor="c1", organisation="dabia", occurred_on="2024-02-01")
    say(world, "end-corridor-assignment", corridor="c1", organisation="dabia", occurred_on="2024-05-01")
    assert held(world) == [("2023-02-01", "2024-01-01"), ("2024-02-01", "2024-05-01")]


def test_an_assignment_that_is_ended_leaves_a_later_one_alone(world: Together) -> None:
    say(world, "grant-corridor", corridor="c1", name="C1", district="Kangaba")
    for day, until in (("2023-10-01", {"valid_until": "2023-12-31"}), ("2024-03-01", {})):
        say(world, "assign-corridor", corridor="c1", organisation="dabia", occurred_on=day, **until)
    say(world, "end-corridor-assignment", corridor="c1", organisation="dabia", occurred_on="2023-11-30")
    assert held(world) == [("2023-10-01", "2023-11-30"), ("2024-03-01", "9999-12-31")]
    assert findings(world, "dabia:ML-02")[-1] == [("2023-08-29", "2023-10-01"), ("2023-11-30", "2024-03-01")]


def events_of(world: Together) -> list[bytes]:
    return [i.state for i in world["membership"].chain.read(0, 10_000)]


def busy(world: Together) -> None:
    for n in range(8):
        register(world, f"m-00000{n}", ("dabia", "niena")[n % 2], f"2020-0{n + 1}-01")
        if n % 3 == 0:
            world.settle()
    say(world, "notice-withdrawal", miner="m-000000", organisation="dabia", received_on="2021-01-10")
    world.settle()


def test_a_rebuild_finds_the_same_and_tells_nothing_twice(world: Together) -> None:
    busy(world)
    before, known_before = events_of(world), [known(world, name) for name in ("dabia", "niena")]
    rebuild(world["membership"].processes)
    world.settle()
    assert events_of(world) == before
    assert [known(world, name) for name in ("dabia", "niena")] == known_before
    assert all(done for _, done in todos(world))


@pytest.mark.parametrize("page", [1, 2, 7, 5000])
def test_the_last_command_has_the_same_id_however_the_log_is_cut(world: Together, page: int) -> None:
    busy(world)
    lived = {id_ for id_, _ in todos(world)}
    assessment = world["membership"].view(AssessmentProcess.name)
    runs = rebuild([assessment], page=page)
    table = assessment.view.table(runs[assessment.view.name].number)("")
    left = {row[0] for row in assessment.tables.query(f"SELECT id FROM {table} WHERE done = 0")}
    assert len(left) == 2 and left <= lived


def test_what_comes_later_covers_what_is_still_to_do(world: Together) -> None:
    for n in range(5):
        register(world, f"m-00000{n}")
        world.fold()
    assert sorted(done for _, done in todos(world)) == [0, 0]               # one for each organisation
    world.settle()
    assert findings(world) == [[("2020-01-01", "2020-02-01")]]


def test_what_follows_an_import_waits_for_the_rest_of_it(world: Together) -> None:
    for n in range(51):
        say(world, "found-organisation", organisation=f"o-{n}", level="base", name=f"O {n}", occurred_on="2020-01-01")
    world.fold()
    assert world.act() == 0
    assessment = world["membership"].view(AssessmentProcess.name)
    assert process.perform(assessment, world["membership"].do, "2999-01-01T00:00:00.000Z") > 50


def test_nothing_is_found_from_a_part_of_what_is_known(world: Together) -> None:
    """A run that is being filled knows some members, and not yet all."""
    busy(world)
    before = events_of(world)
    assessment = world["membership"].view(AssessmentProcess.name)
    assessment.restart()
    assessment.page = 5
    with pytest.raises(Unavailable):
        world.command("membership", "assess-organisation", organisation="dabia")
    while assessment.step():
        world.act()
    assert events_of(world) == before


def test_a_decision_is_followed_by_another_standing(world: Together) -> None:
    world.settle()
    say(world, "decide-finding", organisation="dabia", rule="OH-05", state="lifted", decision="récépissé vu", occurred_on="2021-01-01")
    say(world, "decide-finding", organisation="dabia", rule="ML-02", state="confirmed", decision="aucun", occurred_on="2024-01-01")
    world.settle()
    assert [(s["from"], s["value"], s["why"]) for s in told(world, "standing/dabia")[-1]["standing"]] == [
        ("2020-01-01", "good", []), ("2020-04-01", "to check", ["OH-05"]), ("2021-01-01", "good", []), ("2023-08-29", "to check", ["ML-02"])]


def test_a_member_of_an_organisation_that_nobody_founded_stops_nothing(world: Together) -> None:
    change = {"organisation": "nobody", "kind": "miner", "from": "2020-01-01", "delta": 1}
    world["membership"]._append("miner/m-odd000", "", lambda h: [New("miner/m-odd000", events.MINER_ADMITTED, {
        "miner": "m-odd000", "organisation": "nobody", "members": [change]})])
    register(world, "m-000001")
    world.settle()
    assert findings(world)[-1] == [("2020-01-01", None)]
