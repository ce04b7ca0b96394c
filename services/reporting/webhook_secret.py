"""What a webhook's messages are signed with: keys of the key store, never in an event."""
import base64
import datetime as dt
from collections.abc import Sequence

from standardwebhooks import Webhook as Signer

from shared.key_store import KeyStore

from .webhook import Webhook

KIND = "webhook"


def secret(store: KeyStore, stream: str, generation: int) -> str:
    """Made at first use. Raises Conflict for one that was forgotten."""
    return f"whsec_{base64.b64encode(store.key(f'{stream}#{generation}', KIND)).decode()}"


def valid(store: KeyStore, hook: Webhook, now: str) -> list[str]:
    """The newest first; the one before it too, while both count."""
    generations = [hook.generation, *([hook.generation - 1] if now < hook.both_until else [])]
    return [secret(store, hook.stream, g) for g in generations]


def forget(store: KeyStore, stream: str, generation: int) -> None:
    if generation > 0:
        store.forget(f"{stream}#{generation}")


def challenge(store: KeyStore, stream: str) -> str:
    """What only the reader of the URL can know: it derives from nothing that is told to the owner."""
    return store.key(f"{stream}#challenge", KIND).hex()


def headers(secrets: Sequence[str], id: str, at: dt.datetime, body: bytes) -> dict[str, str]:
    """Of Standard Webhooks: one signature per secret."""
    text = body.decode()
    return {"Content-Type": "application/json", "User-Agent": "Sanu-Webhooks", "webhook-id": id, "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(Signer(s).sign(id, at, text) for s in secrets)}
