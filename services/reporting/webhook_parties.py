"""Who takes part in what happens to metal: the actors that an event names, and in each step of a consignment its seller and buyer."""
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from shared.recorder import Recorded
from shared.tables import Transaction

from . import received
from .received_metal import Consignment

NAMED = ("actor", "collector", "custodian", "giver", "taker", "owner", "old_owner", "seller", "buyer")
FROM_SOCIETY = "source"                    # the one account that is a society's, not an actor's
COLUMNS = "consignment TEXT PRIMARY KEY, seller TEXT, buyer TEXT"
_decode = msgspec.json.Decoder(Consignment).decode


class Parties(NamedTuple):
    consignment: str
    seller: str
    buyer: str


def sent(page: Sequence[Recorded]) -> list[Parties]:
    """Of the consignments that were sent: all that follows of one names it alone."""
    data = [_decode(row.state).data for row in page if row.name == received.CONSIGNMENT_SENT]
    return [Parties(d.consignment, d.seller, d.buyer) for d in data]


def keep(tx: Transaction, table: Callable[[str], str], rows: Collection[Parties]) -> None:
    if rows:
        tx.load(table("parties"), Parties._fields, rows)


def named(data: Mapping[str, Any]) -> set[str]:
    """The actors whose part the event's data says, or whose account it books."""
    booked = {line["of"] for line in data.get("entries", ()) if line["account"] != FROM_SOCIETY}
    return booked | {data[field] for field in NAMED if field in data}


def of(tx: Transaction, table: Callable[[str], str], consignment: str) -> set[str]:
    """None of one that was not sent yet, as far as `tx` sees."""
    row = tx.execute(f"SELECT seller, buyer FROM {table('parties')} WHERE consignment = ?", (consignment,)).fetchone()
    return set(row) if row else set()
