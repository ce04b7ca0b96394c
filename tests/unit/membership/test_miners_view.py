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
    [about("organisation/dabia", e.ORGANISATION_FOUNDED, "2015", organisation="dabia", counts=placed("dabia", ("kangaba", "2015-12-31", 1))),
     about("organisation/dabia", e.ORGANISATION_MOVED, "2020", organisation="dabia",
           counts=placed("dabia", ("kangaba", "2020-12-31", -1), ("kenieba", "2020-12-31", 1)))],
    [about("organisation/niena", e.ORGANISATION_FOUNDED, "2015", organisation="niena", counts=placed("niena", ("kadiolo", "2015-12-31", 1)))],
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
