"""Makes what `docker compose up` needs and no repository may hold: passwords, and the broker's users with their hashes.

    python3 deploy/prepare.py [DIRECTORY]        (deploy/secrets)

A password that is there stays; to change one, remove its file, run this again, and tell the server. Needs nothing but Python.
"""
import base64
import hashlib
import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

SERVICES = ("membership", "training", "gold_trade", "reporting")
PASSWORDS = ("postgres", "grafana", "broker_admin", "database_migrate", *(f"{kind}_{service}" for kind in ("broker", "database") for service in SERVICES))
VHOST = "sanu"
DEAD = "sanu.dead"
MOST_ENVELOPES, MOST_BYTES = 20_000, 1024 * 1024 * 1024


def passwords(folder: Path) -> dict[str, str]:
    """Makes the missing ones. The directory is closed; the files are not, for each container reads its own under another user's id."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name in PASSWORDS:
        if not (folder / name).exists():
            (folder / name).write_text(secrets.token_urlsafe(24))
        (folder / name).chmod(0o444)
    return {name: (folder / name).read_text() for name in PASSWORDS}


def definitions(password: dict[str, str], vhost: str = VHOST) -> dict[str, Any]:
    """What RabbitMQ loads at each start: exchanges and users are there again even if the broker lost its disk."""
    users = [("admin", password["broker_admin"], ["administrator"]), *((s, password[f"broker_{s}"], []) for s in SERVICES)]
    return {
        "vhosts": [{"name": vhost}],
        "users": [{"name": name, "password_hash": _hash(secret), "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": tags}
                  for name, secret, tags in users],
        "permissions": [{"user": "admin", "vhost": vhost, "configure": ".*", "write": ".*", "read": ".*"}, *(_rights(s, vhost) for s in SERVICES)],
        "exchanges": [{"name": name, "vhost": vhost, "type": "topic", "durable": True, "auto_delete": False, "internal": False, "arguments": {}}
                      for name in (*(f"{s}.events" for s in SERVICES), DEAD)],
        "queues": [{"name": DEAD, "vhost": vhost, "durable": True, "auto_delete": False, "arguments": {"x-queue-type": "quorum"}}],
        "bindings": [{"source": DEAD, "vhost": vhost, "destination": DEAD, "destination_type": "queue", "routing_key": "#", "arguments": {}}],
        "policies": [_policy("feeds", r"^[a-z_]+\.from\.[a-z_]+$", vhost, FEEDS), _policy("dead", r"^sanu\.dead$", vhost, DEAD_LETTERS)],
    }


# No delivery-limit: an inbox that cannot store yet holds a batch and takes it again, however often. RabbitMQ 3 has none unless
# told; RabbitMQ 4 has 20 unless told, so say "delivery-limit": -1 there (3 refuses that number).
# A full feed queue drops its oldest envelope, and the inbox asks the feed for what it held. reject-publish would have the relay
# wait for the one service that is away, and the others with it.
FEEDS = {"dead-letter-exchange": DEAD, "overflow": "drop-head", "max-length": MOST_ENVELOPES, "max-length-bytes": MOST_BYTES}
DEAD_LETTERS = {"overflow": "drop-head", "max-length": MOST_ENVELOPES, "max-length-bytes": MOST_BYTES}


def _rights(service: str, vhost: str) -> dict[str, str]:
    """Its own exchange and its own queues; of the others', only to bind a queue to their exchanges."""
    own = rf"^{service}\.(events|from\.[a-z_]+)$"
    others = "|".join(s for s in SERVICES if s != service)
    return {"user": service, "vhost": vhost, "configure": own, "write": own, "read": rf"^({service}\.from\.[a-z_]+|({others})\.events)$"}


def _policy(name: str, pattern: str, vhost: str, definition: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "vhost": vhost, "pattern": pattern, "apply-to": "queues", "priority": 0, "definition": definition}


def _hash(password: str) -> str:
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def main(folder: Path) -> None:
    made = definitions(passwords(folder))
    file = folder / "definitions.json"
    file.unlink(missing_ok=True)
    file.write_text(json.dumps(made, indent=1))
    os.chmod(file, 0o444)
    print(f"{folder}: {len(PASSWORDS)} passwords and definitions.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "secrets")
