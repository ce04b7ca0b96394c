"""A receipt that nobody dated is of the day on which it is told, or on which its device wrote it down: in a stop, it draws on what was declared."""
from typing import Any

from services.gold_trade import events, season
from services.gold_trade.metal import collection, stock
from services.gold_trade.metal.commands import DeclareStock, RecordCollection
from services.gold_trade.metal.rules import Known
from shared.application import New
from shared.event import Event
from shared.testing import happened

(STOP,) = season.stops()
KEY = f"stock/comptoir/{STOP.id}"
NOW = f"{STOP.first}T09:00:00.000Z"


def declared(gross_mg: int, day: str = "2025-06-14", recorded_at: str = NOW) -> Event:
    return happened(KEY, events.STOCK_DECLARED, {"actor": "comptoir", "season": STOP.id, "gross_mg": gross_mg}, occurred_on=day, recorded_at=recorded_at)


def received(*history: Event, now: str = NOW, **more: Any) -> tuple[list[str], list[New]]:
    """The rules that hold it, and what is written to the declared stock."""
    command = RecordCollection(lot="r1", collector="comptoir", society="dabia", gross_mg=1_000, fineness_per_100k=90_000, method="xrf", miners=[],
                               extracted_on="2025-05", **more)
    histories: dict[str, list[Event]] = {name: [] for name in collection.streams(command)}
    for e in history:
        histories[e.stream].append(e)
    day = command.occurred_on or (command.recorded_there or now)[:10]
    told = collection.decide(histories, command, Known(society="good", stop=season.covering(day)), now)
    return [f["rule"] for f in told[0].data["findings"] if f["hold"]], told[1:]


def drawn(gross_mg: int) -> New:
    return New(KEY, events.STOCK_DRAWN, {"actor": "comptoir", "season": STOP.id, "lot": "r1", "gross_mg": gross_mg})


def test_an_undated_receipt_draws_on_the_stock_declared_before_the_stop_of_today() -> None:
    assert received(declared(1_000)) == ([], [drawn(1_000)])


def test_what_is_drawn_is_written_down_where_it_is_too_much() -> None:
    assert received(declared(999)) == (["undeclared-stock"], [drawn(1_000)])


def test_an_undated_receipt_of_another_day_takes_no_stock() -> None:
    assert received(declared(1_000), now="2025-11-01T09:00:00.000Z") == ([], [])


def test_the_day_of_a_device_counts_where_nobody_said_another() -> None:
    assert received(declared(1_000), now="2025-11-01T09:00:00.000Z", recorded_there=NOW) == ([], [drawn(1_000)])


def test_what_was_declared_in_the_stop_frees_nothing() -> None:
    assert received(declared(1_000, STOP.first)) == (["undeclared-stock"], [drawn(1_000)])
    assert received(declared(1_000, "", f"{STOP.last}T09:00:00.000Z")) == (["undeclared-stock"], [drawn(1_000)])
    assert received(declared(1_000), declared(1, STOP.first)) == ([], [drawn(1_000)])                # and takes nothing back


def test_a_declaration_in_the_stop_says_so() -> None:
    def findings(day: str, today: str) -> Any:
        (told,) = stock.decide({}, DeclareStock(actor="comptoir", season=STOP.id, gross_mg=1, occurred_on=day), today)
        return told.data.get("findings")

    late = [{"rule": "declared-late", "hold": False}]
    assert [findings("2025-06-14", "2026-01-01"), findings("", "2025-06-14")] == [None, None]
    assert [findings(STOP.first, "2025-06-01"), findings("", STOP.first)] == [late, late]
