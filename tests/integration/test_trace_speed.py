"""Ten levels of blending and ten thousand receipts in one bar: their shares, over HTTP, while one waits for less than a blink (G6)."""
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.gold_trade.application import open_service
from shared import event, service
from shared.config import SERVICES, Config
from tests.blends import BAR, append, blended
from tests.clients import until
from tests.stranger import bearer, command, get
from tests.world import OneProcess, OnServers

GROUPS = (3, 3, 3, 3, 2, 2, 2, 2, 2, 4)
RECEIPTS, ALLOWED_MS = 10_000, 200
BUSY = 2                               # the machine may have other work; alone it keeps the limit itself
REFERENCE_MS = 28                      # `yardstick` on the machine for which the limit was set


@contextmanager
def filled(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Config, int]]:
    bulk = blended(RECEIPTS, GROUPS)
    if where == "sqlite":
        world: Any = OneProcess(tmp_path / "var", rate_per_s=0.0)
        service.migrate(world.config, SERVICES)
    else:
        world = OnServers(request.getfixturevalue("server_base"), request.getfixturevalue("postgres"), request.getfixturevalue("rabbit"), rate_per_s=0.0)
    gold = open_service(world.direct)
    last = append(gold, bulk)
    gold.close()
    try:
        if where == "sqlite":
            world.start()
        until(world.ready, 60, "every service ready")
        with world.books() as books:
            books.everything_arrived(120)      # else the other services still take the receipts while one waits
        yield world.direct if where == "sqlite" else replace(world.direct, port=urlsplit(world.direct.url("gold_trade")).port or 0), last
    finally:
        world.end() if where == "sqlite" else world.stop()


def fastest(config: Config, token: str, limit_ms: float, query: str = "", lot: str = BAR, way: str = "origin") -> tuple[float, Any]:
    """Milliseconds of the best of five, or of more while none keeps the limit, since the others say what else the machine did; and the answer."""
    took: list[float] = []
    answers = []
    while len(took) < 5 or (min(took) >= limit_ms and len(took) < 30):
        began = time.perf_counter()
        answers.append(get(config, f"/gold/v1/lots/{lot}/{way}{query}", token))
        took.append((time.perf_counter() - began) * 1000)
    assert {a.status for a in answers} == {200}
    return min(took), answers[0].json


def yardstick() -> float:
    """Milliseconds of the best of five for a fixed piece of the same kind of work: machines that run this differ by more than two."""
    took = []
    for _ in range(5):
        began = time.perf_counter()
        parts = {f"r{n}": (n * 7919 % 10007 + 1, 3 ** 200 + n) for n in range(4 * RECEIPTS)}
        sorted(parts, key=lambda lot: -(parts[lot][0] << 600) // parts[lot][1])
        took.append((time.perf_counter() - began) * 1000)
    return min(took)


def sums(told: Any) -> None:
    for what in ("receipts", "societies", "miners"):
        assert sum(line["fine_mg"] for line in told[what]) == told["lot"]["fine_mg"], what
    assert sum(line["gross_mg"] for line in told["receipts"]) == told["lot"]["gross_mg"]


@pytest.mark.slow
@pytest.mark.parametrize("where", ["sqlite", "servers"])
def test_g6_ten_levels_of_ten_thousand_receipts_in_200_ms(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with filled(where, tmp_path, request) as (config, last):
        token = bearer(config, "secretariat")
        slower = max(1, yardstick() / REFERENCE_MS)
        limit_ms = BUSY * slower * ALLOWED_MS
        until(lambda: get(config, f"/gold/v1/lots/{BAR}/origin?min_position=gold_trade:{last}", token).status == 200, 90, "the view has read everything")
        ms, before = fastest(config, token, limit_ms)
        assert len(before["receipts"]) == RECEIPTS
        sums(before)
        largest, known_at = before["receipts"][0], event.now()
        done = command(config, "gold_trade", "correct-collection", token, {"lot": largest["lot"], "gross_mg": 1000, "reason": "balance"}, "correct")
        assert done.status == 201, done.body
        position = done.json["position"]
        assert get(config, f"/gold/v1/lots/{BAR}/origin?min_position=gold_trade:{position}", token).status == 200
        again, after = fastest(config, token, limit_ms)
        sums(after)
        assert int(after["version"]) >= int(position) > int(before["version"])          # another version, with other shares of the same bar
        assert after["lot"] == before["lot"]
        assert after["receipts"] != before["receipts"]
        then, both = fastest(config, token, limit_ms, f"?known_at={known_at}")
        assert {**both, "version": before["version"]} == {**before, "known_at": known_at}, "and the one before stays readable"
        assert get(config, f"/gold/v1/lots/{BAR}/origin?known_at=2020-01-01", token).status == 404
        share = {r["lot"]: r["fine_mg"] for r in after["receipts"]}
        assert share[largest["lot"]] < largest["fine_mg"] and sum(share.values()) == before["lot"]["fine_mg"]
        onward, into = fastest(config, token, limit_ms, lot=largest["lot"], way="onward")
        assert [(r["lot"], r["of_it_fine_mg"]) for r in into["now"]] == [(BAR, share[largest["lot"]])]
        print(f"{where}: origin {ms:.0f}, {again:.0f}, {then:.0f} ms, onward {onward:.0f} ms, on a machine {slower:.1f} times slower")
        assert max(ms, again, then, onward) < limit_ms
