"""Two records that look alike: one person, and the records become one; or two, and nobody need ask again – either by decision."""
from collections.abc import Mapping
from dataclasses import replace

from services.membership import events
from shared.application import Histories, New
from shared.errors import BadRequest, Conflict

from . import commands as c
from .facts import MEMBERSHIP, Fact
from .miner import Miner, identity_stream, known, new_fact, stream, told


def dismissal(a: str, b: str) -> str:
    return f"duplicate/{min(a, b)}+{max(a, b)}"


def streams(command: c.MergeMiners | c.DismissDuplicate) -> list[str]:
    if isinstance(command, c.DismissDuplicate):
        return [dismissal(*command.miners), *(stream(miner) for miner in command.miners)]
    return [what(miner) for miner in (command.miner, command.into) for what in (stream, identity_stream)]


def dismiss(histories: Histories, command: c.DismissDuplicate) -> list[New]:
    for miner in command.miners:
        known(histories, miner, "miners")
    key = dismissal(*command.miners)
    return [] if histories[key] else [New(key, events.DUPLICATE_DISMISSED, {"miners": sorted(command.miners), "decision": command.decision})]


def merge(histories: Histories, command: c.MergeMiners, numbers: Mapping[str, str], today: str) -> list[New]:
    """The duplicate counts no longer, and what is known of it is said of `into`: memberships in time, and cards by their opened `numbers`.

    Raises NotFound, Conflict for one that was merged or forgotten, BadRequest for a record and itself.
    """
    if command.miner == command.into:
        raise BadRequest("a record is no duplicate of itself", field="into")
    duplicate, into = known(histories, command.miner), known(histories, command.into, "into")
    # One decision forgets a person, another says who it is: neither follows from the other, and what was forgotten must not be readable elsewhere.
    if into.forgotten and not duplicate.forgotten:
        raise Conflict("the person was forgotten", field="into", rule="forget-person the duplicate")
    if duplicate.forgotten and not into.forgotten:
        raise Conflict("the person was forgotten", field="miner", rule="forget-person the record that stays, first")
    day = new_fact("", {}, command.occurred_on, today)
    merged = replace(duplicate, into=into.id, merged_from=day.counts_from)
    data = {"into": into.id, "decision": command.decision, "source": command.source, **({} if command.occurred_on else {"counts_from": today})}
    # Both streams are written, always: otherwise two records could be merged into each other at once.
    taken = New(stream(into.id), events.DUPLICATE_TAKEN, {"miner": into.id, "duplicate": duplicate.id, "decision": command.decision, "source": command.source})
    return [told(duplicate, merged, events.MINER_MERGED, data, command.occurred_on), taken, *_taken_over(duplicate, into, numbers)]


def _taken_over(duplicate: Miner, into: Miner, numbers: Mapping[str, str]) -> list[New]:
    """The duplicate's facts that are news of `into`, each on its own day."""
    result: list[New] = []
    has = {(f.data["card_type"], numbers.get(f.event, "")) for f in into.facts if f.name == events.MINER_CARD_RECORDED}
    for fact in sorted(duplicate.facts, key=lambda f: f.day):
        if fact.name == events.MINER_CARD_RECORDED:
            if fact.event not in numbers or (fact.data["card_type"], numbers[fact.event]) in has:
                continue
            taken = _of(fact, {"number": numbers[fact.event]})
        elif fact.name in (*MEMBERSHIP, events.REFUND_EXTENDED, events.REFUND_RECORDED):
            taken = _of(fact, {})
        else:
            continue
        after = into.with_(taken)
        if fact.name in MEMBERSHIP and after.spans == into.spans:
            continue
        result.append(told(into, after, fact.name, taken.data, fact.occurred_on))
        into = after
    return result


def _of(fact: Fact, more: Mapping[str, str]) -> Fact:
    data = {k: v for k, v in fact.data.items() if k not in ("miner", "members", "standing")}
    return replace(fact, event="", sealed_in={}, data={**data, **more, **({} if fact.occurred_on else {"counts_from": fact.counts_from})})
