"""A scale read wrongly at a melt or a cast is put right, also after the metal went on: books, shares, tolerances and reports follow (X4)."""
from typing import Any

from services.gold_trade import events
from tests.metal_office import Office


def blend(office: Office, row: str, melted_mg: int = 20_000, **more: Any) -> str:
    """Two societies' receipts, melted by a collector, who casts a bar of the melt and something that was left."""
    for society in ("a", "b"):
        office.founds(f"{row}-{society}")
    who = f"{row}-collector"
    office.hires(who)
    office.arrive()
    for society, gross_mg in (("a", 15_000), ("b", 5_000)):
        office.receives(f"{row}-r{society}", who, f"{row}-{society}", gross_mg, "2024-05-02")
    office.transforms(f"{row}-t1", "melt", who, "2024-05-10", [f"{row}-ra", f"{row}-rb"], {"lot": f"{row}-m", "gross_mg": melted_mg, **more}, tolerance=2_000)
    office.transforms(f"{row}-t2", "cast", who, "2024-05-20", [f"{row}-m"], {"lot": f"{row}-bar", "gross_mg": 15_000, "serial": f"{row}-1"},
                      {"lot": f"{row}-rest", "gross_mg": 4_900}, tolerance=500)
    return who


def societies(office: Office, row: str) -> list[dict[str, tuple[int, int]]]:
    books = [office.asks(f"/gold/v1/societies/{row}-{name}/balance") for name in ("a", "b")]
    assert all(it["even"] for it in books)
    return [{a["account"]: (a["gross_mg"], a["fine_mg"]) for a in it["accounts"]} for it in books]


def accounts(office: Office, holder: str) -> dict[str, tuple[int, int]]:
    """Which the societies' own books sum to."""
    told = office.asks(f"/gold/v1/balance?holder={holder}")
    assert told["even"]
    return {a["account"]: (a["gross_mg"], a["fine_mg"]) for a in told["accounts"]}


def summed(books: list[dict[str, tuple[int, int]]]) -> dict[str, tuple[int, int]]:
    sums = {account: tuple(sum(book.get(account, (0, 0))[n] for book in books) for n in (0, 1)) for book in books for account in book}
    return {account: (mg[0], mg[1]) for account, mg in sums.items() if account != "source" and any(mg)}


def named(office: Office, ids: list[str]) -> list[str]:
    return [office.asks(f"/reporting/v1/events/{id_}")["name"] for id_ in ids]


def test_a_melt_that_was_spent_since_weighs_less_and_the_cast_lost_less(office: Office) -> None:
    who = blend(office, "ct1")
    assert accounts(office, who) == {"stock": (19_900, 18_000), "loss": (100, 0)}
    ids = office.says("correct-transformation", who, transformation="ct1-t1", outputs=[{"lot": "ct1-m", "gross_mg": 19_950}], reason="relu")
    assert named(office, ids) == [events.LOT_CORRECTED, events.TRANSFORMATION_REVIEWED, events.TRANSFORMATION_REVIEWED]
    told = office.asks(f"/reporting/v1/events/{ids[0]}")["data"]
    assert (told["old_gross_mg"], told["gross_mg"], told["entries"]) == (20_000, 19_950, [])         # lost earlier, by the same hand: the books are the same
    assert accounts(office, who) == {"stock": (19_900, 18_000), "loss": (100, 0)} == summed(societies(office, "ct1"))
    office.changes_nothing("correct-transformation", who, transformation="ct1-t1", outputs=[{"lot": "ct1-m", "gross_mg": 19_950}])
    office.again_after_a_rebuild()


def test_a_step_is_looked_at_again_and_what_came_of_it_waits_or_waits_no_longer(office: Office) -> None:
    who = blend(office, "ct2", 21_000)                                                               # more than went in: held, and all that came of it
    assert office.lots(who, who) == {"ct2-bar": (15_000, 13_568, ["mass-balance"]), "ct2-rest": (4_900, 4_432, ["mass-balance"])}
    office.says("correct-transformation", who, transformation="ct2-t1", outputs=[{"lot": "ct2-m", "gross_mg": 19_900}], reason="virgule")
    assert office.lots(who, who) == {"ct2-bar": (15_000, 13_568, []), "ct2-rest": (4_900, 4_432, [])}
    ids = office.says("correct-transformation", who, transformation="ct2-t2", outputs=[{"lot": "ct2-bar", "gross_mg": 16_000}], reason="relu")
    assert named(office, ids).count(events.LOT_HELD) == 2
    assert office.lots(who, who) == {"ct2-bar": (16_000, 13_568, ["mass-balance"]), "ct2-rest": (4_900, 4_432, ["mass-balance"])}
    assert accounts(office, who) == {"stock": (20_900, 18_000), "loss": (-900, 0)} == summed(societies(office, "ct2"))
    assert office.one("bars", "custodian", who, "count", "gross_mg", "fine_mg") == (1, 16_000, 13_568)
    assert office.masses("losses", "custodian,step", who)["correction"][1:] == (-1_000, 0)
    office.again_after_a_rebuild()


def test_a_fineness_read_wrongly_goes_on_with_the_metal_and_an_assay_of_its_own_stands(office: Office) -> None:
    who = blend(office, "ct3", fineness_per_100k=80_000)                                             # 16,000 of 18,000
    office.says("record-assay", who, lot="ct3-bar", fineness_per_100k=90_000, method="fire-assay", occurred_on="2024-05-25")
    assert accounts(office, who) == {"stock": (19_900, 17_440), "loss": (100, 0), "assay": (0, 560)}
    office.says("correct-transformation", who, transformation="ct3-t1", outputs=[{"lot": "ct3-m", "fineness_per_100k": 89_000}], reason="relu")
    assert accounts(office, who) == {"stock": (19_900, 17_440), "loss": (100, 89), "assay": (0, 471)}
    assert accounts(office, who) == summed(societies(office, "ct3"))
    office.says("correct-transformation", who, transformation="ct3-t2", outputs=[{"lot": "ct3-bar", "gross_mg": 14_900}], reason="relu")
    assert office.lots(who, who)["ct3-bar"][:2] == (14_900, 13_410)                                  # by its assay
    assert accounts(office, who) == summed(societies(office, "ct3"))
    assert office.asks("/gold/v1/lots/ct3-1/origin")["lot"]["fine_mg"] == 13_410
    office.again_after_a_rebuild()


def test_who_made_the_step_corrects_it_and_only_what_was_formed_there(office: Office) -> None:
    who = blend(office, "ct4")
    office.hires("ct4-comptoir")
    office.hands_over("ct4-h", who, "ct4-comptoir", "2024-05-21", "ct4-bar")
    said = {"transformation": "ct4-t2", "outputs": [{"lot": "ct4-bar", "gross_mg": 15_010}]}
    office.is_refused(403, "correct-transformation", "ct4-comptoir", **said)
    office.is_refused(404, "correct-transformation", who, transformation="ct4-t2", outputs=[{"lot": "ct4-m", "gross_mg": 1}])
    office.is_refused(404, "correct-transformation", "secretary", transformation="ct4-t9", outputs=[{"lot": "ct4-m", "gross_mg": 1}])
    office.says("correct-transformation", who, reason="relu", **said)
    assert accounts(office, "ct4-comptoir") == {"stock": (15_010, 13_568)}
    assert accounts(office, who) == {"stock": (4_900, 4_432), "loss": (90, 0)}
    assert summed(societies(office, "ct4")) == {"stock": (19_910, 18_000), "loss": (90, 0)}
    steps = office.epcis("MATCH_anyEPCClass=urn:x-sanu:lot:ct4-rest&eventType=TransformationEvent", who)
    assert sorted("errorDeclaration" in e for e in steps)[-1:] == [True]                             # a partner is told that it was wrong
