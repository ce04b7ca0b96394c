"""`./sanu restore DIR`: puts copied logs in their places, and says what is still missing and who has it."""
import getpass
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from installation import state
from installation.catalogue import open_service
from installation.owner import own
from shared import event
from shared import restore as restoring
from shared import service as services
from shared.config import SERVICES, Config
from shared.errors import BadRequest, Conflict
from shared.service import Service

from . import copied_keys, copy_postgres, copy_sqlite, manifest
from .backup import PERSONAL
from .show import document, table


def restore(config: Config, folder: Path, service: str, accept_loss: bool, reason: str, as_json: bool) -> int:
    """1 when the copy has personal keys that could not be put back; raises for a copy that is not whole, with nothing changed."""
    config = config.to_migrate()
    said = manifest.read(folder)
    if said["mode"] != ("embedded" if config.embedded else "postgresql"):
        raise BadRequest(f"this is a copy of an installation on {said['mode']}: {'give' if config.embedded else 'leave out'} --database")
    names = [service] if service else [name for name in SERVICES if name in said["services"]]
    if not names:
        raise BadRequest("the copy holds no service")
    if unknown := [name for name in names if name not in said["services"]]:
        raise BadRequest(f"the copy holds no service '{unknown[0]}'", field="service")
    if accept_loss and not reason.strip():
        raise BadRequest("to accept a loss needs a reason (--reason)", field="reason")
    lock = own(config) if config.embedded else None
    try:
        _nobody_works(config, names)
        result = _put_back(config, folder, said, names)
        result["services"] = _compared(config, said, names, accept_loss, reason)
    finally:
        if lock:
            lock.close()
    document(result) if as_json else _show(result)
    return int(result["personal_keys_missing"] > 0)


def _nobody_works(config: Config, names: Sequence[str]) -> None:
    busy = set([] if config.embedded else copy_postgres.still_at_work(config, names))
    busy |= {name for name in names if state.get(config, name, f"/{name}/health/live")[1].get("service") == name}
    if busy:
        raise Conflict(f"{', '.join(sorted(busy))} still runs: stop it first")


def _put_back(config: Config, folder: Path, said: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    way = copy_sqlite if config.embedded else copy_postgres
    stamp = "".join(filter(str.isdigit, event.now()))              # to the millisecond: two restores may follow each other
    aside = {name: way.put_back(config, name, folder / name, said["services"][name], stamp) for name in names}
    signing, keys_aside = copied_keys.put_signing_keys_back(config, folder, stamp)
    personal = way.put_personal_keys_back(config, folder / PERSONAL)
    services.migrate(replace(config, kind=said["services"][names[0]]["kind"]))         # services that were not restored
    return {"copy_made_at": said["made_at"], "aside": {name: place for name, place in aside.items() if place} | keys_aside, "signing_keys_restored": signing,
            "personal_keys_in_copy": personal is not None, "personal_keys_restored": bool(personal and personal.restored),
            "personal_keys_missing": personal.missing if personal else 0}


def _compared(config: Config, said: dict[str, Any], names: Sequence[str], accept_loss: bool, reason: str) -> dict[str, Any]:
    """What the peers' copies, read where they lie, hold beyond the restored logs."""
    opened: dict[str, Service] = {name: open_service(config, name) for name in SERVICES}
    result = {}
    try:
        for name in names:
            one, ask = opened[name], restoring.ask_in_process(opened, name)
            restoring.mark(one)
            head, beyond = one.log.own_head(), {}
            for peer in one.others:
                held = opened[peer].log.received_head(name)
                if held and held.version > head:
                    beyond[peer] = {"events": len(_all(ask, peer, head)), "up_to": str(held.version)}
            result[name] = {**said["services"][name], "peers_hold_beyond": beyond, "epoch_started_at": None}
            if accept_loss:
                result[name]["epoch_started_at"] = str(restoring.start_epoch(one, ask, getpass.getuser(), reason))
    finally:
        for one in opened.values():
            one.close()
    return result


def _all(ask: restoring.Ask, peer: str, after: int) -> list[int]:
    found: list[int] = []
    while items := ask(peer, found[-1] if found else after):
        found += [item.position for item in items]
    return found


def _show(result: dict[str, Any]) -> None:
    typer.echo(f"Copy of {result['copy_made_at']}, every file and every chain as the manifest says.")
    beyond = {name: [f"{peer}: {b['events']} events up to {b['up_to']}" for peer, b in s["peers_hold_beyond"].items()]
              for name, s in result["services"].items()}
    table(["Service", "Events", "Up to", "Held beyond by peers"],
          [[name, s["events"], s["own_head"], ", ".join(beyond[name]) or "nothing"] for name, s in result["services"].items()])
    for name, place in result["aside"].items():
        typer.echo(f"What was there of {name} is now {place}: delete it when all is well.")
    if any(beyond.values()):
        typer.echo("The start takes those events back, at their old positions; until then the log takes no commands.")
    for name, s in result["services"].items():
        if s["epoch_started_at"]:
            typer.echo(f"{name}: a new epoch starts at {s['epoch_started_at']}; events behind {s['own_head']} that nobody here holds are given up.")
    typer.echo("Signing keys: " + ("restored from the copy; revoke again who was revoked since." if result["signing_keys_restored"] else "left as they were."))
    typer.echo(f"Personal keys: {_personal(result)}")


def _personal(result: dict[str, Any]) -> str:
    if missing := result["personal_keys_missing"]:
        return (f"{missing} of the copy's are missing, and what they seal cannot be read. The store here was begun anew and is in use: "
                "move it aside (var/keys.db, or the schema sealing) and restore again; whom it has registered since will be unreadable in their place.")
    if result["personal_keys_restored"]:
        return "restored from the copy; forget again who was forgotten since."
    return "left as they were." if result["personal_keys_in_copy"] else "not in the copy; the store here is left as it was."
