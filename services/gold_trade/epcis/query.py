"""The standard's simple event query over what the caller is party to."""
from collections.abc import Iterator, Mapping
from typing import Any

from shared import event
from shared.auth import Caller
from shared.errors import BadRequest
from shared.service import Service

from . import table as rows
from . import vocabulary as v
from .parameters import MATCHES, OWNERS, PAPERS, TYPES, After
from .render import render
from .table import Found

Condition = tuple[str, list[Any]]
COLUMNS = {"EQ_action": "action", "EQ_bizStep": "step", "EQ_disposition": "disposition", "eventType": "type", "EQ_eventID": "id", "EQ_errorReason": "reason",
           "EQ_correctiveEventID": "corrective"}
TYPED = {**{f"EQ_{end}_{kind}": (end, kind) for end in ("source", "destination") for kind in OWNERS},
         **{f"EQ_bizTransaction_{kind}": ("paper", kind) for kind in PAPERS}}
BOUNDS = {"GE_eventTime": "e.at >= ?", "LT_eventTime": "e.at < ?", "GE_recordTime": "e.recorded_at >= ?", "LT_recordTime": "e.recorded_at < ?",
          "GE_errorDeclarationTime": "e.reason <> '' AND e.recorded_at >= ?", "LT_errorDeclarationTime": "e.reason <> '' AND e.recorded_at < ?"}
TIMES = {"eventTime": "at", "recordTime": "recorded_at"}
STEP = v.ours("transformation", "")


def conditions(asked: Mapping[str, Any], caller: Caller) -> list[Condition]:
    """Of the asked parameters, and of what the caller is party to. Raises BadRequest for a type there is not."""
    if unknown := set(asked["eventType"] or ()) - set(TYPES):
        raise BadRequest(f"there is no event type {sorted(unknown)[0]}", field="eventType", rule=", ".join(TYPES))
    where = [_one_of(f"e.{column}", map(v.bare, values)) for name, column in COLUMNS.items() if (values := asked[name])]
    where += [_one_of(f"e.{column}", (f"{kind} {uri}" for uri in values)) for name, (column, kind) in TYPED.items() if (values := asked[name])]
    where += [(bound, [asked[name]]) for name, bound in BOUNDS.items() if asked[name]]
    where += [_matching(asked[name], roles) for name, roles in MATCHES.items() if asked[name]]
    if asked["EQ_transformationID"]:
        where.append(_one_of("e.root", (f"transformation/{uri.removeprefix(STEP)}" for uri in asked["EQ_transformationID"] if uri.startswith(STEP))))
    if asked["EXISTS_errorDeclaration"]:
        where.append(("e.reason <> ''", []))
    if caller.territory:
        one_of, actors = _one_of("p.actor", (t.partition(":")[2] for t in sorted(caller.territory) if t.startswith("actor:")))
        where.append((f"EXISTS (SELECT 1 FROM {{party}} p WHERE p.thing = e.thing AND {one_of})", actors))
    return where


def _one_of(column: str, values: Any) -> Condition:
    some = list(values)
    return (f"{column} IN ({', '.join('?' * len(some))})", some) if some else ("1 = 0", [])


def _matching(uris: list[str], roles: tuple[str, ...]) -> Condition:
    (lot, names), (bar, _), (role, places) = _one_of("l.lot", uris), _one_of("l.bar", uris), _one_of("l.role", roles)
    return f"EXISTS (SELECT 1 FROM {{lot}} l WHERE l.thing = e.thing AND {role} AND ({lot} OR {bar}))", [*places, *names, *names]


class _Order:
    """How the answer's events stand: by the log, or by a time and then by the log."""

    def __init__(self, asked: Mapping[str, Any]) -> None:
        self.time = TIMES.get(asked["orderBy"], "")
        self.down = bool(self.time) and asked["orderDirection"] != "ASC"
        self.after: After = asked["nextPageToken"]
        if self.after.place and bool(self.after.time) != bool(self.time):
            raise BadRequest("the token is of another order", field="nextPageToken", rule="the same parameters for every page")

    @property
    def sql(self) -> str:
        return ", ".join(f"e.{column}{' DESC' if self.down else ''}" for column in self._columns)

    @property
    def behind(self) -> Iterator[Condition]:
        """What comes after the page before."""
        if self.after.place:
            columns, values = ", ".join(f"e.{c}" for c in self._columns), [self.after.time, self.after.place] if self.time else [self.after.place]
            yield f"({columns}) {'<' if self.down else '>'} ({', '.join('?' * len(values))})", values

    @property
    def _columns(self) -> list[str]:
        return [self.time, "place"] if self.time else ["place"]

    def token(self, last: Found) -> str:
        return str(After(last.place, getattr(last, self.time) if self.time else ""))


def read(service: Service, asked: Mapping[str, Any], caller: Caller) -> tuple[dict[str, Any], str]:
    """The standard's query document, and the token of the page that follows or ''."""
    order = _Order(asked)
    with service.view("physical").reading() as (tx, table, _):
        found = rows.find(tx, table, [*conditions(asked, caller), *order.behind], order.sql, asked["perPage"])
        told = [render(row, rows.lots(tx, table, row.thing)) for row in found]
    document = {"@context": v.CONTEXT, "type": "EPCISQueryDocument", "schemaVersion": "2.0", "creationDate": event.now(),
                "epcisBody": {"queryResults": {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": told}}}}
    return document, order.token(found[-1]) if len(found) == asked["perPage"] else ""
