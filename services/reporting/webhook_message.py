"""What a webhook is told: the CloudEvent of an event, without who recorded it on which device and under which key."""
import json
from collections.abc import Collection, Mapping
from typing import Any

from shared import event
from shared.projection import source_of
from shared.recorder import Recorded

from . import personal

CHALLENGE = "reporting.WebhookChallenge"
HIDDEN = ("actor", "command", "device")


def of(row: Recorded, service: str, scopes: Collection[str]) -> tuple[str, bytes] | None:
    """The event's id, and the body; None for what the owner's `scopes` do not show. `position` is the place in our log: what a replay begins behind."""
    told: dict[str, Any] = json.loads(row.state)
    data = personal.shown(told["data"], scopes)
    if data is None:
        return None
    told["data"] = data
    source, _ = source_of(row, service)
    return told["id"], _cloud_event(told["id"], source, row.name, told["recorded_at"], {k: v for k, v in told.items() if k not in HIDDEN},
                                    subject=told["stream"], position=str(row.position))


def challenge(id: str, service: str, webhook: str, text: str) -> bytes:
    return _cloud_event(id, service, CHALLENGE, event.now(), {"webhook": webhook, "challenge": text})


def _cloud_event(id: str, source: str, type: str, time: str, data: Mapping[str, Any], **more: str) -> bytes:
    return event.canonical({"specversion": "1.0", "id": id, "source": source, "type": type, "time": time, "datacontenttype": "application/json",
                            "data": data, **more})
