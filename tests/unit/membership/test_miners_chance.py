"""Whatever is told of miners, in any order and with corrections: what events add up to is what a naive recount of the facts says."""
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from services.membership import events as e
from services.membership.application import open_service as membership
from services.membership.miners import shown
from services.membership.miners.miner import evolve
from services.membership.projections import miners as view
from shared import event
from shared.errors import BadRequest, Conflict, NotFound, Unprocessable
from tests.peers import Together

MINERS, SOCIETIES = ("m-aaaaaa", "m-bbbbbb", "m-cccccc"), ("dabia", "niena")
ORGANISED = (e.MINER_ADMITTED, e.WITHDRAWAL_NOTICED, e.MEMBERSHIP_ENDED)


def day(dice: random.Random) -> str:
    return f"{dice.randint(2018, 2024)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"


def chance(dice: random.Random, told: dict[str, list[dict[str, Any]]]) -> tuple[str, dict[str, Any]]:
    """Any command, good or not."""
    miner, organisation = dice.choice(MINERS), dice.choice(SOCIETIES)
    of = {"miner": miner, "organisation": organisation}
    some: dict[str, Any] = dice.choice(told[miner]) if told.get(miner) else {"id": "none", "name": ""}
    new: dict[str, Any] = dice.choice([{"new_occurred_on": day(dice)}, {"organisation": organisation}, {"birth_year": dice.randint(1950, 2000)},
                                       {"sex": "female"}, {"effective_on": day(dice)}, {"valid_until": day(dice)}, {"received_on": day(dice)}])
    return dice.choice([
        ("register-miner", {**of, "name": "Awa Diarra", "occurred_on": day(dice), "sex": dice.choice(["female", "male"])}),
        ("admit-miner", {**of, "occurred_on": day(dice)}), ("admit-miner", {**of, "occurred_on": day(dice)}),
        ("notice-withdrawal", {**of, "received_on": day(dice), "effective_on": day(dice)}),
        ("end-membership", {**of, "cause": dice.choice(["other", "exclusion", "death"]), "occurred_on": day(dice)}),
        ("record-miner-card", {"miner": miner, "card_type": "x", "number": f"K{dice.randint(1, 9)}", "valid_until": day(dice), "occurred_on": day(dice)}),
        ("correct-miner-fact", {"miner": miner, "event": some["id"], **new}), ("correct-miner-fact", {"miner": miner, "event": some["id"], **new}),
        ("withdraw-miner-fact", {"miner": miner, "event": some["id"]}),
        *([("merge-miners", {"miner": miner, "into": dice.choice(MINERS), "decision": "PV"})] if dice.random() < 0.4 else [])])


def recounted(history: list[event.Event], day_: str) -> set[str]:
    """The organisations that the person of a record is a member of on a day, by reading its facts in the plainest way."""
    facts: dict[str, dict[str, Any]] = {}
    for h in history:
        if h.name == e.MINER_MERGED:
            return set()
        if h.name == e.MINER_FACT_CORRECTED:
            facts[h.data["corrects"]] |= {**h.data["new"], "on": h.data["new"].get("occurred_on", facts[h.data["corrects"]]["on"])}
        elif h.name == e.MINER_FACT_WITHDRAWN:
            del facts[h.data["withdraws"]]
        else:
            facts[h.id] = {**h.data, "what": h.name, "on": h.occurred_on}
    if any(f.get("everywhere") and f["on"] <= day_ for f in facts.values()):
        return set()
    told = sorted((f["effective_on"] if f["what"] == e.WITHDRAWAL_NOTICED else f["on"], f["what"] != e.MINER_ADMITTED, f["organisation"])
                  for f in facts.values() if f["what"] in ORGANISED)
    result = set()
    for on, ends, organisation in told:
        if on <= day_:
            (result.discard if ends else result.add)(organisation)
    return result


@pytest.mark.parametrize("seed", range(15))
def test_what_events_add_up_to_is_a_naive_recount(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    told: dict[str, list[dict[str, Any]]] = {}
    with Together(tmp_path, membership) as world:
        for organisation in SOCIETIES:
            world.command("membership", "found-organisation", organisation=organisation, level="base", name=organisation, occurred_on="2010")
        for _ in range(120):
            name, body = chance(dice, told)
            try:
                answer = world.command("membership", name, **body)
            except (BadRequest, Conflict, NotFound, Unprocessable):
                continue
            for line in answer.events:
                if line["name"] not in (e.MINER_MERGED, e.DUPLICATE_TAKEN, e.MINER_FACT_CORRECTED, e.MINER_FACT_WITHDRAWN):
                    told.setdefault(line["stream"].removeprefix("miner/"), []).append(dict(line))
        log = world["membership"].log
        histories = {miner: [event.decode(row.state) for row in log.load(f"miner/{miner}")] for miner in MINERS}
        world.fold()
        with world["membership"].view("miners").reading() as (tx, table, _):
            states = view.some(tx, table, MINERS)
    assert sum(map(len, histories.values())) > 10
    for miner, history in histories.items():
        added: Counter[tuple[str, str]] = Counter()
        people: Counter[tuple[str, str, int]] = Counter()
        for change in (change for h in history for change in h.data.get("members", ())):
            added[change["organisation"], change["from"]] += change["delta"]
            people[change["organisation"], change.get("sex", ""), change.get("birth_year", 0)] += change["delta"]
        for day_ in {f"{year}-{month:02d}-{d:02d}" for year in range(2017, 2026) for month in (1, 5, 9) for d in (1, 15)}:
            assert {o for o in SOCIETIES if sum(n for (o_, since), n in added.items() if o_ == o and since <= day_)} == recounted(history, day_), (miner, day_)
        state = evolve(miner, history)
        said = [h.data["standing"] for h in history if "standing" in h.data]
        assert (said[-1] if said else []) == state.standing
        if history:
            seen = shown.whole(miner, states[miner], "2025-01-01")
            assert {(m["organisation"], m["since"], m.get("until", "")) for m in seen["memberships"]} == {
                (o, since, until) for o, lasting in state.spans.items() for since, until in lasting if since != until}
            assert seen["standing_in_time"] == state.standing and seen.get("merged_into", "") == state.into
            lasting = {(o, *((state.facts[0].data.get("sex", ""), state.facts[0].data.get("birth_year", 0)))) for o, spans in state.spans.items()
                       if any(not until for _, until in spans)}
            assert {key for key, n in people.items() if n} == lasting
