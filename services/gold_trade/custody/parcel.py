"""Sealed parcels: a tag from somebody's stock seals once; the tag found at the opening must be the one it was sealed with (G2)."""
import re
from collections.abc import Sequence

from services.gold_trade import events
from services.gold_trade.metal import lot as lots
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict, NotFound
from shared.event import Event

from .commands import IssueTags, OpenParcel, SealParcel

_TAG = re.compile(r"(.*?)(\d+)\Z", re.ASCII)
MOST_TAGS = 100_000
Command = IssueTags | SealParcel | OpenParcel


def stream(parcel: str) -> str:
    return f"parcel/{parcel}"


def tag_stream(tag: str) -> str:
    return f"tag/{tag}"


def stock_stream(prefix: str) -> str:
    """Who was given which tags of a series."""
    return f"tags/{prefix}"


def series(tag: str) -> tuple[str, int]:
    """Prefix and number. Raises BadRequest for a tag that does not end in its number."""
    match = _TAG.match(tag)
    if not match:
        raise BadRequest(f"tag '{tag}' does not end in a number", field="tag")
    return match[1], int(match[2])


def streams(command: Command) -> list[str]:
    match command:
        case IssueTags():
            return [stock_stream(command.prefix)]
        case SealParcel():
            return [stream(command.parcel), tag_stream(command.tag), stock_stream(series(command.tag)[0]), *map(lots.stream, command.lots)]
        case OpenParcel():
            return [stream(command.parcel)]


def contents(history: Sequence[Event]) -> list[str]:
    """The lots in a sealed parcel; none once it is open, or never was sealed."""
    last = history[-1] if history else None
    return list(last.data["lots"]) if last and last.name == events.PARCEL_SEALED else []


def also(histories: Histories, command: Command) -> list[str]:
    return list(map(lots.stream, contents(histories[stream(command.parcel)]))) if isinstance(command, OpenParcel) else []


def decide(histories: Histories, command: Command) -> list[New]:
    match command:
        case IssueTags():
            return _issue(histories, command)
        case SealParcel():
            return _seal(histories, command)
        case OpenParcel():
            return _open(histories, command)


def _issue(histories: Histories, command: IssueTags) -> list[New]:
    if not command.first <= command.last < command.first + MOST_TAGS:
        raise BadRequest("last comes before first, or the series is too long", field="last", rule=f"at most {MOST_TAGS}")
    for e in histories[stock_stream(command.prefix)]:
        if e.data["first"] <= command.last and command.first <= e.data["last"]:
            raise Conflict(f"tags {e.data['first']} to {e.data['last']} are {e.data['actor']}'s", field="first", rule="a tag is issued once")
    return [New(stock_stream(command.prefix), events.TAGS_ISSUED, {
        "actor": command.actor, "prefix": command.prefix, "first": command.first, "last": command.last})]


def _seal(histories: Histories, command: SealParcel) -> list[New]:
    key = stream(command.parcel)
    if contents(histories[key]):
        raise Conflict(f"parcel '{command.parcel}' is sealed already", field="parcel")
    if histories[tag_stream(command.tag)]:
        raise Conflict(f"tag '{command.tag}' was used on {histories[tag_stream(command.tag)][0].data['parcel']}", field="tag", rule="a tag seals once")
    found = [lots.there(histories[lots.stream(name)], name, f"lots.{n}") for n, name in enumerate(command.lots)]
    for n, lot in enumerate(found):
        if lot.parcel:
            raise Conflict(f"lot '{lot.id}' is sealed in {lot.parcel}", field=f"lots.{n}")
    prefix, number = series(command.tag)
    issued = any(e.data["first"] <= number <= e.data["last"] and e.data["actor"] == command.custodian for e in histories[stock_stream(prefix)])
    held = [New(lots.stream(lot.id), events.LOT_HELD, {"lot": lot.id, "rule": "tag-not-issued"}) for lot in found if not issued]
    return [New(key, events.PARCEL_SEALED, {"parcel": command.parcel, "tag": command.tag, "custodian": command.custodian, "lots": list(command.lots),
                                            "gross_mg": sum(lot.gross_mg for lot in found)}),
            New(tag_stream(command.tag), events.TAG_USED, {"tag": command.tag, "parcel": command.parcel}),
            *(New(lots.stream(lot.id), events.LOT_SEALED, {"lot": lot.id, "parcel": command.parcel}) for lot in found), *held]


def _open(histories: Histories, command: OpenParcel) -> list[New]:
    key = stream(command.parcel)
    names = contents(histories[key])
    if not names:
        raise NotFound(f"no sealed parcel '{command.parcel}'", field="parcel")
    sealed = histories[key][-1].data
    matches = command.tag_found == sealed["tag"]
    held_by = {lot.custodian for name in names if (lot := lots.evolve(histories[lots.stream(name)]))}
    return [New(key, events.PARCEL_OPENED, {
                "parcel": command.parcel, "custodian": held_by.pop() if len(held_by) == 1 else sealed["custodian"],
                "tag_found": command.tag_found, "matches": matches, "lots": names}),
            *(New(lots.stream(name), events.LOT_UNSEALED, {"lot": name, "parcel": command.parcel, "matches": matches}) for name in names)]
