"""How far each webhook was told, and whether something is on its way to it: one row each, folded in log order."""
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, fields

from shared.tables import Transaction

COLUMNS = ("stream TEXT PRIMARY KEY, owner TEXT, webhook TEXT, events TEXT, state TEXT, verified INTEGER, cursor BIGINT, last BIGINT, "
           "sending TEXT, error TEXT, failed_at TEXT, failures INTEGER")


@dataclass(slots=True, kw_only=True)
class Cursor:
    """`last`: where the newest event stands that fits. `failures`: in a row, up to now; `error` is the last one, kept."""

    stream: str
    owner: str
    webhook: str
    events: str                    # patterns, separated by spaces
    state: str = "unverified"
    verified: int = 0
    cursor: int = 0
    last: int = 0
    sending: str = ""              # id of what is on its way
    error: str = ""
    failed_at: str = ""
    failures: int = 0


_NAMES = tuple(f.name for f in fields(Cursor))


def read(tx: Transaction, table: Callable[[str], str], owner: str = "") -> list[Cursor]:
    where, values = ("WHERE owner = ? ", (owner,)) if owner else ("", ())
    rows = tx.execute(f"SELECT {', '.join(_NAMES)} FROM {table('hook')} {where}ORDER BY stream", values).fetchall()
    return [Cursor(**dict(zip(_NAMES, row, strict=True))) for row in rows]


def drop(tx: Transaction, table: Callable[[str], str], streams: Iterable[str]) -> None:
    for stream in streams:
        tx.execute(f"DELETE FROM {table('hook')} WHERE stream = ?", (stream,))


def keep(tx: Transaction, table: Callable[[str], str], cursors: Iterable[Cursor]) -> None:
    changes = ", ".join(f"{name} = excluded.{name}" for name in _NAMES[1:])
    tx.merge(table("hook"), [astuple(c) for c in cursors], f"ON CONFLICT (stream) DO UPDATE SET {changes}")
