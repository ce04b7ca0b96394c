"""A trading office over HTTP: each person by a token of their own, what reporting says of it, and all of it again from views filled anew."""
import itertools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services.gold_trade.assays.exchange import commitment
from shared import event
from shared.rebuild import rebuild
from tests.books import Books
from tests.stranger import bearer, command, get, send
from tests.world import OneProcess, one_process

METAL = "/reporting/v1/tables/metal"
END = "2999-12-31"
NONCES = {"seller": "ab" * 16, "buyer": "cd" * 16}
STAMPS = ("feeds", "version", "creationDate")          # how far the views had read, and when it was told
Masses = tuple[int, int, int]                          # how many, gross and fine mg
_numbers = itertools.count(1)


@contextmanager
def opened(var: Path) -> Iterator["Office"]:
    """One process that serves, and a district in it."""
    with one_process(var, rate_per_s=0.0) as world, world.books() as books:
        office = Office(world, books)
        office.says("register-district", district="kangaba", name="Kangaba")
        yield office


class Office:
    """`secretary` and `second` are the secretariat's, `auditor` reads; who is hired has a clerk who is known by the actor's name."""

    def __init__(self, world: OneProcess, books: Books) -> None:
        self.config, self.books = world.config, books
        self._tokens = {name: bearer(world.config, role, subject=name) for name, role in (
            ("secretary", "secretariat"), ("second", "secretariat"), ("auditor", "auditor"))}
        self.asked: dict[tuple[str, str], None] = {}
        self.since = ""

    def opens(self) -> "Office":
        """A new day: what was asked before is forgotten, and holds are counted from here."""
        self.asked.clear()
        self.since = self.moment()
        return self

    def moment(self) -> str:
        """Between all that was said and all that will be."""
        self.arrive()
        time.sleep(0.005)
        now = event.now()
        time.sleep(0.005)
        return now

    def arrive(self) -> None:
        self.books.everything_arrived()

    def founds(self, society: str, *miners: str, until: str = "2026-12-31") -> None:
        """A society that no rule has anything against while its corridor lasts, with members who have cards."""
        self.says("found-organisation", organisation=society, level="base", name=society, district="Kangaba", occurred_on="2020-01-01")
        self.says("register-organisation", organisation=society, number=f"N-{society}", occurred_on="2020-02-01")
        self.says("grant-corridor", corridor=society, name=society, district="Kangaba", valid_from="2020-01-01", valid_until=until,
                  occurred_on="2020-01-01")
        self.says("assign-corridor", corridor=society, organisation=society, occurred_on="2020-01-01")
        rows = [{"miner": m, "name": f"Membre Exemple {m}", "organisation": society, "admitted_on": "2021-01-01",
                 "card": {"card_type": "orpailleur", "number": f"N-{m}", "valid_until": "2026-12-31"}} for m in miners]
        if rows:
            self.says("register-miners", rows=rows, occurred_on="2021-01-01")

    def hires(self, *actors: str, licensed_until: str = "2026-12-31") -> None:
        """Registers actors, each named for a row and its own kind."""
        for actor in actors:
            kind = actor.rpartition("-")[2]
            self.says("register-actor", actor=actor, kind=kind, name=actor)
            self.says("record-licence", actor=actor, licence=f"AG-{actor}", kind=kind, valid_from="2024-01-01", valid_until=licensed_until)
            role = "refinery" if kind == "refinery" else "collector"
            self._tokens[actor] = bearer(self.config, role, [f"actor:{actor}"], subject=f"{actor}-clerk")

    def says(self, name: str, person: str = "secretary", /, **body: Any) -> list[str]:
        """The ids of the events that the command made."""
        reply = self._command(name, person, body)
        assert reply.status == 201, (name, person, reply.body)
        return [e["id"] for e in reply.json["events"]]

    def is_refused(self, status: int, name: str, person: str, /, **body: Any) -> Any:
        reply = self._command(name, person, body)
        assert reply.status == status, (name, person, reply.body)
        return reply.json

    def changes_nothing(self, name: str, person: str, /, **body: Any) -> None:
        reply = self._command(name, person, body)
        assert (reply.status, reply.json["events"]) == (200, []), reply.body

    def _command(self, name: str, person: str, body: Any) -> Any:
        service = "gold_trade" if name in self.books.services["gold_trade"].definition.commands else "membership"
        return command(self.config, service, name, self._tokens[person], body, f"{name}-{next(_numbers)}")

    def receives(self, lot: str, collector: str, society: str, gross_mg: int, day: str, fineness: int = 90_000, **more: Any) -> str:
        return self.says("record-collection", collector, lot=lot, collector=collector, society=society, gross_mg=gross_mg, fineness_per_100k=fineness,
                         occurred_on=day, **{"method": "xrf", "miners": [], **more})[0]

    def lifts(self, lot: str, rule: str, decision: str, day: str) -> None:
        """By two people."""
        for person in ("secretary", "second"):
            self.says("lift-hold", person, lot=lot, rule=rule, decision=decision, occurred_on=day)

    def hands_over(self, handover: str, giver: str, taker: str, day: str, *lots: str, **more: Any) -> None:
        """By the clerks of both."""
        self.says("offer-handover", giver, handover=handover, giver=giver, taker=taker, occurred_on=day, **({"lots": lots} if lots else {}),
                  **{k: v for k, v in more.items() if k in ("parcel", "due_by")})
        self.says("accept-handover", taker, handover=handover, occurred_on=day, **{k: v for k, v in more.items() if k not in ("parcel", "due_by")})

    def transforms(self, id_: str, step: str, custodian: str, day: str, inputs: list[str], *outputs: dict[str, Any], tolerance: int = 0) -> None:
        self.says("transform-lots", custodian, transformation=id_, step=step, custodian=custodian, inputs=inputs, outputs=outputs,
                  tolerance_per_100k=tolerance, occurred_on=day)

    def binds(self, consignment: str, **by: tuple[str, int]) -> None:
        for party, (person, fineness) in by.items():
            self.says("commit-assay", person, consignment=consignment, party=party, commitment=commitment(consignment, party, fineness, NONCES[party]))

    def reveals(self, consignment: str, day: str, **by: tuple[str, int]) -> None:
        for party, (person, fineness) in by.items():
            self.says("reveal-assay", person, consignment=consignment, party=party, fineness_per_100k=fineness, nonce=NONCES[party], occurred_on=day)

    def posts(self, path: str, person: str, body: Any) -> Any:
        return send(self.config, "POST", path, self._tokens[person], body)

    def gets(self, path: str, person: str = "auditor") -> Any:
        return get(self.config, path, self._tokens[person])

    def asks(self, path: str, person: str = "auditor") -> Any:
        """After everything that was said; remembered, to be asked again."""
        self.arrive()
        self.asked[path, person] = None
        return json.loads(self._told(path, person))

    def _told(self, path: str, person: str) -> str:
        """Byte for byte, but for stamps."""
        reply = self.gets(path, person)
        assert reply.status == 200, (path, reply.body)
        return json.dumps({k: v for k, v in reply.json.items() if k not in STAMPS})

    def again_after_a_rebuild(self) -> None:
        """Whatever was asked is answered the same from views of both services that were filled anew."""
        self.arrive()
        before = {question: self._told(*question) for question in self.asked}
        for service in ("gold_trade", "reporting"):
            old = {p.view.name: p.current().number for p in self.books.services[service].views}
            assert {name: run.number for name, run in rebuild(self.books.services[service].views).items()} == {name: n + 1 for name, n in old.items()}
        assert {question: self._told(*question) for question in self.asked} == before

    def lots(self, holder: str, person: str = "auditor") -> dict[str, tuple[int, int, list[str]]]:
        """In stock, as gold_trade tells it: gross and fine mg, and the rules that hold it."""
        return {lot["lot"]: (lot["gross_mg"], lot["fine_mg"], [h["rule"] for h in lot["holds"]])
                for lot in self.asks(f"/gold/v1/lots?holder={holder}&limit=200", person)["lots"]}

    def findings(self, id_: str) -> dict[str, bool]:
        """Of an event, as reporting holds it: rule, and whether it holds the lot."""
        return {f["rule"]: f["hold"] for f in self.asks(f"/reporting/v1/events/{id_}")["data"]["findings"]}

    def epcis(self, query: str, person: str = "auditor") -> list[dict[str, Any]]:
        return list(self.asks(f"/gold/v1/epcis/events?{query}", person)["epcisBody"]["queryResults"]["resultsBody"]["eventList"])

    def masses(self, table: str, by: str, of: str, as_of: str = END, known_at: str = "") -> dict[str, Masses]:
        """Reporting's rows whose first dimension is `of`, by the second."""
        first, second = by.split(",")
        known = f"&known_at={known_at}" if known_at else ""
        rows = self.asks(f"{METAL}/{table}?by={by}&as_of={as_of}{known}")["rows"]
        return {r[second]: (r["count"], r["gross_mg"], r["fine_mg"]) for r in rows if r[first] == of}

    def one(self, table: str, by: str, of: str, *columns: str) -> tuple[Any, ...]:
        (row,) = [r for r in self.asks(f"{METAL}/{table}?by={by}&as_of={END}")["rows"] if r[by] == of]
        return tuple(row[c] for c in columns)

    def stock(self, month: str, *custodians: str) -> dict[str, tuple[int, int]]:
        """At the end of a month, of those who have something."""
        rows = self.asks(f"{METAL}/stock?by=custodian&from={month}&to={month}&as_of={END}")["rows"]
        return {r["custodian"]: (r["gross_mg"], r["fine_mg"]) for r in rows if r["custodian"] in custodians and (r["gross_mg"] or r["fine_mg"])}

    def holds(self, as_of: str = END) -> dict[str, dict[str, int]]:
        """What came to reporting's table of holds since the office opened; nothing where nothing did."""
        found: dict[str, dict[str, int]] = {}
        for sign, known in ((1, ""), (-1, f"&known_at={self.since}")):
            for row in self.asks(f"{METAL}/holds?as_of={as_of}{known}")["rows"]:
                sums = found.setdefault(row["rule"], dict.fromkeys(("held", "begun", "lifted", "spent"), 0))
                for how in sums:
                    sums[how] += sign * row[how]
        return {rule: changed for rule, sums in found.items() if (changed := {how: n for how, n in sums.items() if n})}
