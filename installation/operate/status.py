"""`./sanu status`: where everything stands, on one screen or as one document."""
from typing import Any

import typer

from installation import state
from installation.upkeep import must_exist
from shared.config import Config

from .show import ago, document, size, table


def status(config: Config, as_json: bool) -> int:
    """0 if nothing asks for attention, else 1. Raises NotFound where there is no installation."""
    must_exist(config)
    found = state.of(config)
    if as_json:
        document(found)
    else:
        _show(found)
    return 1 if found["alarms"] else 0


def _show(found: dict[str, Any]) -> None:
    services = found["services"]
    readable = {name: s for name, s in services.items() if "unreadable" not in s}
    table(["Service", "Answers", "Kind", "Log", "Head", "To publish", "Dead letters", "Verified up to"], [_service(name, s) for name, s in services.items()])
    typer.echo("")
    table(["Service", "Told by", "Holds", "Behind at most", "Last heard"],
          [[name, source, i["held"], i["behind"], "STOPPED: " + i["stopped"] if i["stopped"] else ago(i["seconds"])]
           for name, s in readable.items() for source, i in s["inbox"].items()])
    typer.echo("")
    table(["Service", "View or process", "Run", "Read up to", "Behind", "State"],
          [[name, view, v["run"], v["position"], v["behind"], _view(v)]
           for name, s in readable.items() for view, v in {**s["views"], **s["processes"]}.items()])
    typer.echo(f"\nFree disk: {size(found['disk']['free_bytes'])} ({found['disk']['free_percent']} %)")
    for alarm in found["alarms"]:
        typer.echo(f"{'STOP' if alarm['level'] == 'stop' else 'look'}  {alarm['en']}")
    if not found["alarms"]:
        typer.echo("Nothing asks for attention.")


def _service(name: str, s: dict[str, Any]) -> list[object]:
    if "unreadable" in s:
        return [name, "yes" if s["answers"] else "no", "", s["unreadable"], "", "", "", ""]
    answers = "no" if not s["answers"] else f"read-only: {s['read_only']}" if s["read_only"] else "yes"
    verified = f"{s['verified']['position']} ({s['verified']['at'][:16]})" if s["verified"] else "never"
    return [name, answers, s["kind"], s["log_id"][-12:], s["head"], s["relay"]["behind"], s["dead_letters"], verified]


def _view(v: dict[str, Any]) -> str:
    if v["stopped_at"]:
        return f"STOPPED at {v['stopped_at']}: {v['why']}"
    return f"follows, {v['due']} to do" if v.get("due") else "follows" if v["run"] else "not prepared yet"
