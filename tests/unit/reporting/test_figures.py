"""The district table on any date: what was declared, what is derived, and what was known when."""
import pytest

from services.reporting import district_table, event_card
from shared.errors import NotFound
from tests.unit.reporting.conftest import Books

# declared figures in time


def test_before_the_first_statement_nothing_is_shown(books: Books) -> None:
    books.declare("base", 25, "2024-11", "KENIEBA")
    assert books.table("2024-11-29")["rows"] == []
    assert books.totals("2024-11-29") == {}


def test_a_statement_speaks_from_the_last_day_of_its_date(books: Books) -> None:
    books.declare("base", 25, "2024-11", "KENIEBA")
    assert books.figures("2024-11-30") == {"kenieba": {"base": 25}}


def test_between_two_statements_the_earlier_speaks(books: Books) -> None:
    books.declare("base", 26, "2019-11-17", "Kéniéba")
    books.declare("base", 25, "2024-11-30", "Kéniéba")
    assert [books.figures(day)["kenieba"]["base"] for day in ("2019-11-17", "2022-06-01", "2024-11-29", "2024-11-30", "2030-01-01")] == [26, 26, 26, 25, 25]


def test_of_two_statements_for_one_day_the_last_recorded_is_shown(books: Books) -> None:
    books.declare("union", 15, "2024-11", "Kéniéba")
    books.declare("union", 17, "2024-11-30", "Kéniéba")
    assert books.figures("2024-12-01") == {"kenieba": {"unions": 17}}


def test_a_statement_recorded_late_takes_its_place_by_its_date(books: Books) -> None:
    books.declare("base", 25, "2024-11-30", "Kéniéba")
    books.declare("base", 20, "2022", "Kéniéba")
    assert books.figures("2023-06-01") == {"kenieba": {"base": 20}}
    assert books.figures("2025-01-01") == {"kenieba": {"base": 25}}


def test_a_stated_zero_is_shown_and_what_nobody_stated_is_absent(books: Books) -> None:
    books.declare("union", 0, "2024-11", "Kéniéba")
    assert books.figures("2025-01-01") == {"kenieba": {"unions": 0}}


def test_rows_stand_in_the_order_of_their_rank(books: Books) -> None:
    books.declare("base", 1, "2024", "Kangaba")
    books.declare("base", 2, "2024", "Kéniéba")
    assert [row["name"] for row in books.table("2025-01-01")["rows"]] == ["Kéniéba", "Kangaba"]


def test_a_figure_names_the_events_that_make_it(books: Books) -> None:
    first = books.declare("base", 24, "2024-11", "Kéniéba")
    second = books.declare("base", 25, "2024-11", "Kéniéba")
    (row,) = books.table("2025-01-01")["rows"]
    assert row["events"]["base"] == [first.events[0]["id"], second.events[0]["id"]]
    assert row["declared_as_of"] == {"base": "2024-11"}


# totals

def test_rows_as_recent_as_the_national_statement_are_summed(books: Books) -> None:
    books.declare("base", 25, "2024-11", "Kéniéba")
    books.declare("base", 96, "2024-12", "Kangaba")
    books.declare("base", 247, "2024-11")
    assert books.totals("2025-01-01") == {"base": 121}
    assert books.table("2025-01-01")["totals"]["how"] == {"base": "sum of rows"}


def test_an_older_row_leaves_the_total_to_the_national_statement(books: Books) -> None:
    books.declare("base", 25, "2019", "Kéniéba")
    books.declare("base", 96, "2024-11", "Kangaba")
    national = books.declare("base", 247, "2024-11")
    table = books.table("2025-01-01")
    assert books.totals("2025-01-01") == {"base": 247}
    assert (table["totals"]["how"], table["totals"]["events"]) == ({"base": "national statement"}, {"base": [national.events[0]["id"]]})


def test_without_rows_the_national_statement_is_the_total(books: Books) -> None:
    books.declare("federation", 2, "2019-11-17")
    assert books.totals("2020-01-01") == {"federations": 2}


def test_without_a_national_statement_the_rows_are_the_total(books: Books) -> None:
    books.declare("base", 25, "2019", "Kéniéba")
    books.declare("base", 96, "2024", "Kangaba")
    assert books.totals("2025-01-01") == {"base": 121}


def test_each_column_has_its_own_total(books: Books) -> None:
    books.declare("base", 25, "2024", "Kéniéba")
    books.declare("union", 17, "2024")
    assert books.totals("2025-01-01") == {"base": 25, "unions": 17}


# derived figures

def test_organisations_recorded_one_by_one_are_counted_from_their_day(books: Books) -> None:
    books.found("dabia", "2020-05", "KENIEBA")
    books.found("niena", "2021-01-01", "Kéniéba")
    assert [books.figures(day, "derived") for day in ("2020-05-30", "2020-05-31", "2021-01-01")] == [
        {}, {"kenieba": {"base": 1}}, {"kenieba": {"base": 2}}]


def test_a_move_and_a_dissolution_change_the_derived_counts(books: Books) -> None:
    books.found("dabia", "2020-01-01", "Kéniéba")
    books.tell("move-organisation", "dabia", "2021-01-01", district="Kangaba")
    books.tell("dissolve-organisation", "dabia", "2022-01-01")
    assert books.figures("2020-06-01", "derived") == {"kenieba": {"base": 1}}
    assert books.figures("2021-06-01", "derived") == {"kenieba": {"base": 0}, "kangaba": {"base": 1}}
    assert books.totals("2022-06-01", "derived") == {"base": 0}


def test_organisations_of_no_known_district_have_a_row_without_name(books: Books) -> None:
    books.found("niena", "2020")
    (row,) = books.table("2021-01-01", "derived")["rows"]
    assert (row["district"], row["name"], row["base"]) == (None, None, 1)


def test_declared_and_derived_figures_never_mix(books: Books) -> None:
    books.declare("base", 25, "2020", "Kéniéba")
    books.found("dabia", "2020", "Kéniéba")
    assert books.figures("2021-01-01", "declared") == {"kenieba": {"base": 25}}
    assert books.figures("2021-01-01", "derived") == {"kenieba": {"base": 1}}
    assert books.table("2021-01-01")["completeness"]["base"] == {"derived": 1, "declared": 25}


def test_all_events_behind_a_derived_figure_come_in_pages(books: Books) -> None:
    ids = [books.found(f"o{n}", "2020", "Kéniéba").events[0]["id"] for n in range(5)]
    books.settle()
    first = district_table.events_behind(books["reporting"], "2021-01-01", "kenieba", "base", "", 0, 3)
    second = district_table.events_behind(books["reporting"], "2021-01-01", "kenieba", "base", "", int(first["next"]), 3)
    assert (first["events"] + second["events"], second["next"]) == (ids, None)


def test_a_derived_figure_names_its_first_events_once_each_and_in_the_order_of_the_log(books: Books) -> None:
    first = books.found("dabia", "2020-01-02", "Kéniéba").events[0]["id"]
    unions = [books.found("union", "2020", "Kéniéba", level="union").events[0]["id"]]
    corrected = books.tell("correct-organisation-fact", "dabia", event=first, new_occurred_on="2020-01-01").events[0]["id"]     # one less, one more
    more = [books.found(f"o{n}", "2019", "Kéniéba").events[0]["id"] for n in range(30)]
    (row,) = books.table("2021-01-01", "derived")["rows"]
    assert (row["base"], row["events"]) == (31, {"base": [first, corrected, *more[:18]], "unions": unions})


# corrections, on both time axes

MONDAY, TUESDAY = "2025-03-03T12:00:00.000Z", "2025-03-04T12:00:00.000Z"


def test_a_corrected_statement_shows_the_new_figure_and_earlier_knowledge_the_old(books: Books) -> None:
    books.clock.set("2025-03-03T09:00:00.000")
    books.declare("union", 15, "2024-11", "Kéniéba", name="d1")
    books.clock.set("2025-03-04T09:00:00.000")
    books.command("membership", "correct-declaration", declaration="d1", count=17)
    assert books.figures("2025-01-01") == {"kenieba": {"unions": 17}}
    assert books.figures("2025-01-01", known_at=TUESDAY) == {"kenieba": {"unions": 17}}
    assert books.figures("2025-01-01", known_at=MONDAY) == {"kenieba": {"unions": 15}}


def test_a_statement_moved_to_another_date_speaks_from_there(books: Books) -> None:
    books.clock.set("2025-03-03T09:00:00.000")
    books.declare("union", 15, "2024-11", "Kéniéba", name="d1")
    books.clock.set("2025-03-04T09:00:00.000")
    books.command("membership", "correct-declaration", declaration="d1", as_of="2023-11")
    assert books.figures("2024-01-01") == {"kenieba": {"unions": 15}}
    assert books.figures("2024-01-01", known_at=MONDAY) == {}


def test_a_withdrawn_statement_is_gone_but_was_known(books: Books) -> None:
    books.clock.set("2025-03-03T09:00:00.000")
    books.declare("union", 15, "2024-11", "Kéniéba", name="d1")
    books.clock.set("2025-03-04T09:00:00.000")
    books.command("membership", "withdraw-declaration", declaration="d1")
    assert books.figures("2025-01-01") == {}
    assert books.figures("2025-01-01", known_at=MONDAY) == {"kenieba": {"unions": 15}}


def test_what_was_not_yet_told_was_not_known(books: Books) -> None:
    books.clock.set("2025-03-04T09:00:00.000")
    books.declare("union", 15, "2024-11", "Kéniéba")
    books.found("dabia", "2020", "Kéniéba")
    assert books.figures("2025-01-01", known_at=MONDAY) == {}
    assert books.figures("2025-01-01", "derived", known_at=MONDAY) == {}
    assert books.figures("2025-01-01", "derived", known_at=TUESDAY) == {"kenieba": {"base": 1}}


def test_a_corrected_founding_moves_the_derived_count_and_earlier_knowledge_keeps_it(books: Books) -> None:
    books.clock.set("2025-03-03T09:00:00.000")
    founding = books.found("dabia", "2020", "Kéniéba").events[0]["id"]
    books.clock.set("2025-03-04T09:00:00.000")
    books.tell("correct-organisation-fact", "dabia", event=founding, new_occurred_on="2018", district="Kangaba")
    assert books.figures("2019-06-01", "derived") == {"kangaba": {"base": 1}}
    assert books.totals("2025-01-01", "derived") == {"base": 1}
    assert books.figures("2019-06-01", "derived", known_at=MONDAY) == {}
    assert books.figures("2025-01-01", "derived", known_at=MONDAY) == {"kenieba": {"base": 1}}


def test_a_withdrawn_dissolution_counts_again_and_was_known_as_dissolved(books: Books) -> None:
    books.found("dabia", "2020", "Kéniéba")
    books.clock.set("2025-03-03T09:00:00.000")
    end = books.tell("dissolve-organisation", "dabia", "2022").events[0]["id"]
    books.clock.set("2025-03-04T09:00:00.000")
    books.tell("withdraw-organisation-fact", "dabia", event=end)
    assert books.totals("2023-01-01", "derived") == {"base": 1}
    assert books.totals("2023-01-01", "derived", known_at=MONDAY) == {"base": 0}


def test_a_moment_known_agrees_with_the_present_when_all_was_known(books: Books) -> None:
    books.found("dabia", "2020", "Kéniéba")
    books.declare("base", 3, "2020", "Kangaba")
    for basis in ("declared", "derived"):
        assert books.figures("2021-01-01", basis, known_at="2030-01-01T00:00:00.000Z") == books.figures("2021-01-01", basis)


# one event, as an auditor wants it

def test_a_card_shows_who_when_where_why_and_the_digest_of_the_feed(books: Books) -> None:
    answer = books.found("dabia", "2020-05", "Kéniéba")
    books.settle()
    card = event_card.read(books["reporting"], answer.events[0]["id"], ())
    assert (card["who"], card["when"]["occurred_on"], card["when"]["precision"]) == ({"subject": "officer-1", "role": "secretariat"}, "2020-05", "month")
    assert (card["stream"], card["version"]) == ("organisation/dabia", 1)
    assert card["feed"] == {"service": "membership", "position": str(answer.position),
                            "digest": books["membership"].chain.digest_at(answer.position).hex()}


def test_an_undated_event_says_that_its_date_is_unknown(books: Books) -> None:
    answer = books.found("dabia")
    books.settle()
    when = event_card.read(books["reporting"], answer.events[0]["id"], ())["when"]
    assert (when["occurred_on"], when["precision"]) == (None, "unknown")


def test_an_id_no_event_has_is_not_found(books: Books) -> None:
    books.settle()
    with pytest.raises(NotFound):
        event_card.read(books["reporting"], "nothing", ())
