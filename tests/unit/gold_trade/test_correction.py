"""A receipt's own masses stand beside those of its lot's assay, in books that were kept before they did, too."""
from typing import Any

from services.gold_trade import actor, events
from services.gold_trade.metal import correction, lot, rules
from services.gold_trade.metal.commands import CorrectCollection
from shared.application import New
from shared.event import Event
from shared.testing import happened

KEY = "lot/r1"
Line = tuple[str, str, int, int]


def entries(*lines: Line) -> list[dict[str, Any]]:
    return [{"account": account, "of": of, "gross_mg": gross, "fine_mg": fine} for account, of, gross, fine in lines]


RECEIVED = happened(KEY, events.COLLECTION_RECORDED, {
    "lot": "r1", "collector": "comptoir", "society": "dabia", "gross_mg": 1_000, "fineness_per_100k": 90_000, "fine_mg": 900, "method": "xrf", "miners": [],
    "findings": [], "entries": entries(("source", "dabia", -1_000, -900), ("stock", "comptoir", 1_000, 900))}, occurred_on="2024-05-01")
ASSAYED = happened(KEY, events.LOT_ASSAYED, {
    "lot": "r1", "fineness_per_100k": 10_000, "method": "fire-assay", "final": True, "old_fine_mg": 900, "fine_mg": 100,
    "entries": entries(("assay", "comptoir", 0, 800), ("stock", "comptoir", 0, -800))})
LONG_AGO = happened(KEY, events.COLLECTION_CORRECTED, {                          # as it was told before: the assay was taken for the receipt's
    "lot": "r1", "corrects": RECEIVED.id, "old": {"gross_mg": 1_000, "fine_mg": 100}, "new": {"gross_mg": 500, "fine_mg": 50},
    "entries": entries(("source", "dabia", 500, 50), ("stock", "comptoir", -500, -50))})


def corrected(*history: Event, **new: Any) -> list[New]:
    command = CorrectCollection(lot="r1", **new)
    histories: dict[str, list[Event]] = {KEY: list(history)}
    histories |= {name: [] for name in correction.also(histories, command)}
    return correction.decide(histories, command, rules.Known(society="good"), {})


def test_the_source_follows_the_receipt_the_stock_the_assay_and_the_rest_is_difference() -> None:
    (told,) = corrected(RECEIVED, ASSAYED, gross_mg=500)
    assert told.data["entries"] == entries(("assay", "comptoir", 0, -400), ("source", "dabia", 500, 450), ("stock", "comptoir", -500, -50))
    (told,) = corrected(RECEIVED, ASSAYED, fineness_per_100k=80_000)
    assert told.data["entries"] == entries(("assay", "comptoir", 0, -100), ("source", "dabia", 0, 100))
    assert (told.data["old"], told.data["new"]) == ({"fineness_per_100k": 90_000}, {"fineness_per_100k": 80_000})


def test_an_older_correction_is_read_as_it_was_booked_and_the_next_puts_it_right() -> None:
    was = lot.evolve([RECEIVED, ASSAYED, LONG_AGO])
    assert was and was.receipt
    assert (was.gross_mg, was.fine_mg, was.receipt.fine_mg) == (500, 50, 850)
    (told,) = corrected(RECEIVED, ASSAYED, LONG_AGO, fineness_per_100k=80_000)
    assert told.data["entries"] == entries(("assay", "comptoir", 0, -450), ("source", "dabia", 0, 450))


def test_a_correction_that_says_what_stands_is_none() -> None:
    assert corrected(RECEIVED, gross_mg=1_000, society="dabia", miners=[], new_occurred_on="2024-05-01") == []


def test_its_own_day_is_another_than_the_receipt_s() -> None:
    (told,) = corrected(RECEIVED, new_occurred_on="2024-05", occurred_on="2024-06-01")
    assert (told.data["old"], told.data["new"], told.data["entries"]) == ({"occurred_on": "2024-05-01"}, {"occurred_on": "2024-05"}, [])
    after = lot.evolve([RECEIVED, happened(KEY, told.name, told.data)])
    assert after and after.receipt and after.receipt.day == "2024-05-31"
    assert actor.stream("comptoir") in correction.also({KEY: [RECEIVED]}, CorrectCollection(lot="r1"))
