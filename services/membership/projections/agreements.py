"""Agreements with partners: who the parties are, how long each holds, what was promised and what was delivered."""
import json
from collections.abc import Sequence
from typing import Any, ClassVar

from services.membership import events
from services.membership.agreements import agreement
from services.membership.validity import day_of
from shared.event import Event
from shared.tables import Transaction

from .streams import TOLD, StreamView, Table, upsert

COLUMNS = ("agreement", "title", "state", "purpose", "signed_from", "valid_from", "valid_until", "ended_on", "parties", "promised", "delivered", "event")


class Agreements(StreamView):
    name = "agreements"
    version = 2
    names = frozenset({events.PARTNER_REGISTERED, events.AGREEMENT_SIGNED, events.AGREEMENT_AMENDED, events.AGREEMENT_ENDED, events.DELIVERABLE_RECORDED,
                       events.AGREEMENT_FACT_WITHDRAWN})
    tables: ClassVar[dict[str, str]] = {
        "": "agreement TEXT PRIMARY KEY, title TEXT, state TEXT, purpose TEXT, signed_from TEXT, valid_from TEXT, valid_until TEXT, ended_on TEXT, "
            "parties TEXT, promised TEXT, delivered TEXT, event TEXT",
        "partners": "partner TEXT PRIMARY KEY, name TEXT, kind TEXT", "told": TOLD}

    def derive(self, tx: Transaction, table: Table, stream: str, history: Sequence[Event]) -> None:
        if history[0].name == events.PARTNER_REGISTERED:
            upsert(tx, table("partners"), "partner", {key: history[0].data[key] for key in ("partner", "name", "kind")})
            return
        tx.execute(f"DELETE FROM {table('')} WHERE agreement = ?", (history[0].data["agreement"],))
        told, state = agreement.standing_events(history), agreement.evolve(history)
        if state is not None:
            first = told[0]
            upsert(tx, table(""), "agreement", {
                "agreement": first.data["agreement"], "title": state.terms["title"], "state": state.terms["state"], "purpose": first.data.get("purpose", ""),
                "signed_from": day_of(first) if first.occurred_on else "", "valid_from": state.valid_from or "",
                "valid_until": state.terms.get("valid_until", ""), "ended_on": state.ended_on, "parties": json.dumps(first.data["parties"]),
                "promised": _list(first.data.get("deliverables", ())), "event": first.id,
                "delivered": _list([e.data["deliverable"] for e in told if e.name == events.DELIVERABLE_RECORDED])})


def _list(texts: Sequence[str]) -> str:
    return json.dumps(list(texts), ensure_ascii=False)


def listed(tx: Transaction, table: Table) -> list[dict[str, Any]]:
    """Those that end first first; those without an end last."""
    rows = tx.execute(f"SELECT {', '.join(COLUMNS)} FROM {table('')} "
                      "ORDER BY CASE WHEN valid_until = '' THEN '9999' ELSE valid_until END, title, agreement").fetchall()
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return [{**row, **{key: json.loads(row[key]) for key in ("parties", "promised", "delivered")}} for row in found]


def partners(tx: Transaction, table: Table) -> dict[str, str]:
    """Slug to name."""
    return dict(tx.execute(f"SELECT partner, name FROM {table('partners')}").fetchall())
