"""Where a miner is: the organisations it is a member of, and their districts; what a caller bound to a territory may touch."""
from collections.abc import Collection, Iterable

from services.membership import standing as organisations
from shared.application import Histories

from . import commands as c
from . import registration
from .miner import Miner, of


def place(histories: Histories, organisation: str) -> set[str]:
    """The organisation and its district as `<kind>:<id>`; nothing for one that does not exist."""
    state = organisations.evolve(histories.get(organisations.stream(organisation), ()))
    return {f"organisation:{organisation}", *([f"district:{state.district}"] if state.district else [])} if state else set()


def places(histories: Histories, of_: Iterable[str]) -> set[str]:
    return {where for organisation in of_ for where in place(histories, organisation)}


def also(histories: Histories, command: c.OnMiner) -> list[str]:
    """The organisations that only the miner's history names."""
    return [organisations.stream(o) for o in _concerned(of(histories, command.miner), command)]


def _concerned(miner: Miner, command: c.OnMiner) -> set[str]:
    """A society may speak of one who left it, but only of what was between them."""
    named = getattr(command, "organisation", None)
    return miner.organisations | ({named} if named in miner.spans else set())


def touches(histories: Histories, command: c.OnMiner) -> Collection[str]:
    """A miner who is elsewhere is not brought into the caller's territory by the caller."""
    bound = command.caller.territory
    here = places(histories, _concerned(of(histories, command.miner), command)) & bound
    named = command.organisation if isinstance(command, c.AdmitMiner) else command.new.get("organisation") if isinstance(command, c.CorrectFact) else None
    return here if not named or place(histories, named) & bound else ()


def registering(histories: Histories, command: c.RegisterMiner | c.RegisterMiners) -> Collection[str]:
    """Every row must lie in the territory: a list stands or falls whole."""
    bound = command.caller.territory
    if not bound:
        return ()
    named = {row.organisation or "" for row in registration.rows(command)}
    return bound if all(place(histories, organisation) & bound for organisation in named) else ()


def lies_in(histories: Histories, miner: Miner, bound: Collection[str]) -> bool:
    """Whether a caller bound to a territory, or to none, may know of the miner."""
    return not bound or bool(places(histories, miner.organisations) & set(bound))


