"""Which numbers of a device have come: a number between them that has not is a gap."""
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import msgspec

from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

PREFIX = "gold_trade."


class _Command(msgspec.Struct, frozen=True, gc=False):
    key: str = ""


class _Event(msgspec.Struct, gc=False):
    recorded_at: str
    device: str = ""
    command: _Command = _Command()


_decode = msgspec.json.Decoder(_Event).decode


class Devices(View):
    """A record's key is `<device>:<number>`, of a refused one `<device>:<number>:refused`."""

    name = "devices"
    tables: ClassVar[dict[str, str]] = {"": "device TEXT, sequence BIGINT, recorded_at TEXT, PRIMARY KEY (device, sequence)"}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[str, int, str]]:
        found: dict[tuple[str, int], str] = {}
        for row in page:
            if row.name.startswith(PREFIX) and b'"key":"' in row.state:
                e = _decode(row.state)
                device, _, rest = e.command.key.partition(":")
                number = rest.removesuffix(":refused")
                if number.isdigit() and (e.device == device or rest != number):
                    found.setdefault((device, int(number)), e.recorded_at)
        return [(*key, at) for key, at in found.items()]

    def write(self, tx: Transaction, table: Callable[[str], str], change: Sequence[tuple[Any, ...]]) -> None:
        tx.merge(table(""), change, "ON CONFLICT (device, sequence) DO NOTHING")


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
