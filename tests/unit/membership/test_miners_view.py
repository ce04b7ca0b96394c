"""The view of miners holds the same rows however the streams of the log are interleaved, in pages of any size, live and rebuilt."""
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.membership import events as e
from services.membership.application import open_service as membership
from services.membership.miners import shown
from services.membership.projections import miners as view
from shared import event, log
from shared.event import Event
from shared.projection import Projection
from shared.rebuild import rebuild
from shared.service import Service
from shared.testing import happened
from tests.peers import Together

TODAY = "2025-06-01"
JOINED, CARD, NOTICE = event.new_id(), event.new_id(), event.new_id()


def about(stream: str, name: str, on: str = "", id: str = "", /, **data: Any) -> Event:
    return happened(stream, name, data, occurred_on=on, id=id)


def miner(id_: str, name: str, on: str = "", id: str = "", /, **data: Any) -> Event:
    return about(f"miner/{id_}", name, on, id, miner=id_, **data)


def member(organisation: str, day: str, delta: int, **person: Any) -> dict[str, Any]:
    return {"organisation": organisation, "kind": "miner", "from": day, "delta": delta, **person}


def placed(organisation: str, *changes: tuple[str, str, int]) -> list[dict[str, Any]]:
    return [{"level": "base", "from": day, "delta": delta, "district": district} for district, day, delta in changes]


SEALED = {"sealed": "x", "subject": "miner/m-aaaaaa", "kind": "person"}
GOOD = {"from": "2024-01-01", "value": "good", "why": []}
STORY: list[list[Event]] = [
    [about("organisation/dabia", e.ORGANISATION_FOUNDED, "2015", organisation="dabia", district="kangaba",
           counts=placed("dabia", ("kangaba", "2015-12-31", 1))),
     about("organisation/dabia", e.ORGANISATION_MOVED, "2020", organisation="dabia", district="kenieba",
           counts=placed("dabia", ("kangaba", "2020-12-31", -1), ("kenieba", "2020-12-31", 1)))],
    [about("organisation/niena", e.ORGANISATION_FOUNDED, "2015", organisation="niena", district="kadiolo",
           counts=placed("niena", ("kadiolo", "2015-12-31", 1)))],
    [miner("m-aaaaaa", e.MINER_REGISTERED, "2024-01-01", sex="female", birth_year=1990, village="Niéna", name=SEALED),
     miner("m-aaaaaa", e.MINER_CARD_RECORDED, "2024-01-01", CARD, card_type="x", number=SEALED, valid_until="2024-12-31", standing=[GOOD]),
     miner("m-aaaaaa", e.MINER_ADMITTED, "2023-01-01", JOINED, organisation="dabia", members=[member("dabia", "2023-01-01", 1, sex="female")]),
     miner("m-aaaaaa", e.MINER_FACT_CORRECTED, corrects=JOINED, fact=e.MINER_ADMITTED, old={"counts_from": "2023-01-01"},
           new={"occurred_on": "2022-01-01", "counts_from": "2022-01-01"},
           members=[member("dabia", "2022-01-01", 1, sex="female"), member("dabia", "2023-01-01", -1, sex="female")]),
     miner("m-aaaaaa", e.MINER_FACT_CORRECTED, corrects=CARD, fact=e.MINER_CARD_RECORDED, old={}, members=[],
           new={"valid_until": "2025-12-31", "number": SEALED}),
     miner("m-aaaaaa", e.MINER_ADMITTED, "2021", organisation="niena", members=[member("niena", "2021-12-31", 1, sex="female")]),
     miner("m-aaaaaa", e.WITHDRAWAL_NOTICED, "", NOTICE, organisation="niena", received_on="2024-02-01", effective_on="2024-02-29",
           refund_due_by="2025-02-28", members=[member("niena", "2024-02-29", -1, sex="female")]),
     miner("m-aaaaaa", e.REFUND_EXTENDED, organisation="niena", due_by="2026-02-28", decision="AG"),
     miner("m-aaaaaa", e.REFUND_RECORDED, "2025-03-01", organisation="niena"),
     miner("m-aaaaaa", e.MINER_MOVED, "2024-05-01", village="Narena", site="s1")],
    [miner("m-bbbbbb", e.MINER_REGISTERED, "2024-01-01", sex="male", name=SEALED),
     miner("m-bbbbbb", e.MINER_ADMITTED, "2024-01-01", organisation="dabia", members=[member("dabia", "2024-01-01", 1, sex="male")]),
     miner("m-bbbbbb", e.MINER_MERGED, into="m-aaaaaa", decision="PV", members=[member("dabia", "2024-01-01", -1, sex="male")])],
    [miner("m-cccccc", e.MINER_REGISTERED, "2024-01-01", name=SEALED),
     miner("m-cccccc", e.MINER_ADMITTED, "2024-01-01", "", organisation="unknown", members=[member("unknown", "2024-01-01", 1)])],
    [about("identity/m-cccccc", e.IDENTITY_READ, miner="m-cccccc", fields=["name"], purpose="x"),
     about("identity/m-cccccc", e.PERSON_FORGOTTEN, miner="m-cccccc")],
    [about("duplicate/m-aaaaaa+m-cccccc", e.DUPLICATE_DISMISSED, miners=["m-aaaaaa", "m-cccccc"], decision="PV")],
]


def interleaved(seed: int) -> list[Event]:
    """The story with its streams in any order, each stream in its own."""
    dice, streams = random.Random(seed), [list(stream) for stream in STORY]
    result = []
    while left := [stream for stream in streams if stream]:
        result.append(dice.choice(left).pop(0))
    return result


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Together(tmp_path, membership) as world:
        yield world["membership"]


def append(service: Service, told: list[Event]) -> None:
    versions: dict[str, int] = {}
    for e_ in told:
        versions[e_.stream] = versions.get(e_.stream, 0) + 1
        service.log.append([log.stored(event.decode(event.encode(e_).replace(b'"version":0', f'"version":{versions[e_.stream]}'.encode())))])


def content(projection: Projection) -> dict[str, list[Any]]:
    """The rows, whatever order facts of one day were told in."""
    table = projection.view.table(projection.current().number)
    return {suffix: sorted(map(tuple, projection.tables.query(f"SELECT * FROM {table(suffix)}"))) for suffix in projection.view.tables}


def shows(service: Service) -> dict[str, Any]:
    with service.view("miners").reading() as (tx, table, _):
        found = view.some(tx, table, ["m-aaaaaa", "m-bbbbbb", "m-cccccc"])
        pages = {f"{place}": [id_ for id_, _ in view.page(tx, table, TODAY, **place)] for place in (
            {}, {"organisation": "dabia"}, {"organisation": "niena"}, {"district": "kenieba"}, {"district": "kangaba"}, {"sex": "female"},
            {"district": "kenieba", "sex": "male"}, {"within": ["district:kenieba"]}, {"within": ["organisation:niena"]}, {"within": ["country:x"]},
            {"after": "m-aaaaaa"})}
        settled = view.dismissed(tx, table, ["m-aaaaaa", "m-cccccc"])
    return {**{id_: shown.whole(id_, state, TODAY) for id_, state in found.items()}, **pages, "dismissed": settled}


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_streams_and_any_page_gives_the_same_rows(service: Service, tmp_path: Path, seed: int) -> None:
    append(service, interleaved(seed))
    live = service.view("miners")
    live.page = 1 + seed * 3
    while live.step():
        pass
    answer = shows(service)
    assert {k: v for k, v in answer.items() if not k.startswith("m-")} == {
        "{}": ["m-aaaaaa", "m-cccccc"], "{'organisation': 'dabia'}": ["m-aaaaaa"], "{'organisation': 'niena'}": [], "{'district': 'kenieba'}": ["m-aaaaaa"],
        "{'district': 'kangaba'}": [], "{'sex': 'female'}": ["m-aaaaaa"], "{'district': 'kenieba', 'sex': 'male'}": [],
        "{'within': ['district:kenieba']}": ["m-aaaaaa"], "{'within': ['organisation:niena']}": [], "{'within': ['country:x']}": [],
        "{'after': 'm-aaaaaa'}": ["m-cccccc"], "dismissed": {("m-aaaaaa", "m-cccccc")}}
    awa = answer["m-aaaaaa"]
    assert awa["memberships"] == [{"organisation": "dabia", "since": "2022-01-01"}, {"organisation": "niena", "since": "2021-12-31", "until": "2024-02-29"}]
    assert (awa["village"], awa["site"], awa["card_valid_until"], awa["standing"]["value"]) == ("Narena", "s1", "2025-12-31", "good")
    assert [{k: w[k] for k in ("refund_due_by", "extended", "refunded_on")} for w in awa["withdrawals"]] == [
        {"refund_due_by": "2026-02-28", "extended": True, "refunded_on": "2025-03-01"}]
    assert answer["m-bbbbbb"]["merged_into"] == "m-aaaaaa" and answer["m-bbbbbb"]["memberships"] == []
    assert answer["m-cccccc"]["identity"] == "forgotten" and answer["m-cccccc"]["organisations"] == ["unknown"]
    before = content(live)
    rebuild([live])
    assert content(live) == before and shows(service) == answer


def test_who_left_everywhere_is_still_seen_by_the_last_society_and_no_other(service: Service) -> None:
    left = miner("m-dddddd", e.MEMBERSHIP_ENDED, "2024-06-01", organisation="dabia", cause="other", members=[member("dabia", "2024-06-01", -1)])
    append(service, [*STORY[0], *STORY[2], miner("m-dddddd", e.MINER_REGISTERED, "2024-01-01", name=SEALED),
                     miner("m-dddddd", e.MINER_ADMITTED, "2024-01-01", organisation="dabia", members=[member("dabia", "2024-01-01", 1)]), left])
    while service.view("miners").step():
        pass
    with service.view("miners").reading() as (tx, table, _):
        seen = {place: sorted(view.some(tx, table, ["m-aaaaaa", "m-dddddd"], [place])) for place in (
            "organisation:dabia", "organisation:niena", "district:kenieba", "district:kangaba")}
    assert seen == {"organisation:dabia": ["m-aaaaaa", "m-dddddd"], "organisation:niena": [], "district:kenieba": ["m-aaaaaa", "m-dddddd"],
                    "district:kangaba": []}


CARDED = {"from": "2024-01-01", "value": "good", "why": []}
MOVED, ENDED = event.new_id(), event.new_id()
TANGLED: list[list[Event]] = [
    [about("organisation/bala", e.ORGANISATION_FOUNDED, "2015", organisation="bala", district="kangaba", counts=[]),
     about("organisation/bala", e.ORGANISATION_MERGED, organisation="bala", into="balla", decision="PV", counts=[], members=[])],
    [about("organisation/balla", e.ORGANISATION_FOUNDED, "2015", organisation="balla", district="kangaba", counts=[]),
     about("organisation/balla", e.ORGANISATION_MERGED, organisation="balla", into="dabia", decision="PV", counts=[], members=[])],
    [about("organisation/dabia", e.ORGANISATION_FOUNDED, "2015", organisation="dabia", district="kangaba", counts=[]),
     about("organisation/dabia", e.ORGANISATION_MOVED, "2019", MOVED, organisation="dabia", district="kadiolo", counts=[]),
     about("organisation/dabia", e.FACT_CORRECTED, organisation="dabia", corrects=MOVED, fact=e.ORGANISATION_MOVED, old={},
           new={"district": "kenieba"}, counts=[]),
     about("organisation/dabia", e.ORGANISATION_DISSOLVED, "2024-06-01", ENDED, organisation="dabia", counts=[]),
     about("organisation/dabia", e.FACT_CORRECTED, organisation="dabia", corrects=ENDED, fact=e.ORGANISATION_DISSOLVED, old={},
           new={"occurred_on": "2024-07-01", "counts_from": "2024-07-01"}, counts=[])],
    [about("organisation/niena", e.ORGANISATION_FOUNDED, "2015", organisation="niena", district="kadiolo", counts=[]),
     about("organisation/niena", e.ORGANISATION_DISSOLVED, "2023", "n-ended", organisation="niena", counts=[]),
     about("organisation/niena", e.FACT_WITHDRAWN, organisation="niena", withdraws="n-ended", fact=e.ORGANISATION_DISSOLVED, old={}, counts=[])],
    *([miner(id_, e.MINER_REGISTERED, "2024-01-01", name=SEALED),
       miner(id_, e.MINER_ADMITTED, "2024-01-01", organisation=of, members=[member(of, "2024-01-01", 1)], standing=[CARDED])]
      for id_, of in (("m-ofbala", "bala"), ("m-ofdabia", "dabia"), ("m-ofniena", "niena")))]


def tangled(seed: int) -> list[Event]:
    dice, streams, told = random.Random(seed), [list(stream) for stream in TANGLED], []
    while left := [stream for stream in streams if stream]:
        told.append(dice.choice(left).pop(0))
    return told


def whereabouts(service: Service) -> tuple[dict[str, list[str]], list[Any]]:
    """Who is seen in which place, and the standing in time of each."""
    with service.view("miners").reading() as (tx, table, _):
        states = view.some(tx, table, ["m-ofbala", "m-ofdabia", "m-ofniena"])
        seen = {place: sorted(view.some(tx, table, list(states), [place])) for place in (
            "district:kenieba", "district:kangaba", "district:kadiolo", "organisation:bala", "organisation:balla", "organisation:dabia")}
    return seen, [shown.whole(id_, state, TODAY)["standing_in_time"] for id_, state in sorted(states.items())]


GONE = [CARDED, {"from": "2024-07-01", "value": "to check", "why": ["society-dissolved"]}]
THERE = ({"district:kenieba": ["m-ofbala", "m-ofdabia"], "district:kangaba": [], "district:kadiolo": ["m-ofniena"],
          "organisation:bala": ["m-ofbala"], "organisation:balla": ["m-ofbala"], "organisation:dabia": ["m-ofbala", "m-ofdabia"]}, [GONE, GONE, [CARDED]])


@pytest.mark.parametrize("seed", range(12))
def test_a_miner_is_where_the_society_is_whatever_became_of_it_and_in_whatever_order_it_was_told(service: Service, seed: int) -> None:
    append(service, tangled(seed))
    live = service.view("miners")
    live.page = 1 + seed % 4
    while live.step():
        pass
    assert whereabouts(service) == THERE
    before = content(live)
    rebuild([live])
    assert content(live) == before
