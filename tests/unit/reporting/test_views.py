"""The views of reporting hold the same rows live, rebuilt and recounted, in whatever order the services are heard."""
import dataclasses
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.gold_trade.application import open_service as gold_trade
from services.membership.application import open_service as membership
from services.reporting import received
from services.reporting.application import DEFINITION
from services.reporting.projections import district_counts, presence
from services.training.application import open_service as training
from shared.application import New
from shared.errors import SanuError
from shared.rebuild import rebuild
from shared.service import Service, migrate
from tests.peers import Feeds, Together, published

DISTRICTS = ("kenieba", "kangaba", "bamako")
DAYS = ("2019", "2020-05", "2020-05-31", "2021-03-15", "2022-08-07/2022-08-11", "2024-11", "")
SOURCES = ("membership", "training", "gold_trade")


def tell_a_story(world: Together, seed: int, steps: int = 120) -> None:
    """Facts as they come in over the years: late, corrected, withdrawn, some refused."""
    rng = random.Random(seed)
    for rank, district in enumerate(DISTRICTS, 1):
        world.command("membership", "register-district", district=district, name=district.title(), rank=rank)
    told: dict[str, list[str]] = {}
    for n in range(steps):
        tell_as_it_stands(world, rng, n)
        tell_of_metal(world, random.Random(n), n)
        who, where, day = f"o{rng.randrange(8)}", rng.choice(DISTRICTS), rng.choice(DAYS)
        on, d = ({"occurred_on": day} if day else {}), f"d{rng.randrange(12)}"
        event = rng.choice(told.get(who) or ["none"])
        to, command, body = rng.choice([
            ("membership", "found-organisation", {"organisation": who, "level": rng.choice(("base", "union")), "name": who, "district": where, **on}),
            ("membership", "found-organisation", {"organisation": who, "level": "base", "name": who, **on}),
            ("membership", "move-organisation", {"organisation": who, "district": where, **on}),
            ("membership", "dissolve-organisation", {"organisation": who, **on}),
            ("membership", "correct-organisation-fact", {"organisation": who, "event": event, "new_occurred_on": day or "2018"}),
            ("membership", "withdraw-organisation-fact", {"organisation": who, "event": event}),
            ("membership", "declare-count", {"declaration": d, "measure": "base", "count": rng.randrange(40), "as_of": day or "2017", "district": where,
                                             "source": {"document": "m", "section": "1"}}),
            ("membership", "correct-declaration", {"declaration": d, "count": rng.randrange(40)}),
            ("membership", "withdraw-declaration", {"declaration": d}),
            ("training", "record-activity", {"activity": f"A{n}", "title": "t", "kind": "workshop", "role": "organised"}),
            ("gold_trade", "register-actor", {"actor": f"a{n}", "kind": "refinery", "name": "n"})])
        try:
            answer = world.command(to, command, **body)
        except SanuError:
            continue
        if to == "membership" and "organisation" in body:
            told.setdefault(who, []).extend(e["id"] for e in answer.events)
    for who in ("twice", "once"):
        world.command("membership", "found-organisation", organisation=who, level="base", name=who, district=DISTRICTS[0])
    world.command("membership", "merge-organisations", organisation="twice", into="once", decision="PV")


def tell_as_it_stands(world: Together, rng: random.Random, n: int) -> None:
    """What follows from a whole history, or is sealed: told here without the decider, so that every view has something to hold."""
    miner, who, day = f"m-{rng.randrange(6):06}", f"o{rng.randrange(8)}", rng.choice([d for d in DAYS if len(d) == 10])
    members = [{"organisation": who, "kind": "miner", "from": day, "delta": rng.choice((1, 1, -1)), "sex": rng.choice(("female", "male"))}]
    finding = {"finding": f"{who}:OH-01", "organisation": who, "rule": "OH-01"}
    stream, name, data = rng.choice([
        (f"miner/{miner}", "MinerAdmitted", {"miner": miner, "organisation": who, "members": members}),
        (f"miner/{miner}", "MinerCardRecorded", {"miner": miner, "card_type": "c"}),
        (f"miner/{miner}", "MinerMerged", {"miner": miner, "into": "m-000009", "decision": "d", "members": members}),
        (f"finding/{who}:OH-01", "FindingRecorded", {**finding, "severity": "B", "tag": "V", "events": [], "breaches": [{"from": day, "state": "observed"}]}),
        (f"finding/{who}:OH-01", "FindingAnswered", {**finding, "answer": "a", "counts_from": day}),
        (f"standing/{who}", "StandingChanged", {"organisation": who, "standing": [{"from": day, "value": "good", "why": []}]}),
        ("corridor/c", "CorridorAssigned", {"corridor": "c", "organisation": who, "until": "2030-01-01"}),
        ("corridor/c", "CorridorExtended", {"corridor": "c", "old": {}, "new": {"valid_until": "2031-01-01"}, "assigned": [who]}),
        ("corridor/c", "CorridorAssignmentEnded", {"corridor": "c", "organisation": who})])
    world["membership"]._append(stream, f"raw-{n}", lambda histories: [New(stream, f"membership.{name}", data)])


def tell_of_metal(world: Together, rng: random.Random, n: int) -> None:
    """Receipts, blends, bars, corrections and consignments; what cannot be is refused."""
    lot, day = f"r{rng.randrange(n + 1)}", rng.choice([d for d in DAYS if d])
    for command, body in (
            ("record-collection", {"lot": f"r{n}", "collector": f"a{rng.randrange(3)}", "society": f"o{rng.randrange(8)}", "gross_mg": rng.randrange(1, 9999),
                                   "fineness_per_100k": 90_000, "method": "xrf", "miners": [], "occurred_on": day}),
            rng.choice([
                ("correct-collection", {"lot": lot, "gross_mg": rng.randrange(1, 9999), "society": f"o{rng.randrange(8)}", "occurred_on": day}),
                ("transform-lots", {"transformation": f"t{n}", "step": "cast", "custodian": "a1", "inputs": [lot], "occurred_on": day,
                                    "outputs": [{"lot": f"b{n}", "gross_mg": 1, "serial": f"MG-{n}"}]}),
                ("record-assay", {"lot": f"b{rng.randrange(n + 1)}", "fineness_per_100k": 99_000, "method": "fire-assay"}),
                ("agree-contract", {"contract": "k", "seller": "a1", "buyer": "a2"}),
                ("send-consignment", {"consignment": f"c{n}", "contract": "k", "lots": [lot]})])):
        with suppress(SanuError):
            world.command("gold_trade", command, **body)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Together]:
    with Together(tmp_path, membership, training, gold_trade) as opened:
        yield opened


def listener(world: Together, name: str) -> Service:
    """One more reporting service, which has heard nothing yet."""
    migrate(world.config, [name])
    service = partial(Service, definition=dataclasses.replace(DEFINITION, name=name))(world.config)
    service.prepare()
    return service


def fold(service: Service) -> None:
    for view in service.views:
        while view.step():
            pass


def tables(service: Service, without: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every view, without the columns named, and without the service's own opening, which has an id of its own."""
    result = {}
    for projection in service.views:
        with projection.reading() as (tx, table, _):
            for suffix in projection.view.tables:
                cursor = tx.execute(f"SELECT * FROM {table(suffix)}")
                kept = [n for n, column in enumerate(cursor.description) if column[0] not in without]
                result[f"{projection.view.name}{suffix}"] = sorted(
                    tuple(row[n] for n in kept) for row in cursor.fetchall() if service.log.opened.log_id not in row)
    return result


def changes(world: Together) -> list[tuple[str, str, str, int, str]]:
    """(district, level, day, delta, recorded_at) straight from the bytes of membership's log."""
    rows = world["membership"].log.recorder.select("SELECT state FROM stored_events", ())
    events = [json.loads(state) for (state,) in rows]
    return [(c.get("district", ""), c["level"], c["from"], c["delta"], e["recorded_at"]) for e in events for c in e["data"].get("counts", [])]


def test_any_interleaving_of_sources_gives_the_same_rows(world: Together) -> None:
    tell_a_story(world, seed=1)
    envelopes = {source: published(world[source], most=3) for source in SOURCES}
    expected = None
    for seed in range(4):
        rng, service = random.Random(seed), listener(world, f"reporting{seed}")
        waiting = {source: list(sent) for source, sent in envelopes.items()}
        while left := [source for source, sent in waiting.items() if sent]:
            source = rng.choice(left)
            assert service.inbox.take(source, [waiting[source].pop(0)]) == []
            if rng.random() < 0.3:
                rng.choice(service.views).step()
        fold(service)
        rows = tables(service, without=("position", "low", "high"))
        assert all(rows.values())
        expected = expected or rows
        assert rows == expected
        service.close()


def test_envelopes_in_any_order_give_the_same_rows(world: Together) -> None:
    tell_a_story(world, seed=2)
    envelopes = [(source, e) for source in SOURCES for e in published(world[source], most=3)]
    rows = []
    for seed in range(2):
        service = listener(world, f"reporting{seed}")
        random.Random(seed).shuffle(envelopes)
        with Feeds(*(world[s].chain for s in SOURCES)).patched():
            for source, envelope in envelopes:
                service.inbox.take(source, [envelope])
                service.views[0].step()
        fold(service)
        rows.append(tables(service, without=("position", "low", "high")))
        service.close()
    assert rows[0] == rows[1]


@pytest.fixture
def heard(world: Together) -> Iterator[Service]:
    """Reporting, live, after a story."""
    tell_a_story(world, seed=3)
    service = listener(world, "reporting")
    for source in SOURCES:
        for envelope in published(world[source], most=2):
            service.inbox.take(source, [envelope])
            fold(service)
    yield service
    service.close()


def test_a_rebuild_gives_the_rows_of_the_live_view(heard: Service) -> None:
    live = tables(heard)
    assert all(live.values())
    rebuild(heard.views, page=7)
    assert tables(heard) == live


def test_the_counts_are_the_recount_of_membership_on_every_day(world: Together, heard: Service) -> None:
    days = sorted({day for _, _, day, _, _ in changes(world)})
    assert len(days) > 3
    for as_of in ["0001-01-01", *days, "9999-12-31"]:
        naive: Counter[tuple[str, str]] = Counter()
        for district, level, day, delta, _ in changes(world):
            if day <= as_of:
                naive[district, level] += delta
        with heard.view("district_counts").reading() as (tx, table, _run):
            counts = district_counts.counts(tx, table, as_of)
        assert Counter(counts) == naive
        assert all(n >= 0 for n in counts.values())


def test_what_was_known_is_the_recount_of_what_was_recorded_by_then(world: Together, heard: Service) -> None:
    moments = sorted({recorded_at for *_, recorded_at in changes(world)})
    for known_at in moments[:: max(1, len(moments) // 6)]:
        naive: Counter[tuple[str, str]] = Counter()
        for district, level, _, delta, recorded_at in changes(world):
            if recorded_at <= known_at:
                naive[district, level] += delta
        with heard.view("presence").reading() as (tx, table, _run):
            assert Counter(presence.counts(tx, table, "9999", known_at)) == naive


def test_both_views_of_presence_agree_on_the_present(world: Together, heard: Service) -> None:
    for as_of in ("2019-12-31", "2021-01-01", "2025-01-01"):
        with heard.view("presence").reading() as (tx, table, _run):
            one = presence.counts(tx, table, as_of, "9999")
        with heard.view("district_counts").reading() as (tx, table, _run):
            assert district_counts.counts(tx, table, as_of) == one


def test_every_event_of_every_source_is_in_the_index(world: Together, heard: Service) -> None:
    ids = {json.loads(item.state)["id"] for source in SOURCES for item in world[source].chain.read(0, 10_000)}
    with heard.view("event_index").reading() as (tx, table, _):
        indexed = dict(tx.execute(f"SELECT id, position FROM {table('')}").fetchall())
    assert ids < set(indexed)
    assert len(set(indexed.values())) == len(indexed) == heard.log.count()


def test_an_event_a_view_cannot_read_stops_the_views_that_name_it_and_no_other(world: Together) -> None:
    tell_a_story(world, seed=4, steps=30)
    world["membership"]._append("organisation/odd", "", lambda h: [
        New("organisation/odd", received.ORGANISATION_MOVED, {"counts": "not a list"})])
    service = listener(world, "reporting")
    for envelope in published(world["membership"]):
        service.inbox.take("membership", [envelope])
    fold(service)
    assert {p.view.name for p in service.views if p.current().stopped_at} == {"presence", "district_counts"}
    service.skip("presence", "a mistake of the import", "officer-1")
    service.skip("district_counts", "a mistake of the import", "officer-1")
    fold(service)
    live = tables(service)
    rebuild(service.views)
    assert tables(service) == live
    assert not any(p.current().stopped_at for p in service.views)
    service.close()
