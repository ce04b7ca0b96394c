"""What happened to miners, and what one may ask of them, in the words of the tests."""
from typing import Any

from services.membership import events as e
from services.membership.miners import commands as c
from services.membership.miners import days, duplicates, identity, memberships, registration
from shared.application import Histories, New
from shared.auth import Caller
from shared.event import Event
from shared.testing import Given, happened, specification

TODAY = "2025-01-01"
WHO: Any = Caller(subject="x", role="secretariat", scopes=frozenset())
AWA, MOUSSA = "m-awa0001", "m-moussa1"
SEAL = {"sealed": "x", "subject": f"miner/{AWA}", "kind": "person"}
DABIA = happened("organisation/dabia", e.ORGANISATION_FOUNDED, {"organisation": "dabia", "level": "base", "name": "Dabia", "counts": []}, occurred_on="2010")
NIENA = happened("organisation/niena", e.ORGANISATION_FOUNDED, {"organisation": "niena", "level": "base", "name": "Niéna", "counts": []}, occurred_on="2010")
ENDED = happened("organisation/dabia", e.ORGANISATION_DISSOLVED, {"organisation": "dabia", "counts": []}, occurred_on="2020")


class Merge:
    streams = staticmethod(duplicates.streams)

    @staticmethod
    def decide(histories: Histories, command: c.MergeMiners, today: str) -> list[New]:
        return duplicates.merge(histories, command, {"card-1": "K1", "card-2": "K2"}, today)


class Forget:
    streams = staticmethod(identity.streams)
    decide = staticmethod(identity.forget)


register, fact, merging = (specification(decider, today=TODAY) for decider in (registration, memberships, Merge()))
forgetting = specification(Forget())


def row(miner: str = AWA, name: str = "Awa Diarra", **more: Any) -> c.Row:
    return c.Row(miner=miner, name=name, **more)


def one(occurred_on: str = "2024-11-17", **more: Any) -> c.RegisterMiner:
    return c.RegisterMiner(caller=WHO, occurred_on=occurred_on, row=row(**more))


def many(*rows: c.Row, **more: Any) -> c.RegisterMiners:
    return c.RegisterMiners(caller=WHO, rows=rows, **more)


def of(kind: Any, miner: str = AWA, occurred_on: str = "", **more: Any) -> Any:
    return kind(caller=WHO, miner=miner, occurred_on=occurred_on, **more)


def told(what: str, occurred_on: str = "", id: str = "", miner: str = AWA, /, **data: Any) -> Event:
    return happened(f"miner/{miner}", what, {"miner": miner, **data}, occurred_on=occurred_on, id=id)


def registered(occurred_on: str = "2024-01-01", miner: str = AWA, **data: Any) -> Event:
    return told(e.MINER_REGISTERED, occurred_on, "reg", miner, name=SEAL, **data)


def card(until: str = "2024-12-31", id: str = "card-1", miner: str = AWA, since: str = "2024-01-01") -> Event:
    return told(e.MINER_CARD_RECORDED, "2024-01-01", id, miner, card_type="miner", number=SEAL, valid_from=since, valid_until=until)


def admitted(occurred_on: str = "2024-01-01", organisation: str = "dabia", id: str = "adm", miner: str = AWA) -> Event:
    return told(e.MINER_ADMITTED, occurred_on, id, miner, organisation=organisation, members=[])


def noticed(effective_on: str = "2024-02-29", received_on: str = "2024-01-15", **more: Any) -> Event:
    return told(e.WITHDRAWAL_NOTICED, "", "notice", organisation="dabia", received_on=received_on, effective_on=effective_on,
                refund_due_by=days.refund_due_by(effective_on), members=[], **more)


def change(day: str, delta: int, organisation: str = "dabia", **person: Any) -> dict[str, Any]:
    return {"organisation": organisation, "kind": "miner", "from": day, "delta": delta, **person}


def step(day: str, *why: str) -> dict[str, Any]:
    return {"from": day, "value": "to check" if why else "good", "why": list(why)}


def decided(given: Given, command: Any) -> list[dict[str, Any]]:
    """The data of the events, in clear."""
    outcome = given.when(command)
    if outcome.error:
        raise outcome.error
    return [{k: v for k, v in new.data.items() if v is not None} for new in outcome.events]


def members(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [{k: v for k, v in m.items() if v is not None} for m in data["members"]]
