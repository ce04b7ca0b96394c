"""What a webhook's messages are signed with: keys of the key store, never in an event."""
import base64
import datetime as dt
from collections.abc import Sequence

from standardwebhooks import Webhook as Signer

from shared.event import Event
from shared.key_store import KeyStore

from . import events, webhook
from .webhook import Webhook

KIND = "webhook"


def secret(store: KeyStore, stream: str, generation: int) -> str:
    """Made at first use. Raises Conflict for one that was forgotten."""
    return f"whsec_{base64.b64encode(store.key(f'{stream}#{generation}', KIND)).decode()}"


def valid(store: KeyStore, hook: Webhook, now: str) -> list[str]:
    """The newest first; the one before it too, while both count."""
    generations = [hook.generation, *([hook.generation - 1] if now < hook.both_until else [])]
    return [secret(store, hook.stream, g) for g in generations]


def forget_unused(store: KeyStore, stream: str, history: Sequence[Event]) -> None:
    """Addresses but the present one, secrets but the last two, and the challenges of those addresses; all of them after a removal."""
    hook = webhook.evolve(history)
    made = sum(e.name in (events.WEBHOOK_REGISTERED, events.WEBHOOK_SECRET_ROTATED) for e in history)
    needed = {hook.generation, hook.generation - bool(hook.both_until)} if hook else set()
    for address in {e.data["url"]["subject"] for e in history if "url" in e.data} - ({hook.url["subject"]} if hook else set()):
        store.forget(address)
        store.forget(f"{address}#challenge")
    for generation in set(range(1, made + 1)) - needed:
        store.forget(f"{stream}#{generation}")


def challenge(store: KeyStore, address: str) -> str:
    """What only the reader of the URL can know: it derives from nothing that is told to the owner. `address` is what the URL is sealed under:
    who read the challenge at one address cannot verify another by it."""
    return store.key(f"{address}#challenge", KIND).hex()


def headers(secrets: Sequence[str], id: str, at: dt.datetime, body: bytes) -> dict[str, str]:
    """Of Standard Webhooks: one signature per secret."""
    text = body.decode()
    return {"Content-Type": "application/json", "User-Agent": "Sanu-Webhooks", "webhook-id": id, "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(Signer(s).sign(id, at, text) for s in secrets)}
