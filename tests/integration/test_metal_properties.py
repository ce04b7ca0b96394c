"""Whatever is received, sealed, handed over, blended, lost and corrected: both ledgers balance, and nothing is spent twice (G4, G5)."""
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from services.gold_trade import trace
from services.gold_trade.application import open_service
from services.gold_trade.metal import lot as lots
from shared import auth, event
from shared.errors import SanuError
from shared.testing import AllScopes
from tests.peers import Together

ACTORS = [f"actor-{n}" for n in range(5)]
SOCIETIES = [f"society-{n}" for n in range(8)]
STEPS = 2500
VIEWS = {"ledger": "account, holder, day, gross_mg, fine_mg", "societies": "society, account, gross_mg, fine_mg",
         "genealogy": "lot, formed_in, spent_in, society, gross_mg, fine_mg"}


class Life:
    """Random steps, and what a naive bookkeeper knows of each lot."""

    def __init__(self, world: Together, seed: int) -> None:
        self.world, self.random, self.n = world, random.Random(seed), 0
        self.lots: dict[str, dict[str, Any]] = {}
        self.spent: list[str] = []
        self.formed: dict[str, str] = {}                   # where
        self.refused: Counter[str] = Counter()

    def say(self, command: str, by: str = "officer-1", **body: Any) -> bool:
        self.n += 1
        caller = auth.Caller(subject=by, role="secretariat", scopes=AllScopes())
        try:
            self.world["gold_trade"].handle(command, body, caller, f"k{self.n}", "test")
        except SanuError as e:
            self.refused[f"{command}: {e.slug}"] += 1
            return False
        return True

    def some(self, most: int) -> list[str]:
        names = sorted(n for n, lot in self.lots.items() if not lot.get("missing"))
        return self.random.sample(names, min(len(names), self.random.randint(1, most)))

    def receive(self) -> None:
        name = f"lot-{self.n}"
        lot = {"gross": self.random.randint(1, 50_000), "at": self.random.choice(ACTORS)}
        if self.say("record-collection", lot=name, collector=lot["at"], society=self.random.choice(SOCIETIES), gross_mg=lot["gross"], method="xrf",
                    fineness_per_100k=self.random.randint(50_000, 99_900), miners=[{"miner": "m-aaaaaa", "parts": 2}, {"miner": "m-bbbbbb", "parts": 1}]):
            self.lots[name] = lot

    def transform(self) -> None:
        inputs = self.some(6)
        if not inputs:
            return
        at = self.lots[inputs[0]]["at"]
        gross = sum(self.lots[i]["gross"] for i in inputs)
        kept = gross * self.random.randint(95_000, 100_000) // 100_000
        count = self.random.randint(1, 3)
        weights = [kept // count] * (count - 1) + [kept - kept // count * (count - 1)]
        outputs: list[dict[str, Any]] = [{"lot": f"lot-{self.n}-{i}", "gross_mg": w} for i, w in enumerate(weights)]
        for o in outputs:
            if self.random.random() < .3:
                o["fineness_per_100k"] = self.random.randint(60_000, 99_990)
        step = f"t-{self.n}"
        if self.say("transform-lots", transformation=step, step=self.random.choice(["merge", "melt", "split", "refine", "cast"]), custodian=at,
                    inputs=inputs, outputs=outputs, tolerance_per_100k=1000):
            for i in inputs:
                self.spent.append(i)
                del self.lots[i]
            for o in outputs:
                self.lots[o["lot"]] = {"gross": o["gross_mg"], "at": at}
                self.formed[o["lot"]] = step

    def spend_again(self) -> None:
        if self.spent:
            again = self.random.choice(self.spent)
            assert not self.say("transform-lots", transformation=f"t-{self.n}", step="melt", custodian=ACTORS[0], inputs=[again],
                                outputs=[{"lot": f"again-{self.n}", "gross_mg": 1}])

    def hand_over(self) -> None:
        names, taker = self.some(4), self.random.choice(ACTORS)
        if names and all(self.lots[n]["at"] != taker for n in names):
            handover = f"h-{self.n}"
            if self.say("offer-handover", handover=handover, giver=self.lots[names[0]]["at"], taker=taker, lots=names):
                if self.random.random() < .1:
                    self.say("refuse-handover", "officer-2", handover=handover, why="absent")
                elif self.say("accept-handover", "officer-2", handover=handover):
                    for n in names:
                        self.lots[n]["at"] = taker

    def lose(self) -> None:
        for name in self.some(1):
            if self.say("report-loss", lot=name, incident=self.random.choice(["lost", "stolen"])):
                self.lots[name]["missing"] = True

    def find(self) -> None:
        for name in [n for n, lot in self.lots.items() if lot.get("missing")][:1]:
            if self.say("recover-lot", lot=name, custodian=ACTORS[0]):
                self.lots[name] = {"gross": self.lots[name]["gross"], "at": ACTORS[0]}

    def assay(self) -> None:
        for name in self.some(1):
            self.say("record-assay", lot=name, fineness_per_100k=self.random.randint(50_000, 99_990), method="fire-assay")

    def correct(self) -> None:
        name = self.random.choice([*self.spent, *self.lots] or ["none"])
        gross = self.random.randint(1, 50_000)
        said = self.random.choice([{"gross_mg": gross, "society": self.random.choice(SOCIETIES)},
                                   {"fineness_per_100k": self.random.randint(50_000, 99_900), "new_occurred_on": "2024-11"}])
        if self.say("correct-collection", lot=name, **said) and name in self.lots:
            self.lots[name]["gross"] = said.get("gross_mg", self.lots[name]["gross"])

    def remeasure(self) -> None:
        """What a step formed, one lot or two, whatever became of them."""
        if not self.formed:
            return
        step = self.random.choice(sorted(self.formed.values()))
        outputs: list[dict[str, Any]] = [{"lot": lot} for lot, where in self.formed.items() if where == step][:2]
        for o in outputs:
            o |= self.random.choice([{"gross_mg": self.random.randint(0, 60_000)}, {"fineness_per_100k": self.random.randint(60_000, 99_990)},
                                     {"gross_mg": self.random.randint(0, 60_000), "fineness_per_100k": self.random.randint(60_000, 99_990)}])
        if self.say("correct-transformation", transformation=step, outputs=outputs):
            for o in outputs:
                if o["lot"] in self.lots:
                    self.lots[o["lot"]]["gross"] = o.get("gross_mg", self.lots[o["lot"]]["gross"])

    def withdraw(self) -> None:
        name = self.random.choice([*self.spent, *self.lots] or ["none"])
        if self.say("withdraw-collection", lot=name, reason="told twice"):
            self.lots.pop(name, None)

    def step(self) -> None:
        name, = self.random.choices(("receive", "transform", "spend_again", "hand_over", "lose", "find", "assay", "correct", "remeasure", "withdraw"),
                                    (40, 20, 3, 15, 2, 2, 8, 10, 6, 2))
        getattr(self, name)()


def ledger(world: Together) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]], int]:
    """Gross and fine mg by account; each event balanced by itself."""
    gross: Counter[tuple[str, str]] = Counter()
    fine: Counter[tuple[str, str]] = Counter()
    booked = 0
    for item in world["gold_trade"].chain.read(0, 10**6):
        entries = event.decode(item.state).data.get("entries", [])
        assert sum(e["gross_mg"] for e in entries) == sum(e["fine_mg"] for e in entries) == 0
        booked += bool(entries)
        for e in entries:
            gross[e["account"], e["of"]] += e["gross_mg"]
            fine[e["account"], e["of"]] += e["fine_mg"]
    return gross, fine, booked


def books(world: Together, view: str, sql: str, suffix: str = "") -> dict[Any, tuple[int, int]]:
    with world["gold_trade"].view(view).reading() as (tx, table, _):
        return {tuple(key): (gross, fine) for *key, gross, fine in tx.execute(sql.format(table(suffix))).fetchall()}


@pytest.mark.parametrize("seed", [1, 2])
def test_g5_both_ledgers_balance_after_any_life(tmp_path: Path, seed: int) -> None:
    with Together(tmp_path, open_service) as world:
        life = Life(world, seed)
        for n in range(STEPS):
            life.step()
            if n % 400 == 0:
                world.fold()                               # views see pages of many sizes
        gross, fine, booked = ledger(world)
        assert sum(gross.values()) == sum(fine.values()) == 0
        service = world["gold_trade"]
        for actor in ACTORS:                               # what the books say somebody holds is what the bookkeeper counted
            held = {n: lot for n, lot in life.lots.items() if lot["at"] == actor and not lot.get("missing")}
            assert gross["stock", actor] == sum(lot["gross"] for lot in held.values())
            assert fine["stock", actor] == sum(
                (lots.evolve([event.decode(r.state) for r in service.log.load(lots.stream(n))]) or pytest.fail()).fine_mg for n in held)
        assert booked > STEPS / 2
        assert not any(why.startswith("correct-transformation") for why in life.refused)
        assert life.refused["transform-lots: conflict"] > 10                  # those who tried to spend twice

        world.fold()
        for name, lot in list(life.lots.items())[:200]:    # what a lot is made of sums to the lot
            told = trace.back(service, name)
            assert sum(r["gross_mg"] for r in told["receipts"]) == lot["gross"] == told["lot"]["gross_mg"]
            assert sum(r["fine_mg"] for r in told["receipts"]) == sum(m["fine_mg"] for m in told["miners"]) == told["lot"]["fine_mg"]

        whose = books(world, "societies", "SELECT lot, society, gross_mg, fine_mg FROM {}", "part")
        for name in list(life.lots)[:200]:                 # and whose it is in the societies' books, whatever was corrected; each blend rounds to a milligram
            origin = {s["society"]: s["fine_mg"] for s in trace.back(service, name)["societies"]}
            assert all(abs(origin.get(s, 0) - whose.get((name, s), (0, 0))[1]) <= 25 for s in SOCIETIES), name

        accounts = books(world, "ledger", "SELECT account, holder, sum(gross_mg), sum(fine_mg) FROM {} GROUP BY account, holder")
        assert {k: v for k, v in accounts.items() if any(v)} == {k: (gross[k], fine[k]) for k in gross if gross[k] or fine[k]}
        societies = books(world, "societies", "SELECT society, account, gross_mg, fine_mg FROM {}")
        for society in SOCIETIES:                          # in = stock + losses + assay differences, for each of them
            assert sum(g for (s, _), (g, _) in societies.items() if s == society) == 0
            assert sum(f for (s, _), (_, f) in societies.items() if s == society) == 0
            assert societies[society, "source"] == (gross["source", society], fine["source", society])
        for account in ("stock", "stolen", "loss", "assay"):
            assert sum(g for (_, a), (g, _) in societies.items() if a == account) == sum(g for (a, _), g in gross.items() if a == account)
            assert sum(f for (_, a), (_, f) in societies.items() if a == account) == sum(f for (a, _), f in fine.items() if a == account)

        before = {view: books(world, view, f"SELECT {columns} FROM {{}} ORDER BY 1, 2") for view, columns in VIEWS.items()}
        for view in VIEWS:
            service.view(view).restart()
        world.fold()
        assert {view: books(world, view, f"SELECT {columns} FROM {{}} ORDER BY 1, 2") for view, columns in VIEWS.items()} == before
