"""What an owner sees of its webhooks: how far each was told, why it is not, and the secret it checks our signatures with."""
from typing import Any

from shared import event, sealing
from shared.errors import NotFound
from shared.service import Service

from . import webhook, webhook_cursor, webhook_secret
from .webhook import Webhook
from .webhook_cursor import Cursor


def read(service: Service, owner: str) -> dict[str, Any]:
    """Cursors are positions of reporting's log; `behind` when an event that fits stands behind the cursor."""
    with service.view("webhooks").reading() as (tx, table, _):
        cursors = webhook_cursor.read(tx, table, owner)
    return {"webhooks": [_shown(service, hook, c) for c in cursors if (hook := _load(service, c.stream))], "head": str(service.log.head())}


def secret(service: Service, owner: str, name: str) -> dict[str, Any]:
    """Raises NotFound for a webhook that is not this owner's."""
    hook = _load(service, webhook.stream(owner, name))
    if hook is None:
        raise NotFound(f"you have no webhook '{name}'", field="webhook")
    secrets = webhook_secret.valid(service.key_store, hook, event.now())
    return {"webhook": name, "secret": secrets[0], **({"previous": {"secret": secrets[1], "until": hook.both_until}} if secrets[1:] else {})}


def _load(service: Service, stream: str) -> Webhook | None:
    return webhook.evolve([event.decode(row.state) for row in service.log.load(stream)])


def _shown(service: Service, hook: Webhook, c: Cursor) -> dict[str, Any]:
    url = sealing.open_(service.key_store, hook.url, "url", hook.sealed_in, {webhook_secret.KIND})
    shown = {"webhook": hook.id, "url": None if isinstance(url, sealing.Forgotten) else url, "events": list(hook.events), "description": hook.description,
             "state": hook.state, "why": hook.disabled, "cursor": str(c.cursor), "behind": c.last > c.cursor and bool(c.verified),
             "failures": c.failures, "last_error": {"at": c.failed_at, "why": c.error} if c.error else None}
    return {k: v for k, v in shown.items() if v not in ("", None)}
