"""The views of membership hold the same rows however the streams of its log are interleaved, live and rebuilt."""
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from services.membership import directory, events
from services.membership.application import open_service as membership
from services.membership.projections import corridors, findings, organisations, timeline
from services.membership.views import VIEWS, Miners
from shared import event, log
from shared.event import Event
from shared.projection import reading
from shared.rebuild import rebuild
from shared.service import Service
from shared.tables import Transaction
from shared.testing import happened
from tests.peers import Together
from tests.unit.membership.facts import affiliated, dissolved, fact, founded, moved

TODAY = "2025-06-01"
TRIED = set(VIEWS) - {Miners}              # which has tests of its own


def about(stream: str, name: str, on: str = "", id: str = "", /, **data: Any) -> Event:
    return happened(stream, name, data, occurred_on=on, id=id)


def standing(organisation: str, *steps: tuple[str, str, list[str]]) -> Event:
    return about(f"standing/{organisation}", events.STANDING_CHANGED, organisation=organisation,
                 standing=[{"from": day, "value": value, "why": why} for day, value, why in steps])


def finding(organisation: str, rule: str, name: str, /, **data: Any) -> Event:
    return about(f"finding/{organisation}:{rule}", name, finding=f"{organisation}:{rule}", organisation=organisation, rule=rule, **data)


MOVE, END = event.new_id(), event.new_id()
CHILD = {"organisation": "union", "kind": "base"}
STORY: list[list[Event]] = [
    [about("district/kangaba", events.DISTRICT_REGISTERED, district="kangaba", name="Kangaba", rank=2)],
    [about("district/kenieba", events.DISTRICT_REGISTERED, district="kenieba", name="Kéniéba", rank=1)],
    [founded("union", on="2020", level="union", name="Union de Kangaba"),
     fact(events.ORGANISATION_REGISTERED, "union", on="2021-01-05", number="N2021 A/1", normalised="n2021a1", register="RSC")],
    [founded("dabia", on="2020-05", name="Dabia Orpaillage", district="kangaba", aliases=["Dabya"], form="SCOOPS"),
     affiliated("union", on="2020-06", members=[{**CHILD, "from": "2020-06-30", "delta": 1}]),
     moved("kenieba", on="2022-03-01", id=MOVE), fact(events.ORGANISATION_RENAMED, on="2021-01-01", name="Dabia Kènèya", old_name="Dabia Orpaillage"),
     fact(events.ORGANISATION_ALIAS_RECORDED, on="2021", alias="Société de Dabia", evidence="minutes"),
     fact(events.FACT_CORRECTED, corrects=MOVE, fact=events.ORGANISATION_MOVED, old={"counts_from": "2022-03-01"}, new={"counts_from": "2019-01-01"}),
     dissolved(on="2023-01-01", id=END, members=[{**CHILD, "from": "2023-01-01", "delta": -1}]),
     fact(events.FACT_WITHDRAWN, withdraws=END, fact=events.ORGANISATION_DISSOLVED, old={"counts_from": "2023-01-01"},
          members=[{**CHILD, "from": "2023-01-01", "delta": 1}]),
     fact(events.SEAT_RECORDED, on="2024", seat="Dabia, près du marché", commune="Dabia")],
    [founded("copy", on="2020-05", name="Dabia II"), fact(events.ORGANISATION_MERGED, "copy", on="2024-01-01", into="dabia", decision="same papers")],
    [standing("dabia", ("2020-05-31", "good", []), ("2024-01-01", "to check", ["OH-05"]))],
    [standing("unknown", ("2024-01-01", "suspended", ["OH-01"]))],
    [finding("dabia", "OH-05", events.FINDING_RECORDED, article="AUSCOOP 74", severity="B", tag="V2", events=[MOVE], breaches=[
        {"from": "2020-05-31", "state": "to check", "facts": {"number": "none"}}]),
     finding("dabia", "OH-05", events.FINDING_ANSWERED, answer="It is on its way", counts_from="2024-02-01"),
     finding("dabia", "OH-05", events.FINDING_DECIDED, state="confirmed", decision="2024-17", counts_from="2024-03-01")],
    [finding("union", "OH-20", events.FINDING_RECORDED, article="AUSCOOP 133", severity="B", tag="V", events=[MOVE], breaches=[
        {"from": "2020-12-31", "until": "2022-01-01", "state": "observed"}, {"from": "2030-01-01", "state": "observed"}])],
    [about("site/s1", events.SITE_REGISTERED, site="s1", name="Placer", district="kangaba", latitude_e6=12_345_678),
     about("site/s1", events.SITE_CORRECTED, site="s1", old={"name": "Placer"}, new={"name": "Placer de Dabia"})],
    [about("corridor/c1", events.CORRIDOR_GRANTED, "2024-01-01", corridor="c1", name="Couloir 1", district="kangaba", valid_until="2025-08-01", sites=["s1"]),
     about("corridor/c1", events.CORRIDOR_ASSIGNED, "2024-02-01", corridor="c1", organisation="dabia", until="2025-08-01"),
     about("corridor/c1", events.CORRIDOR_EXTENDED, corridor="c1", old={"valid_until": "2025-08-01"}, new={"valid_until": "2026-08-01"}, assigned=["dabia"])],
    [about("partner/cmm", events.PARTNER_REGISTERED, partner="cmm", name="Chambre des Mines", kind="chamber")],
    [about("agreement/a1", events.AGREEMENT_SIGNED, "2024-05-01", agreement="a1", title="Convention", state="signed", valid_until="2025-07-01",
           parties=[{"partner": "cmm"}, {"organisation": "dabia"}], deliverables=["Kits"]),
     about("agreement/a1", events.DELIVERABLE_RECORDED, agreement="a1", deliverable="80 kits")],
    [about("miner/m-1", events.MINER_ADMITTED, "2024-01-01", miner="m-000001", organisation="dabia",
           members=[{"organisation": "dabia", "kind": "miner", "from": "2024-01-01", "delta": 1, "sex": "female"}])],
]


def interleaved(seed: int) -> list[Event]:
    """The story with its streams in any order, each stream in its own."""
    rng, waiting, told = random.Random(seed), [list(stream) for stream in STORY], []
    while left := [stream for stream in waiting if stream]:
        told.append(rng.choice(left).pop(0))
    return told


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Together(tmp_path, membership) as world:
        yield world["membership"]


def tell(service: Service, told: Sequence[Event], rng: random.Random) -> None:
    """Appends them, while views read as they please."""
    versions: dict[str, int] = {}
    for e in told:
        versions[e.stream] = versions.get(e.stream, 0) + 1
        service.log.append([log.stored(Event(**{f: getattr(e, f) for f in e.__struct_fields__} | {"version": versions[e.stream]}))])
        if rng.random() < 0.4:
            rng.choice(service.views).step()
    for view in service.views:
        while view.step():
            pass
    assert not [(view.view.name, view.current().why) for view in service.views if view.current().stopped_at]


def rows(service: Service) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every view of this module, without positions, and without what a view keeps for itself."""
    result = {}
    for projection in service.views:
        if type(projection.view) in TRIED:
            with projection.reading() as (tx, table, _):
                for suffix in projection.view.tables:
                    if suffix != "told":
                        result[f"{projection.view.name} {suffix}"] = _of(tx, table(suffix))
    return result


def _of(tx: Transaction, table: str) -> list[tuple[Any, ...]]:
    cursor = tx.execute(f"SELECT * FROM {table}")
    kept = [n for n, column in enumerate(cursor.description) if column[0] != "position"]
    return sorted((tuple(row[n] for n in kept) for row in cursor.fetchall()), key=repr)


def test_m1_any_interleaving_of_the_streams_gives_the_same_rows(tmp_path: Path) -> None:
    expected = None
    for seed in range(6):
        with Together(tmp_path / str(seed), membership) as world:
            tell(world["membership"], interleaved(seed), random.Random(seed))
            found = rows(world["membership"])
            assert all(found.values()), [name for name, of in found.items() if not of]
            expected = expected or found
            assert found == expected


def test_m1_a_rebuild_gives_the_rows_of_the_live_views(service: Service) -> None:
    tell(service, interleaved(7), random.Random(7))
    live = rows(service)
    rebuild([p for p in service.views if type(p.view) in TRIED], page=5)
    assert rows(service) == live


@pytest.fixture
def told(service: Service) -> Service:
    tell(service, interleaved(1), random.Random(1))
    return service


def test_m1_a_row_says_how_the_organisation_stands_after_corrections(told: Service) -> None:
    (dabia,) = directory.listed(told, TODAY, "", 50, q="keneya")
    assert (dabia["name"], dabia["district"], dabia["district_name"], dabia["status"]) == ("Dabia Kènèya", "kangaba", "Kangaba", "in constitution")
    assert (dabia["seat"], dabia["commune"], dabia["form"], dabia["founded_on"]) == ("Dabia, près du marché", "Dabia", "SCOOPS", "2020-05")
    assert dabia["members"] == {"miner": 1, "miner/female": 1} and dabia["findings_open"] == 1
    assert dabia["standing"] == {"value": "to check", "why": ["OH-05"], "since": "2024-01-01"} and dabia["parents"] == ["union"]


def test_what_is_said_of_an_unknown_organisation_makes_a_row_under_its_slug(told: Service) -> None:
    with told.view("organisations").reading() as (tx, table, _):
        row = organisations.some(tx, table, ["unknown"])["unknown"]
    assert (row["name"], row["level"], row["standing"][0]["value"]) == ("unknown", "", "suspended")


@pytest.mark.parametrize(("q", "found"), [("DABYA", ["dabia"]), ("societe de dabia", ["dabia"]), ("Orpaillage", ["dabia"]), ("dabia", ["copy", "dabia"]),
                                          ("%", []), ("_", []), ("kangaba", ["union"])])
def test_x6_an_organisation_is_found_by_any_name_it_bore(told: Service, q: str, found: list[str]) -> None:
    assert sorted(row["organisation"] for row in directory.listed(told, TODAY, "", 50, q=q)) == found


def test_m1_filters_and_pages_meet_every_organisation_once(told: Service) -> None:
    everything = [row["organisation"] for row in directory.listed(told, TODAY, "", 50)]
    paged: list[str] = []
    while page := directory.listed(told, TODAY, paged[-1] if paged else "", 1):
        paged += [row["organisation"] for row in page]
    assert paged == everything and sorted(everything) == ["copy", "dabia", "union", "unknown"]
    for filters, expected in (({"status": "merged"}, ["copy"]), ({"level": "union"}, ["union"]), ({"district": "kangaba"}, ["dabia"]),
                              ({"parent": "union"}, ["dabia"]), ({"parent": "union", "level": "union"}, [])):
        assert [row["organisation"] for row in directory.listed(told, TODAY, "", 50, **filters)] == expected


def test_m2_the_tree_hangs_each_organisation_under_its_parents(told: Service) -> None:
    tree = directory.tree(told, TODAY)
    union = next(node for node in tree if node["organisation"] == "union")
    assert [child["organisation"] for child in union["children"]] == ["dabia"] and tree[0] is union
    assert [node["organisation"] for node in tree if node["organisation"] == "dabia"] == []


def test_m1_the_timeline_shows_a_corrected_fact_where_it_belongs_and_a_withdrawn_one_struck(told: Service) -> None:
    lines = {line["event"]: line for line in directory.one(told, "dabia", TODAY)["timeline"]}
    assert (lines[MOVE]["day"], lines[MOVE]["occurred_on"]) == ("2019-01-01", "2022-03-01")
    assert lines[MOVE]["corrections"][0]["old"] == {"counts_from": "2022-03-01"} and not lines[MOVE]["withdrawn"]
    assert lines[END]["withdrawn"]
    days = [line["day"] for line in directory.one(told, "dabia", TODAY)["timeline"]]
    assert days == sorted(days, reverse=True)
    names = {line["name"] for line in lines.values()}
    assert {events.ORGANISATION_MERGED, events.CORRIDOR_ASSIGNED, events.CORRIDOR_EXTENDED, events.AGREEMENT_SIGNED, events.FINDING_DECIDED} <= names


def test_m1_the_timeline_comes_in_pages(told: Service) -> None:
    whole = [line["event"] for line in directory.one(told, "dabia", TODAY)["timeline"]]
    paged: list[str] = []
    before = None
    while True:
        page = directory.one(told, "dabia", TODAY, before, 4)
        paged += [line["event"] for line in page["timeline"]]
        if not page["before"]:
            break
        day, _, position = page["before"].partition(".")
        before = (day, int(position))
    assert paged == whole


def test_m5_a_finding_is_in_the_state_that_was_said_last_and_a_decision_outweighs_an_answer(told: Service) -> None:
    def states(today: str) -> dict[str, str]:
        with reading(told.views) as seen:
            return {row["finding"]: row["state"] for row in findings.open_ones(seen.tx, seen.tables["findings"], seen.tables["organisations"], today)}

    assert states("2019-01-01") == {}
    assert states("2021-06-01") == {"dabia:OH-05": "to check", "union:OH-20": "observed"}
    assert states("2022-01-01") == {"dabia:OH-05": "to check"}
    assert (states("2024-02-01"), states("2024-03-01")) == ({"dabia:OH-05": "answered"}, {"dabia:OH-05": "confirmed"})
    (found,) = directory.one(told, "dabia", TODAY)["findings"]
    assert (found["answer"], found["decision"], found["events"], found["until"]) == ("It is on its way", "2024-17", [MOVE], "")
    assert directory.one(told, "union", TODAY)["findings"][0]["state"] == "expired"


def test_m17_societies_without_a_corridor_are_base_societies_in_being(told: Service) -> None:
    with reading(told.views) as seen:
        table = seen.tables["corridors"]

        def without(today: str) -> list[str]:
            return [row["organisation"] for row in corridors.without(seen.tx, table, seen.tables["organisations"], today, "", "", 50)]
        assert (without("2024-01-15"), without(TODAY), without("2026-09-01")) == (["dabia"], [], ["dabia"])
        assert corridors.of(seen.tx, table, "dabia") == [{"corridor": "c1", "name": "Couloir 1", "begins": "2024-02-01", "until": "2026-08-01"}]


def test_x12_the_timeline_keeps_no_person(service: Service) -> None:
    named = fact(events.REPRESENTATIVE_NAMED, function="president", person={"kind": "person", "subject": "s", "sealed": "xyz"})
    tell(service, [founded(), named], random.Random(1))
    with service.view("timeline").reading() as (tx, table, _):
        (line,) = [line for line in timeline.read(tx, table, "dabia", None, 9) if line["event"] == named.id]
    assert line["data"] == {"organisation": "dabia", "function": "president"}
