"""Miners are put on the books: one, or up to 500 of a list, all of them or none."""
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from services.membership import events
from services.membership import standing as organisations
from shared import dates, french
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict, NotFound, SanuError

from . import commands as c
from . import days
from .facts import SEALED, minor_until
from .miner import Miner, new_fact, stream, told


class Fault(NamedTuple):
    """One thing wrong with a row."""

    kind: type[SanuError]
    field: str
    rule: str


def rows(command: c.RegisterMiner | c.RegisterMiners) -> list[c.Row]:
    return [command.row] if isinstance(command, c.RegisterMiner) else list(command.rows)


def streams(command: c.RegisterMiner | c.RegisterMiners) -> list[str]:
    named = rows(command)
    joined = dict.fromkeys(row.organisation for row in named if row.organisation)
    return [*dict.fromkeys(stream(row.miner) for row in named), *(organisations.stream(organisation) for organisation in joined)]


def decide(histories: Histories, command: c.RegisterMiner | c.RegisterMiners, today: str) -> list[New]:
    """What is sealed is still in clear here: the application seals it.

    Raises NotFound, BadRequest or Conflict naming the first faulty field, and all of them in `errors` for a list.
    """
    one = isinstance(command, c.RegisterMiner)
    if faults := list(_faults(histories, command, "" if one else "rows.{}.", today)):
        first = faults[0]
        kind = first.kind if one else Conflict if all(f.kind is Conflict for f in faults) else BadRequest
        errors = [{"field": f.field, "rule": f.rule, "regle": french.of(f.rule) or f.rule} for f in faults]
        raise kind(f"{first.field}: {first.rule}", field=first.field, rule=first.rule, explication=f"{first.field} : {errors[0]['regle']}",
                   **({} if one else {"errors": errors}))
    if isinstance(command, c.RegisterMiners) and command.dry_run:
        return []
    return [new for row in rows(command) for new in _registered(row, command, today)]


def _faults(histories: Histories, command: c.RegisterMiner | c.RegisterMiners, place: str, today: str) -> Iterator[Fault]:
    yield from _far("occurred_on", command.occurred_on, today, days.HAPPENED)
    named = rows(command)
    known = {row.organisation: _known(histories, row.organisation) for row in named if row.organisation}
    met: set[str] = set()
    for n, row in enumerate(named):
        at = place.format(n)
        if row.miner in met:
            yield Fault(BadRequest, f"{at}miner", "stands twice in the list")
        met.add(row.miner)
        if histories[stream(row.miner)]:
            yield Fault(Conflict, f"{at}miner", "registered already")
        if wrong := known.get(row.organisation or ""):
            yield Fault(wrong.kind, f"{at}organisation", wrong.rule)
        if row.card and row.card.get("valid_from", "") > row.card.get("valid_until", "9999"):
            yield Fault(BadRequest, f"{at}card.valid_until", "lies before valid_from")
        yield from _ahead(row, at, today)


def _ahead(row: c.Row, at: str, today: str) -> Iterator[Fault]:
    """What lies too far ahead to be anything but a slip of the pen."""
    if (row.birth_year or 0) > int(today[:4]):
        yield Fault(BadRequest, f"{at}birth_year", "nobody is born after this year")
    yield from _far(f"{at}admitted_on", row.admitted_on, today, days.HAPPENED)
    for field in ("valid_from", "valid_until"):
        yield from _far(f"{at}card.{field}", (row.card or {}).get(field, ""), today, days.PLANNED)


def _far(field: str, occurred_on: str, today: str, years: int) -> Iterator[Fault]:
    if rule := days.too_far(dates.counted(occurred_on, today), today, years):
        yield Fault(BadRequest, field, rule)


def _known(histories: Histories, organisation: str) -> Fault | None:
    """What is wrong with the organisation. One that was dissolved takes members still: that is a fact from outside."""
    try:
        organisations.known(histories, organisation)
    except (NotFound, Conflict) as e:
        return Fault(type(e), "organisation", e.detail)
    return None


def _registered(row: c.Row, command: c.RegisterMiner | c.RegisterMiners, today: str) -> Iterator[New]:
    """One to three events; the last one tells how the miner stands after all of them. Of a child it is not kept who it is (principle 7)."""
    unkept = SEALED[events.MINER_REGISTERED] if today < minor_until(row.birth_year) else ()
    person = {"sex": row.sex, "birth_year": row.birth_year, "site": row.site, "village": row.village, "name": row.name, "phone": row.phone,
              "photo": row.photo, "source": command.source}
    kept = {k: v for k, v in person.items() if v is not None and k not in unkept}
    steps: list[tuple[str, Mapping[str, Any], str]] = [(events.MINER_REGISTERED, kept, command.occurred_on)]
    if row.card:
        steps.append((events.MINER_CARD_RECORDED, {**row.card, "source": command.source}, command.occurred_on))
    if row.organisation:
        steps.append((events.MINER_ADMITTED, {"organisation": row.organisation, "source": command.source}, row.admitted_on or command.occurred_on))
    before = Miner(id=row.miner)
    nobody = before
    for n, (name, data, occurred_on) in enumerate(steps, 1):
        fact = new_fact(name, data, occurred_on, today)
        after = before.with_(fact)
        last = n == len(steps)
        new = told(before, after, name, fact.data, occurred_on, standing_too=False)
        yield new._replace(data={**new.data, "standing": after.standing}) if last and after.standing != nobody.standing else new
        before = after
