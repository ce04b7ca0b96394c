"""What a check gets to see of an organisation, and what it answers."""
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from services.membership import events
from services.membership.presence import Fact, in_order
from services.membership.standing import Organisation

from .around import Around
from .spans import Span

MOST_EVENTS = 40                  # that one breach names; of more, the last


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One organisation, looked at with the parameters of one rule."""

    organisation: Organisation
    around: Around
    parameters: Mapping[str, Any]

    def of(self, *names: str) -> list[Fact]:
        return [f for f in in_order(self.organisation.facts) if f.name in names]

    @property
    def founding(self) -> Fact | None:
        return next(iter(self.of(events.ORGANISATION_FOUNDED)), None)


class Compared(NamedTuple):
    """What stands behind one breach; `certain` if it is what somebody stated, not what nobody recorded."""

    facts: dict[str, Any]
    events: Sequence[str]
    certain: bool = True


class Check(NamedTuple):
    """`parameters` are those a rule must give it, `gives` the facts its texts may name beside them."""

    parameters: Mapping[str, type]
    gives: frozenset[str]
    breached: Callable[[Look], Iterable[Span]]
    compared: Callable[[Look, Span], Compared]
