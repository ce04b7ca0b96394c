"""A site where gold is worked: what is said of the place, and what was corrected of it."""
from collections.abc import Sequence
from typing import Any

from services.membership import events, place
from shared.application import Histories, New
from shared.errors import Conflict, NotFound
from shared.event import Event

from .commands import OnSite, RegisterSite

SAID = ("name", "aliases", "district", "commune", "village", "latitude_e6", "longitude_e6")


def stream(site: str) -> str:
    return f"site/{site}"


def streams(command: OnSite) -> list[str]:
    return [stream(command.site), *([place.name_stream("district", command.district)] if command.district else [])]


def evolve(history: Sequence[Event]) -> dict[str, Any] | None:
    """What is said of it after all corrections; None if nobody registered it."""
    state: dict[str, Any] | None = None
    for e in history:
        match e.name:
            case events.SITE_REGISTERED:
                state = {k: e.data[k] for k in SAID if k in e.data}
            case events.SITE_CORRECTED:
                state = {**(state or {}), **e.data["new"]}
    return state


def decide(histories: Histories, command: OnSite) -> list[New]:
    key = stream(command.site)
    state = evolve(histories[key])
    said = _said(histories, command)
    if isinstance(command, RegisterSite):
        if state is not None:
            raise Conflict(f"site '{command.site}' is registered already", field="site", rule="correct-site changes it")
        return [New(key, events.SITE_REGISTERED, {"site": command.site, **said, "source": command.source})]
    if state is None:
        raise NotFound(f"no site '{command.site}'", field="site", rule="register-site first")
    new = {k: v for k, v in said.items() if state.get(k) != v}
    old = {k: state[k] for k in new if k in state}
    return [New(key, events.SITE_CORRECTED, {"site": command.site, "old": old, "new": new, "source": command.source})] if new else []


def _said(histories: Histories, command: OnSite) -> dict[str, Any]:
    """What the command says of the place, the district under its one slug."""
    said = {k: v for k in SAID if (v := getattr(command, k)) is not None}
    if command.aliases is not None:
        said["aliases"] = list(command.aliases)
    if command.district is not None:
        said["district"] = place.found("district", command.district, histories, "district")
    return said
