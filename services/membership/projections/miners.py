"""Miners under their pseudonyms, in one row each, and their memberships by organisation and district; nobody's name."""
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from services.membership import events
from services.membership.miners.facts import SEALED, as_fact
from shared import event
from shared.event import Event
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

from . import homes
from .streams import Table, marks

ABOUT_MINERS = frozenset({events.MINER_REGISTERED, events.MINER_CARD_RECORDED, events.MINER_ADMITTED, events.WITHDRAWAL_NOTICED, events.REFUND_EXTENDED,
                          events.REFUND_RECORDED, events.MEMBERSHIP_ENDED, events.MINER_MOVED, events.MINER_FACT_CORRECTED, events.MINER_FACT_WITHDRAWN,
                          events.MINER_MERGED, events.PERSON_FORGOTTEN})
NOT_KEPT = {"miner", "members", "standing", "source", "counts_from", *(field for fields in SEALED.values() for field in fields)}
AT_ONCE = 500
State = dict[str, Any]                     # what is known of one miner; as_known() says what of


def as_known() -> State:
    """`facts` by event; `members`: organisation → day → what it adds; `standing`: the last timeline told; `ended`: when which of its societies did."""
    return {"facts": {}, "members": {}, "standing": [], "ended": {}, "into": "", "forgotten": False}


class Miners(View):
    name = "miners"
    version = 2
    names = homes.NAMES | ABOUT_MINERS | {events.DUPLICATE_DISMISSED}
    tables: ClassVar[dict[str, str]] = {
        "": "miner TEXT PRIMARY KEY, sex TEXT, into_ TEXT, state TEXT",
        "member": "miner TEXT, organisation TEXT, district TEXT, sex TEXT, since TEXT, until TEXT",
        "home": homes.TABLE,
        "dismissed": "a TEXT, b TEXT, PRIMARY KEY (a, b)"}
    indexes: ClassVar[dict[str, Sequence[str]]] = {"member": ["organisation, miner", "district, miner", "miner"]}

    def fold(self, page: Sequence[Recorded]) -> list[Event]:
        return [event.decode(row.state) for row in page]

    def write(self, tx: Transaction, table: Table, change: Sequence[Event]) -> None:
        moved = homes.take(tx, table, [e for e in change if e.name in homes.NAMES])
        of = [e for e in change if e.name in ABOUT_MINERS]
        told = list(dict.fromkeys(e.data["miner"] for e in of))
        known = dict(_states(tx, table, list(dict.fromkeys([*told, *_members(tx, table, moved)]))))
        states = {**known, **{id_: known.get(id_) or as_known() for id_ in told}}
        for e in of:
            apply(states[e.data["miner"]], e)
        self._keep(tx, table, states, list(known))
        tx.merge(table("dismissed"), list({tuple(sorted(e.data["miners"])) for e in change if e.name == events.DUPLICATE_DISMISSED}), "ON CONFLICT DO NOTHING")

    def _keep(self, tx: Transaction, table: Table, states: Mapping[str, State], known: Sequence[str]) -> None:
        lasting = [(id_, *span) for id_, state in states.items() for span in memberships(state)]
        where = homes.read(tx, table, {organisation for _, organisation, *_ in lasting})
        for state in states.values():
            state["ended"] = {o: where[o].ended for o, *_ in memberships(state) if where[o].ended}
        tx.merge(table(""), [(id_, _sex(state), state["into"], json.dumps(state, separators=(",", ":"))) for id_, state in states.items()],
                 "ON CONFLICT (miner) DO UPDATE SET sex = excluded.sex, into_ = excluded.into_, state = excluded.state")
        for some in _parts(known):
            tx.execute(f"DELETE FROM {table('member')} WHERE miner IN ({marks(some)})", some)
        # A member of a duplicate is found under the society that it is part of, too.
        tx.load(table("member"), ("miner", "organisation", "district", "sex", "since", "until"),
                [(id_, name, where[o].district, _sex(states[id_]), *span) for id_, o, *span in lasting for name in where[o].names])


def apply(state: State, e: Event) -> None:
    """Raises nothing for a fact that is not known: a correction of it changes only what it says itself."""
    facts, said = state["facts"], e.data
    match e.name:
        case events.PERSON_FORGOTTEN:
            state["forgotten"] = True
        case events.MINER_MERGED:
            state["into"] = said["into"]
        case events.MINER_FACT_CORRECTED:
            fact = facts.setdefault(said["corrects"], {"name": said["fact"], "from": ""})
            fact |= {k: v for k, v in said["new"].items() if k not in NOT_KEPT}
            fact["from"] = said["new"].get("counts_from", fact["from"])
        case events.MINER_FACT_WITHDRAWN:
            facts.pop(said["withdraws"], None)
        case _:
            kept = {k: v for k, v in said.items() if k not in NOT_KEPT}
            facts[e.id] = {"name": e.name, "from": as_fact(e).counts_from, **({"occurred_on": e.occurred_on} if e.occurred_on else {}), **kept}
    for change in said.get("members", ()):
        days = state["members"].setdefault(change["organisation"], {})
        days[change["from"]] = days.get(change["from"], 0) + change["delta"]
        if not days[change["from"]]:
            del days[change["from"]]
    state["standing"] = said.get("standing", state["standing"])


def memberships(state: State) -> Iterator[tuple[str, str, str]]:
    """(organisation, since, until), '' while it lasts."""
    for organisation, days in sorted(state["members"].items()):
        since = ""
        for day, delta in sorted(days.items()):
            if delta > 0:
                since = day
            elif since:
                yield organisation, since, day
                since = ""
        if since:
            yield organisation, since, ""


def _sex(state: State) -> str:
    registered: State = next((f for f in state["facts"].values() if f["name"] == events.MINER_REGISTERED), {})
    return str(registered.get("sex", ""))


def _members(tx: Transaction, table: Table, organisations: Collection[str]) -> list[str]:
    """Who is or was a member of one of them, or of a duplicate of one of them."""
    return [id_ for some in _parts(sorted(organisations)) for (id_,) in tx.execute(
        f"SELECT DISTINCT miner FROM {table('member')} WHERE organisation IN ({marks(some)}) ORDER BY miner", some).fetchall()]


def _states(tx: Transaction, table: Table, ids: Sequence[str]) -> Iterator[tuple[str, State]]:
    for some in _parts(ids):
        for id_, state in tx.execute(f"SELECT miner, state FROM {table('')} WHERE miner IN ({marks(some)})", some).fetchall():
            yield id_, json.loads(state)


def _parts(values: Sequence[str]) -> Iterator[list[str]]:
    for n in range(0, len(values), AT_ONCE):
        yield list(values[n:n + AT_ONCE])


def page(tx: Transaction, table: Table, today: str, *, after: str = "", limit: int = 50, organisation: str = "", district: str = "", sex: str = "",
         within: Collection[str] = ()) -> list[tuple[str, State]]:
    """Miners behind `after` by id; with a place, or `within` a territory, those who are members there today. Duplicates are left out."""
    places = [("organisation", [organisation] if organisation else []), ("district", [district] if district else [])]
    for kind in ("organisation", "district"):
        places.append((kind, sorted(p.partition(":")[2] for p in within if p.startswith(f"{kind}:"))))
    asked = [(column, values) for column, values in places if values]
    if within and not any(values for _, values in places[2:]):
        return []                          # a territory of a kind that no miner can be in
    what = [*([("sex", [sex])] if sex else []), *asked]
    conditions = "".join(f" AND {column} IN ({marks(values)})" for column, values in what)
    values = [value for _, some in what for value in some]
    if not asked:
        return [(id_, json.loads(state)) for id_, state in tx.execute(
            f"SELECT miner, state FROM {table('')} WHERE miner > ? AND into_ = ''{conditions} ORDER BY miner LIMIT ?", (after, *values, limit)).fetchall()]
    ids = [id_ for (id_,) in tx.execute(
        f"SELECT DISTINCT miner FROM {table('member')} WHERE miner > ?{conditions} AND since <= ? AND (until = '' OR until > ?) ORDER BY miner LIMIT ?",
        (after, *values, today, today, limit)).fetchall()]
    return sorted(_states(tx, table, ids))


def ends(tx: Transaction, table: Table, ids: Sequence[str]) -> list[str]:
    """For each the record that it became part of, over however many merges; those that do not exist are left out."""
    into: dict[str, str] = {}
    ahead = list(ids)
    while ahead:
        found = {id_: str(state["into"]) for id_, state in _states(tx, table, ahead)}
        into |= found
        ahead = [id_ for id_ in found.values() if id_ and id_ not in into]
    return list(dict.fromkeys(_end(into, id_) for id_ in ids if id_ in into))


def _end(into: Mapping[str, str], id_: str) -> str:
    while into.get(id_):
        id_ = into[id_]
    return id_


def some(tx: Transaction, table: Table, ids: Sequence[str], within: Collection[str] = ()) -> dict[str, State]:
    """Those of `ids` that exist and lie in the territory: by the memberships that last, or if none does by those that were."""
    found = dict(_states(tx, table, ids))
    if not within:
        return found
    where: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for part in _parts(list(found)):
        for id_, *rest in tx.execute(f"SELECT miner, organisation, district, until FROM {table('member')} WHERE miner IN ({marks(part)})", part).fetchall():
            where[id_].append((rest[0], rest[1], rest[2]))
    inside = {id_ for id_, rows in where.items()
              if any({f"organisation:{o}", f"district:{d}"} & set(within) for o, d, until in rows if not until or all(u for _, _, u in rows))}
    return {id_: state for id_, state in found.items() if id_ in inside}


def dismissed(tx: Transaction, table: Table, ids: Sequence[str]) -> set[tuple[str, str]]:
    """Pairs among `ids` that are two people, by decision."""
    return {(a, b) for part in _parts(ids) for a, b in tx.execute(f"SELECT a, b FROM {table('dismissed')} WHERE a IN ({marks(part)})", part).fetchall()}
