"""`./sanu dead-letters`: what inboxes refused, and what somebody decides about it."""
import getpass
import json
from typing import Any

import typer

from installation.upkeep import opened
from shared import dead_letters
from shared.config import SERVICES, Config
from shared.dead_letters import DeadLetter

from .show import document, table

SHOWN = 2000                       # bytes of a body


def listed(config: Config, name: str, everything: bool, as_json: bool) -> None:
    found: list[tuple[str, DeadLetter]] = []
    for each in [name] if name else SERVICES:
        with opened(config, each, alone=False) as service:
            found += [(each, letter) for letter in dead_letters.listed(service, everything)]
    if as_json:
        return document([_summary(each, letter) for each, letter in found])
    if not found:
        return typer.echo("No dead letters." if everything else "No dead letter waits for a decision.")
    table(["Service", "Id", "Told by", "Refused at", "Bytes", "Why", "Decision"],
          [[each, d.id, d.source, d.refused_at[:19], len(d.body), d.why, d.how or "open"] for each, d in found])


def shown(config: Config, name: str, id: int, as_json: bool) -> None:
    with opened(config, name, alone=False) as service:
        letter = dead_letters.one(service, id)
    body = letter.body[:SHOWN].decode("utf-8", "backslashreplace")
    if as_json:
        return document({**_summary(name, letter), "headers": _headers(letter), "body": body})
    for label, value in (("Service", name), ("Told by", letter.source), ("Refused at", letter.refused_at), ("Why", letter.why),
                         ("SHA-256", letter.digest), ("Decision", letter.how or "open"), ("Headers", letter.headers)):
        typer.echo(f"{label:<11}{value}")
    typer.echo(f"\n{body}{' …' if len(letter.body) > SHOWN else ''}")


def retried(config: Config, name: str, id: int) -> None:
    with opened(config, name) as service:
        typer.echo(f"{name} {id}: {dead_letters.retry(service, id)}")


def discarded(config: Config, name: str, id: int, reason: str) -> None:
    with opened(config, name) as service:
        event = dead_letters.discard(service, id, reason, getpass.getuser())
    typer.echo(f"{name} {id}: stays out, by the recorded decision {event}")


def _summary(name: str, letter: DeadLetter) -> dict[str, Any]:
    return {"service": name, "id": letter.id, "source": letter.source, "refused_at": letter.refused_at, "why": letter.why, "bytes": len(letter.body),
            "sha256": letter.digest, "settled_at": letter.settled_at or None, "decision": letter.how or None}


def _headers(letter: DeadLetter) -> Any:
    try:
        return json.loads(letter.headers)
    except ValueError:
        return letter.headers


