"""The events both sides work on: the real commands of membership, decided in memory, about 850 bytes each."""
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import psycopg
from eventsourcing.persistence import StoredEvent

from services.membership.application import DEFINITION
from shared import application, event
from shared.application import Meta
from shared.log import RECEIVED, stored
from shared.recorder import CommandRow, Recorded

SOURCE = {"document": "registre-des-societes-cooperatives", "section": "III, tableau", "row": "12"}
DISTRICTS = {"kenieba": "Kéniéba", "kangaba": "Kangaba", "yanfolila": "Yanfolila", "bougouni": "Bougouni", "sikasso": "Sikasso",
             "kadiolo": "Kadiolo", "kolondieba": "Kolondiéba", "kita": "Kita", "bamako": "Bamako"}
SLUGS = tuple(DISTRICTS)
FIRST_DAY = date(2019, 11, 17)
OF_A_STREAM = 10
A_DAY = 275                            # events: a million in ten years
META = ("occurred_on", "reason", "device", "place")


class Memory:
    """As much of a log as application.handle needs, with its newest streams only; nothing is written anywhere."""

    def __init__(self, kept: int = 20_000) -> None:
        self.opened = SimpleNamespace(kind="real")
        self.kept = kept
        self.streams: dict[str, list[Recorded]] = {}
        self.head = 0
        self.new: list[StoredEvent] = []

    def command(self, client: str, key: str) -> None:
        return None

    def load(self, *streams: str) -> list[Recorded]:
        return [row for stream in streams for row in self.streams.get(stream, ())]

    def append(self, events: Sequence[StoredEvent], command: CommandRow | None = None) -> list[int]:
        positions = []
        for s in events:
            self.head += 1
            positions.append(self.head)
            self.streams.setdefault(str(s.originator_id), []).append(
                Recorded(self.head, str(s.originator_id), s.originator_version, s.topic, s.state))
        self.new += events
        while len(self.streams) > self.kept:               # the districts' names were first and stay
            self.streams.pop(next(key for key in self.streams if not key.startswith("district")))
        return positions


class Registrar:
    """Sends membership's commands, as a registrar's client would, and keeps what was decided."""

    def __init__(self, seed: int = 7) -> None:
        self.log = Memory()
        self.random = random.Random(seed)  # noqa: S311 - the same events every time
        self.numbers = count(1)
        service: Any = SimpleNamespace(name="membership")
        self.service = service
        self.places = [s for rank, (slug, name) in enumerate(DISTRICTS.items(), 1)
                       for s in self.send("register-district", {"district": slug, "name": name, "rank": rank, "source": SOURCE})]

    def send(self, name: str, body: dict[str, Any]) -> list[StoredEvent]:
        """What the command made."""
        spec = DEFINITION.commands[name]
        number = next(self.numbers)
        meta = Meta(actor=event.Actor("aminata.traore", "officer"), client="aminata.traore", key=f"registre-2019-2024-{number:08d}",
                    digest=application.digest(b"secret", "aminata.traore", name, body), correlation=event.new_id(),
                    **{k: body[k] for k in META if k in body})
        command = spec.make(occurred_on=body.get("occurred_on", ""), **{k: v for k, v in body.items() if k not in META})
        log: Any = self.log
        before = len(self.log.new)
        application.handle(log, meta, spec.streams(command), lambda histories: spec.decide(self.service, histories, command))
        made = self.log.new[before:]
        self.log.new.clear()
        return made

    def life(self, number: int, day: date) -> list[StoredEvent]:
        """One organisation's first months, in the order its events reach the register: two events of three change a count."""
        r = self.random

        def at(later: int) -> dict[str, Any]:
            occurred_on = day + timedelta(days=later - r.randrange(60))
            return {"organisation": organisation(number), "occurred_on": occurred_on.isoformat(), "reason": "visite de terrain de l'antenne",
                    "device": "tablette-antenne-07", "place": "Siège de l'union", "source": SOURCE}

        made = self.send("found-organisation", {
            **at(60), "level": r.choice(("base", "base", "base", "union")), "form": "SCOOPS", "acronym": f"SCOOPS-{number}",
            "name": f"Société coopérative des orpailleurs de Djinètoumanina n° {number}", "commune": "Djinètoumanina", "district": r.choice(SLUGS)})
        founded = event.decode(made[0].state).id
        made += self.send("move-organisation", {**at(90), "district": r.choice(SLUGS), "commune": "Kôkôyô"})
        match number % 5:
            case 0:
                made += self.send("register-organisation", {**at(80), "number": f"ML-BKO-{number:07d}/B", "register": "RSC", "journal": f"N°{number}"})
            case 1:
                made += self.send("suspend-organisation", at(95))
            case 2:
                made += self.send("record-organisation-alias", {**at(95), "alias": f"Djinè {number}", "evidence": "lettre de l'union du 3 mars"})
            case 3:
                made += self.send("dissolve-organisation", at(120))
            case _:
                made += self.send("correct-organisation-fact", {**at(100), "event": founded, "district": r.choice(SLUGS)})
        if number % 50 == 0:
            made += self.send("declare-count", {"declaration": f"releve-{number:07d}", "measure": "base", "count": r.randrange(300),
                                                "as_of": day.isoformat(), "district": r.choice(SLUGS), "source": SOURCE})
        return made


    def ten(self, number: int) -> list[StoredEvent]:
        """A founding, and nine letters which name the organisation otherwise."""
        name, day = organisation(number), FIRST_DAY + timedelta(days=number % 3000)
        told = {"organisation": name, "reason": "visite de terrain de l'antenne", "device": "tablette-antenne-07", "place": "Siège de l'union",
                "source": SOURCE}
        made = self.send("found-organisation", {
            **told, "occurred_on": day.isoformat(), "level": "base", "form": "SCOOPS", "district": SLUGS[number % len(SLUGS)], "commune": "Kôkôyô",
            "name": f"Société coopérative des orpailleurs de Djinètoumanina n° {number}"})
        for letter in range(1, OF_A_STREAM):
            made += self.send("record-organisation-alias", alias(number, letter, (day + timedelta(days=letter)).isoformat()))
        return made


def organisation(number: int) -> str:
    return f"societe-{number:07d}"


def alias(number: int, letter: int, occurred_on: str) -> dict[str, Any]:
    """The body of a record-organisation-alias command; its event has about 850 bytes."""
    return {"organisation": organisation(number), "alias": f"Coopérative des orpailleurs de Djinè, dite aussi Kôkôyô {letter}",
            "evidence": "lettre de l'union du 3 mars, confirmée par le maire de la commune", "occurred_on": occurred_on,
            "reason": "visite de terrain de l'antenne", "device": "tablette-antenne-07", "place": "Siège de l'union", "source": SOURCE}


def events(most: int) -> Iterator[StoredEvent]:
    """`most` events, in the order they are recorded."""
    registrar = Registrar()
    yield from registrar.places
    made = len(registrar.places)
    for number in count():
        for s in registrar.life(number, FIRST_DAY + timedelta(days=made // A_DAY)):
            if made == most:
                return
            yield s
            made += 1


def streams(number: int) -> Iterator[StoredEvent]:
    """`number` organisations of ten events each."""
    registrar = Registrar()
    yield from registrar.places
    for n in range(number):
        yield from registrar.ten(n)


def opened_and(most: int, service: str = "membership") -> Iterator[StoredEvent]:
    """A feed from its beginning: LogOpened and `most` - 1 events."""
    id_ = event.new_id()
    opened = event.Event(id=id_, name=f"{service}.LogOpened", stream="log", version=1, recorded_at=event.now(), correlation=id_,
                         actor=event.Actor("installation", "installation"), data={"kind": "real", "service": service})
    yield stored(opened)
    yield from events(most - 1)


def rows(made: Iterable[StoredEvent]) -> Iterator[tuple[str, int, str, bytes]]:
    """Own rows of a log."""
    return ((str(s.originator_id), s.originator_version, s.topic, s.state) for s in made)


def received(made: Iterable[StoredEvent], source: str = "membership", first: int = 1) -> Iterator[tuple[str, int, str, bytes]]:
    """Rows as an inbox appends them."""
    return ((RECEIVED + source, number, s.topic, s.state) for number, s in enumerate(made, first))


def copy(database: str, table: str, lines: Iterable[tuple[str, int, str, bytes]], also: Sequence[str] = ()) -> int:
    """Bulk load of a log's table, as the owner of logs may; how many. `also` runs afterwards."""
    number = 0
    with psycopg.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        with cursor.copy(f"COPY {table} (originator_id, originator_version, topic, state) FROM STDIN (FORMAT binary)") as out:
            out.set_types(["text", "int8", "text", "bytea"])
            for line in lines:
                out.write_row(line)
                number += 1
        connection.commit()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"VACUUM ANALYZE {table}")
    return number
