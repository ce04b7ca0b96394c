"""Regions and districts: dated reference data under one slug each, found by any of their names."""
import re
import unicodedata
from collections.abc import Mapping, Sequence

from shared.application import Histories, New
from shared.errors import BadRequest, Conflict, NotFound

from . import events
from .commands import RecordPlaceAlias, RegisterDistrict, RegisterRegion

KINDS = ("region", "district")


def normalise(name: str) -> str:
    """What two spellings of a name have in common: 'KOLON DIEBA' and 'Kolondiéba' are 'kolondieba'."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    result = re.sub(r"[^a-z0-9]", "", bare)
    if not result:
        raise BadRequest(f"'{name}' holds no letter", field="name")
    return result


def name_stream(kind: str, name: str) -> str:
    return f"{kind}-name/{normalise(name)}"


def stream(kind: str, slug: str) -> str:
    return f"{kind}/{slug}"


def streams(command: RegisterRegion | RegisterDistrict | RecordPlaceAlias) -> list[str]:
    match command:
        case RegisterRegion():
            return [stream("region", command.region), *(name_stream("region", n) for n in (command.name, command.region, *command.aliases))]
        case RegisterDistrict():
            return [stream("district", command.district), *(name_stream("district", n) for n in (command.name, command.district, *command.aliases))]
        case RecordPlaceAlias():
            return [stream(command.kind, command.slug), name_stream(command.kind, command.alias)]


def found(kind: str, name: str, histories: Histories, field: str) -> str:
    """The slug of the place that bears `name`. Raises NotFound naming the field."""
    history = histories[name_stream(kind, name)]
    if not history:
        raise NotFound(f"no {kind} is called '{name}'", field=field, rule=f"register-{kind} or record-place-alias first")
    return str(history[0].data["place"])


def decide(histories: Histories, command: RegisterRegion | RegisterDistrict | RecordPlaceAlias) -> list[New]:
    match command:
        case RegisterRegion():
            return _register("region", command.region, events.REGION_REGISTERED, {"region": command.region, "name": command.name},
                             (command.name, command.region, *command.aliases), histories, command.source)
        case RegisterDistrict():
            return _register("district", command.district, events.DISTRICT_REGISTERED,
                             {"district": command.district, "name": command.name, "rank": command.rank, "region": command.region},
                             (command.name, command.district, *command.aliases), histories, command.source)
        case RecordPlaceAlias():
            if not histories[stream(command.kind, command.slug)]:
                raise NotFound(f"no {command.kind} '{command.slug}'", field="slug")
            return _names(command.kind, command.slug, (command.alias,), histories, command.evidence)


def _register(kind: str, slug: str, name: str, data: Mapping[str, object], names: Sequence[str], histories: Histories, source: object) -> list[New]:
    if histories[stream(kind, slug)]:
        raise Conflict(f"{kind} '{slug}' is registered already", field=kind)
    return [New(stream(kind, slug), name, {**data, "source": source}), *_names(kind, slug, names, histories)]


def _names(kind: str, slug: str, names: Sequence[str], histories: Histories, evidence: str | None = None) -> list[New]:
    """A name is a reservation stream: two places of a kind never share one."""
    result: dict[str, New] = {}
    for name in names:
        key = name_stream(kind, name)
        if histories[key]:
            if histories[key][0].data["place"] != slug:
                raise Conflict(f"'{name}' names {histories[key][0].data['place']} already", field="name", rule=f"one name, one {kind}")
        elif key not in result:
            result[key] = New(key, events.PLACE_NAMED,
                              {"kind": kind, "place": slug, "name": name, "normalised": normalise(name), "evidence": evidence})
    return list(result.values())
