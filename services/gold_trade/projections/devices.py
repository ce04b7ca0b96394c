"""Which numbers of a device have come: a number between them that has not is a gap."""
import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import msgspec

from services.gold_trade.events import RECORD_REFUSED
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

PREFIX = "gold_trade."
CLIENT = b'"client":"device:'
_KEY = re.compile(r"(?P<device>[a-z0-9-]+):(?P<number>[1-9][0-9]{0,15})\Z", re.ASCII)


class _Command(msgspec.Struct, frozen=True, gc=False):
    client: str = ""
    key: str = ""


class _Event(msgspec.Struct, gc=False):
    recorded_at: str
    command: _Command = _Command()


class _Data(msgspec.Struct, gc=False):
    device: str
    sequence: int


class _Refused(_Event, gc=False, kw_only=True):
    data: _Data


_decode = msgspec.json.Decoder(_Event).decode
_decode_refused = msgspec.json.Decoder(_Refused).decode


class Devices(View):
    """A record counts as its device's where sync wrote it: under the device as the client, with `<device>:<number>` as the key.

    Anybody may choose a key, and nobody else the client. A refused record says itself whose it is, also where an office refused it.
    """

    name = "devices"
    version = 2
    tables: ClassVar[dict[str, str]] = {"": "device TEXT, sequence BIGINT, recorded_at TEXT, PRIMARY KEY (device, sequence)"}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[str, int, str]]:
        found: dict[tuple[str, int], str] = {}
        for row in page:
            if row.name == RECORD_REFUSED:
                refused = _decode_refused(row.state)
                found.setdefault((refused.data.device, refused.data.sequence), refused.recorded_at)
            elif row.name.startswith(PREFIX) and CLIENT in row.state:
                e = _decode(row.state)
                if of := _number(e.command):
                    found.setdefault(of, e.recorded_at)
        return [(*key, at) for key, at in found.items()]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[tuple[Any, ...]]) -> None:
        tx.merge(table(""), change, "ON CONFLICT (device, sequence) DO NOTHING")


def _number(command: _Command) -> tuple[str, int] | None:
    match = _KEY.match(command.key)
    return (match["device"], int(match["number"])) if match and command.client == f"device:{match['device']}" else None


def gaps(tx: Transaction, table: Callable[[str], str], device: str, most: int = 100) -> dict[str, Any]:
    """The highest number that came, how many came, and the first that are missing before it."""
    name = table("")
    highest, seen, last = tx.execute(f"SELECT max(sequence), count(*), max(recorded_at) FROM {name} WHERE device = ?", (device,)).fetchone()
    missing: list[int] = []
    if highest and seen < highest:
        # A number whose follower is missing begins a gap; the gap ends before the next that is there.
        for after, before in tx.execute(
                f"SELECT sequence, next FROM (SELECT sequence, lead(sequence) OVER (ORDER BY sequence) AS next FROM "
                f"(SELECT sequence FROM {name} WHERE device = ? UNION SELECT 0) AS came) AS pairs WHERE next > sequence + 1 ORDER BY sequence LIMIT ?",
                (device, most)).fetchall():
            missing += range(after + 1, min(before, after + 1 + most - len(missing)))
            if len(missing) >= most:
                break
    return {"highest": highest or 0, "came": seen, "missing": missing, "last_recorded_at": last or ""}
