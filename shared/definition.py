"""What a service is, before it has a place to live: its commands, views, processes, ports and figures, by name."""
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from marshmallow import Schema

from .application import Histories, New
from .port import Port
from .process import Process
from .projection import View

if TYPE_CHECKING:
    from .service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """How a command is read, what it needs to know, and who decides."""

    schema: type[Schema]
    make: Callable[..., Any]
    streams: Callable[[Any], Sequence[str]]
    decide: Callable[["Service", Histories, Any], Sequence[New]]
    also: Callable[[Histories, Any], Sequence[str]] = lambda histories, command: ()
    """More streams, which only the histories of the first can name; and again, until they name no more."""
    touches: Callable[[Histories, Any], Collection[str]] = lambda histories, command: ()
    """What a caller bound to a territory must have: some of these `<kind>:<id>`."""
    by_caller: bool = False
    """Whether the command holds who gives it, as its `caller`."""


class Gauge(NamedTuple):
    """A figure of the service's own for Prometheus: what it is, and its values by labels."""

    text: str
    read: Callable[["Service"], Iterable[tuple[dict[str, str], float]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a service is, before it has a place to live."""

    name: str
    commands: Mapping[str, CommandSpec]
    fr: str = ""                         # what it is for, in a sentence
    en: str = ""
    views: Sequence[type[View]] = ()
    processes: Sequence[type[Process]] = ()
    events: Mapping[str, type] = field(default_factory=dict)
    """The shape of the data of each event, by its stored name."""
    ports: Mapping[str, Callable[["Service"], Port]] = field(default_factory=dict)
    gauges: Mapping[str, Gauge] = field(default_factory=dict)
