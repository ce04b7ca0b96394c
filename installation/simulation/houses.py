"""Who buys, carries and refines: comptoirs with their collectors, a transporter and a refinery, their licences and their devices' keys."""
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from installation.season.places import SOURCE, Fact
from services.gold_trade import season

from .plan import Plan

REFINERY, TRANSPORTER = "sim-affinerie", "sim-transport"
COLLECTORS = 2                          # of a comptoir, each with a device; one of every twelve has no licence
MOST_TAGS = 100_000


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True)
class Device:
    """Its key comes from the seed: whoever runs the same life again signs the same."""

    id: str
    actor: str
    seed: int

    @cached_property
    def key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha256(f"simulation:{self.seed}:{self.id}".encode()).digest())


@dataclass(frozen=True, slots=True)
class House:
    """A comptoir; its first device is its own, the others are its collectors'."""

    number: int
    devices: tuple[Device, ...]

    @property
    def id(self) -> str:
        return f"sim-comptoir-{self.number:02}"

    @property
    def contract(self) -> str:
        return f"sim-contrat-{self.number:02}"

    @property
    def tags(self) -> str:
        return f"sim{self.number:02}-"


def planned(plan: Plan) -> list[House]:
    def device(actor: str) -> Device:
        return Device(f"{actor}-t", actor, plan.seed)

    return [House(n, (device(f"sim-comptoir-{n:02}"), *(device(f"sim-collecteur-{n:02}-{c}") for c in range(1, COLLECTORS + 1))))
            for n in range(1, plan.houses + 1)]


def facts(plan: Plan, houses: list[House]) -> Iterator[Fact]:
    """Everybody registers before the first receipt; stock is declared before a stop."""
    yield from _actor(plan, REFINERY, "refinery", "Affinerie synthétique")
    yield from _actor(plan, TRANSPORTER, "transporter", "Transport synthétique")
    for house in houses:
        for n, device in enumerate(house.devices):
            kind, name = ("collector", f"Collecteur synthétique n° {house.number}-{n}") if n else ("comptoir", f"Comptoir synthétique n° {house.number}")
            yield from _actor(plan, device.actor, kind, name, licensed=(COLLECTORS * house.number + n) % 12 != 5)
            public = b64(device.key.public_key().public_bytes_raw())
            yield _fact(f"{device.id}.registered", "register-device", device_id=device.id, actor=device.actor, key=public)
        yield _fact(f"{house.id}.contract", "agree-contract", contract=house.contract, seller=house.id, buyer=REFINERY)
        yield _fact(f"{house.id}.tags", "issue-tags", actor=house.id, prefix=house.tags, first=1, last=MOST_TAGS)
        for stop in season.stops():
            if plan.first.isoformat() <= stop.first <= plan.last.isoformat():
                yield _fact(f"{house.id}.{stop.id}", "declare-stock", actor=house.id, season=stop.id, gross_mg=200_000, occurred_on=stop.first)


def _actor(plan: Plan, actor: str, kind: str, name: str, licensed: bool = True) -> Iterator[Fact]:
    yield _fact(f"{actor}.registered", "register-actor", actor=actor, kind=kind, name=name)
    if licensed:
        yield _fact(f"{actor}.licensed", "record-licence", actor=actor, licence=f"SYN-{actor}", kind=kind, issuer="Guichet inventé",
                    valid_from=plan.first.isoformat())


def _fact(id_: str, command: str, **body: object) -> Fact:
    return {"id": f"simulation.{id_}", "service": "gold_trade", "command": command, "body": {**body, "source": SOURCE}}
