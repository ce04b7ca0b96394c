"""Where a miner is: the organisations it is a member of, and their districts; what a caller bound to a territory may touch."""
from collections.abc import Collection, Iterable, Iterator

from services.membership import standing as organisations
from shared.application import Histories

from . import commands as c
from . import registration
from .miner import Miner, of


def place(histories: Histories, organisation: str) -> set[str]:
    """The organisation and the district it came to last as `<kind>:<id>`; of a duplicate also those of the record it is part of.

    Nothing for one that does not exist. The view of miners says the same (`projections.homes.Home`).
    """
    chain = list(_chain(histories, organisation))
    district = chain[-1].district if chain else ""
    return {*(f"organisation:{state.id}" for state in chain), *([f"district:{district}"] if district else [])}


def _chain(histories: Histories, organisation: str) -> Iterator[organisations.Organisation]:
    state = organisations.evolve(histories.get(organisations.stream(organisation), ()))
    while state:
        yield state
        state = organisations.evolve(histories.get(organisations.stream(state.into), ())) if state.into else None


def places(histories: Histories, of_: Iterable[str]) -> set[str]:
    return {where for organisation in of_ for where in place(histories, organisation)}


def streams(histories: Histories, named: Iterable[str]) -> list[str]:
    """Those that tell where organisations are, as far as the histories tell which: of a duplicate, only its own history does."""
    return list(dict.fromkeys(organisations.stream(o) for one in named for o in (
        one, *(state.into for state in _chain(histories, one) if state.into))))


def also(histories: Histories, command: c.OnMiner) -> list[str]:
    """The organisations that only histories name: the miner's, and those of duplicates; who is bound to no territory need not know."""
    if not command.caller.territory:
        return []
    miner = of(histories, command.miner)
    return streams(histories, sorted(_concerned(miner, command) | _named(miner, command)))


def _named(miner: Miner, command: c.OnMiner) -> set[str]:
    """The organisations that the command speaks of, also by the fact that it says was wrong."""
    said = [getattr(command, "organisation", None)]
    if isinstance(command, c.CorrectFact | c.WithdrawFact):
        said += [fact.data.get("organisation") for fact in miner.facts if fact.event == command.event]
    if isinstance(command, c.CorrectFact):
        said.append(command.new.get("organisation"))
    return {organisation for organisation in said if organisation}


def _concerned(miner: Miner, command: c.OnMiner) -> set[str]:
    """A society may speak of one who left it, but only of what was between them."""
    return miner.organisations | (_named(miner, command) & set(miner.spans))


def touches(histories: Histories, command: c.OnMiner) -> Collection[str]:
    """What lies in the caller's territory, if all that the command speaks of does: a miner's membership elsewhere is the other society's to tell.

    A miner who is elsewhere is not brought into the caller's territory by the caller either.
    """
    bound, miner = command.caller.territory, of(histories, command.miner)
    here = places(histories, _concerned(miner, command)) & bound
    return here if all(place(histories, named) & bound for named in _named(miner, command)) else ()


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
