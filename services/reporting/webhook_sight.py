"""What the owner of a webhook may see of what others told: all of it, what lies in its territory, or of metal what it is party to (principle 7)."""
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shared import event
from shared.recorder import Recorded
from shared.service import Service

from . import territory, webhook_parties

METAL = "gold_trade."


class Sight:
    """Who the parties of a consignment are is known as far as the process has read: what lies behind `end` waits for the next sending."""

    def __init__(self, service: Service, bound_to: Collection[str]) -> None:
        self.service, self.process = service, service.view("webhooks")
        self.actors, self.places = territory.actors(bound_to), territory.places(bound_to)
        self.end = self.process.current().position if self.actors else sys.maxsize
        self._parties: dict[str, set[str]] = {}

    def known(self, rows: Sequence[Recorded]) -> list[Recorded]:
        return [row for row in rows if row.position <= self.end]

    def __call__(self, row: Recorded) -> bool:
        if self.actors and row.name.startswith(METAL):
            return self._party(event.decode(row.state).data)
        return not self.places or territory.sees(self.service, self.places, event.decode(row.state).data)

    def _party(self, data: Mapping[str, Any]) -> bool:
        if self.actors & webhook_parties.named(data):
            return True
        if (consignment := data.get("consignment")) is None:
            return False
        if consignment not in self._parties:
            with self.process.reading() as (tx, table, _):
                self._parties[consignment] = webhook_parties.of(tx, table, consignment)
        return bool(self.actors & self._parties[consignment])
