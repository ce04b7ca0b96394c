"""What a form of the clerk's page sends, as a command."""
from collections.abc import Callable, Mapping
from typing import Any

from shared.errors import BadRequest

from .amounts import milligrams, per_100k

Fields = Mapping[str, str]


def _text(sent: Fields, field: str) -> str:
    """Raises BadRequest for one that was left empty."""
    text = sent.get(field, "").strip()
    if not text:
        raise BadRequest(f"{field} is empty", field=field, rule="fill it in")
    return text


def _weigh(sent: Fields) -> dict[str, Any]:
    return {"weighed_mg": milligrams(_text(sent, "weighed"), "weighed")}


def _melt(sent: Fields) -> dict[str, Any]:
    return {**_weigh(sent), "lot": _text(sent, "lot")}


def _commit(sent: Fields) -> dict[str, Any]:
    return {"party": _text(sent, "party"), "commitment": _text(sent, "commitment")}


def _reveal(sent: Fields) -> dict[str, Any]:
    return {"party": _text(sent, "party"), "fineness_per_100k": per_100k(_text(sent, "fineness"), "fineness"), "nonce": _text(sent, "nonce")}


def _umpire(sent: Fields) -> dict[str, Any]:
    return {"fineness_per_100k": per_100k(_text(sent, "fineness"), "fineness"), "umpire": _text(sent, "umpire")}


BODIES: dict[str, Callable[[Fields], dict[str, Any]]] = {
    "weigh-consignment": _weigh, "melt-consignment": _melt, "commit-assay": _commit, "reveal-assay": _reveal, "record-umpire": _umpire,
    "dispute-consignment": lambda sent: {"why": _text(sent, "why")}, "settle-dispute": lambda sent: {"decision": _text(sent, "decision")}}


def command(consignment: str, sent: Fields) -> tuple[str, dict[str, Any]]:
    """Its name and body. Raises BadRequest."""
    name = sent.get("do", "")
    if name not in BODIES:
        raise BadRequest("the form asks for nothing that this page does", field="do", rule=", ".join(BODIES))
    day = sent.get("occurred_on", "").strip()
    return name, {"consignment": consignment, **BODIES[name](sent), **({"occurred_on": day} if day else {})}
