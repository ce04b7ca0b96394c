"""What the queries about miners answer, within the caller's territory."""
from collections.abc import Collection, Sequence
from itertools import combinations
from typing import Any

from services.membership.projections import miners as view
from shared import event
from shared.errors import NotFound
from shared.service import Service

from . import sealed, shown
from .miner import Miner, evolve, stream

MOST_FOUND = 50
LIKE = {sealed.CARD: "same card", sealed.LIKENESS: "same name, birth year and village"}


def listed(service: Service, today: str, within: Collection[str], **asked: Any) -> list[dict[str, Any]]:
    with service.view("miners").reading() as (tx, table, _):
        found = view.page(tx, table, today, within=within, **asked)
    return [shown.line(id_, state, today) for id_, state in found]


def one(service: Service, miner: str, today: str, within: Collection[str]) -> dict[str, Any]:
    """Raises NotFound, the same for what does not exist and for what lies elsewhere."""
    with service.view("miners").reading() as (tx, table, _):
        found = view.some(tx, table, [miner], within)
    if miner not in found:
        raise NotFound(f"no miner '{miner}'", field="miner")
    return shown.whole(miner, found[miner], today)


def search(service: Service, today: str, within: Collection[str], name: str, card: str) -> dict[str, Any]:
    """Pseudonyms only, of those who are remembered by the name, or have the card now; a duplicate leads to the record it became part of."""
    ids = sealed.search(service.key_store, name, card)
    if card:                               # whose number was corrected or withdrawn is remembered by it still
        place = sealed.card_place(service.key_store, card)
        ids = [id_ for id_ in ids if place in sealed.places(service.key_store, _of(service, id_))]
    found: dict[str, Any] = {}
    with service.view("miners").reading() as (tx, table, _):
        for n in range(0, len(ids), view.AT_ONCE):
            found |= view.some(tx, table, view.ends(tx, table, ids[n:n + view.AT_ONCE]), within)
            if len(found) > MOST_FOUND:
                break
    here = [id_ for id_ in sorted(found) if shown.identity(found[id_], today) == shown.SEALED]
    return {"miners": [shown.line(id_, found[id_], today) for id_ in here[:MOST_FOUND]], "more": len(here) > MOST_FOUND}


def _of(service: Service, miner: str) -> Miner:
    return evolve(miner, [event.decode(row.state) for row in service.log.load(stream(miner))])


def duplicates(service: Service, today: str, within: Collection[str], after: str, limit: int) -> dict[str, Any]:
    """Pairs that share a card, or name, birth year and village; without those that were merged, forgotten or found to be two people."""
    shares = [s for s in service.key_store.sharing(after, limit) if s.field in LIKE]
    ids = sorted({subject.removeprefix("miner/") for s in shares for subject in s.subjects})
    with service.view("miners").reading() as (tx, table, _):
        states = view.some(tx, table, ids, within)
        settled = view.dismissed(tx, table, ids)
    now = {id_: sealed.places(service.key_store, _of(service, id_)) for id_ in states}
    why: dict[tuple[str, str], list[str]] = {}
    for share in shares:
        same = [id_ for s in share.subjects if share.entry in now.get(id_ := s.removeprefix("miner/"), ())]
        for pair in _pairs(same, states):
            if pair not in settled:
                why.setdefault(pair, []).append(LIKE[share.field])
    return {"duplicates": [{"miners": [shown.line(id_, states[id_], today) for id_ in pair], "why": reasons} for pair, reasons in sorted(why.items())],
            "next": shares[-1].entry if len(shares) == limit else None}


def _pairs(ids: Sequence[str], states: dict[str, view.State]) -> list[tuple[str, str]]:
    return list(combinations(sorted(id_ for id_ in ids if id_ in states and not states[id_]["into"] and not states[id_]["forgotten"]), 2))
