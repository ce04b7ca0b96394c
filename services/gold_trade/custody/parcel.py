"""Sealed parcels: a tag from somebody's stock seals once; the tag found at the opening must be the one it was sealed with (G2)."""
import re
from collections.abc import Sequence

from services.gold_trade import events
from services.gold_trade.metal import lot as lots
from services.gold_trade.metal import review
from services.gold_trade.metal.lineage import Lineage
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


def written(tag: str) -> str:
    """As it is kept: ml-07 is ml-7, one tag however its number is read; what ends in no number stays as it was found."""
    match = _TAG.match(tag)
    return f"{match[1]}{int(match[2])}" if match else tag


def once(names: Sequence[str]) -> list[str]:
    """In their order; older logs hold offers and parcels that name a lot twice."""
    return list(dict.fromkeys(names))


def streams(command: Command) -> list[str]:
    match command:
        case IssueTags():
            return [stock_stream(command.prefix)]
        case SealParcel():
            return [stream(command.parcel), tag_stream(written(command.tag)), stock_stream(series(command.tag)[0]), *map(lots.stream, command.lots)]
        case OpenParcel():
            return [stream(command.parcel)]


def contents(history: Sequence[Event]) -> list[str]:
    """The lots in a sealed parcel; none once it is open, or never was sealed."""
    sealed = _sealed(history)
    return once(sealed.data["lots"]) if sealed else []


def tag_of(history: Sequence[Event]) -> str:
    """Of a sealed parcel; else ''."""
    sealed = _sealed(history)
    return str(sealed.data["tag"]) if sealed else ""


def _sealed(history: Sequence[Event]) -> Event | None:
    return history[-1] if history and history[-1].name == events.PARCEL_SEALED else None


def also(histories: Histories, command: Command) -> list[str]:
    return list(map(lots.stream, contents(histories[stream(command.parcel)]))) if isinstance(command, OpenParcel) else []


def used(histories: Histories, command: OpenParcel) -> list[str]:
    """The steps that took metal of the parcel under its seal."""
    inside = [lots.evolve(histories[lots.stream(name)]) for name in contents(histories[stream(command.parcel)])]
    return list(dict.fromkeys(lot.spent for lot in inside if lot and lot.spent))


def decide(histories: Histories, command: Command, lineage: Lineage | None = None) -> list[New]:
    """`lineage` is what became of metal that was used under the seal of a parcel that is opened."""
    match command:
        case IssueTags():
            return _issue(histories, command)
        case SealParcel():
            return _seal(histories, command)
        case OpenParcel():
            return _open(histories, command, lineage or {})


def _issue(histories: Histories, command: IssueTags) -> list[New]:
    if not command.first <= command.last < command.first + MOST_TAGS:
        raise BadRequest("last comes before first, or the series is too long", field="last", rule=f"at most {MOST_TAGS}")
    if command.prefix[-1].isdigit():
        raise BadRequest("the prefix ends in a digit", field="prefix", rule="else nobody knows where the tag's number begins")
    for e in histories[stock_stream(command.prefix)]:
        if e.data["first"] <= command.last and command.first <= e.data["last"]:
            raise Conflict(f"tags {e.data['first']} to {e.data['last']} are {e.data['actor']}'s", field="first", rule="a tag is issued once")
    return [New(stock_stream(command.prefix), events.TAGS_ISSUED, {
        "actor": command.actor, "prefix": command.prefix, "first": command.first, "last": command.last})]


def _seal(histories: Histories, command: SealParcel) -> list[New]:
    key, tag, names = stream(command.parcel), written(command.tag), once(command.lots)
    if contents(histories[key]):
        raise Conflict(f"parcel '{command.parcel}' is sealed already", field="parcel")
    if histories[tag_stream(tag)]:
        raise Conflict(f"tag '{tag}' was used on {histories[tag_stream(tag)][0].data['parcel']}", field="tag", rule="a tag seals once")
    found = [lots.there(histories[lots.stream(name)], name, f"lots.{n}") for n, name in enumerate(names)]
    for n, lot in enumerate(found):
        if lot.parcel:
            raise Conflict(f"lot '{lot.id}' is sealed in {lot.parcel}", field=f"lots.{n}")
    return [New(key, events.PARCEL_SEALED, {"parcel": command.parcel, "tag": tag, "custodian": command.custodian, "lots": names,
                                            "gross_mg": sum(lot.gross_mg for lot in found)}),
            New(tag_stream(tag), events.TAG_USED, {"tag": tag, "parcel": command.parcel}),
            *(New(lots.stream(lot.id), events.LOT_SEALED, {"lot": lot.id, "parcel": command.parcel}) for lot in found),
            *_held(histories, command, found)]


def _held(histories: Histories, command: SealParcel, found: Sequence[lots.Lot]) -> list[New]:
    """A tag that its user was not given, and metal that somebody else has by the books."""
    prefix, number = series(command.tag)
    issued = any(e.data["first"] <= number <= e.data["last"] and e.data["actor"] == command.custodian for e in histories[stock_stream(prefix)])
    ours = [] if issued else ["tag-not-issued"]
    return [new for lot in found for new in lots.hold([lot], ours if lot.custodian == command.custodian else [*ours, "custody-gap"])]


def _open(histories: Histories, command: OpenParcel, lineage: Lineage) -> list[New]:
    """Lots that were used under the seal are no more: in their place what became of them is held."""
    key = stream(command.parcel)
    names = contents(histories[key])
    if not names:
        raise NotFound(f"no sealed parcel '{command.parcel}'", field="parcel")
    sealed = histories[key][-1].data
    found = [lot for name in names if (lot := lots.evolve(histories[lots.stream(name)]))]
    matches = written(command.tag_found) == written(sealed["tag"])
    held_by = {lot.custodian for lot in found}
    return [New(key, events.PARCEL_OPENED, {
                "parcel": command.parcel, "custodian": held_by.pop() if len(held_by) == 1 else sealed["custodian"],
                "tag_found": command.tag_found, "matches": matches, "lots": names}),
            *(New(lots.stream(lot.id), events.LOT_UNSEALED, {"lot": lot.id, "parcel": command.parcel, "matches": matches})
              for lot in found if not lot.spent),
            *([] if matches else review.held(histories, lineage, "seal-mismatch"))]
