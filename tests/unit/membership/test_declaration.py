"""A declared count: stated, corrected, withdrawn – each by an event that says what stood before."""
from typing import Any

from services.membership import declaration, events
from services.membership.commands import CorrectDeclaration, DeclareCount, WithdrawDeclaration
from shared.application import New
from shared.errors import BadRequest, Conflict, NotFound
from shared.event import Event
from shared.testing import happened, specification
from tests.unit.membership.facts import SOURCE, called

given = specification(declaration)
STREAM = "declaration/d1"
SAID = {"measure": "union", "count": 15, "as_of": "2024-11", "counts_from": "2024-11-30"}


def declared(**changes: Any) -> Event:
    return happened(STREAM, events.COUNT_DECLARED, {"declaration": "d1", **SAID, "source": SOURCE, **changes})


def corrected(**new: Any) -> Event:
    return happened(STREAM, events.COUNT_CORRECTED, {"declaration": "d1", "old": SAID, "new": {**SAID, **new}})


def withdrawn() -> Event:
    return happened(STREAM, events.COUNT_WITHDRAWN, {"declaration": "d1", "old": SAID})


def test_a_count_is_declared_and_speaks_from_the_last_day_of_its_date() -> None:
    given().when(DeclareCount(declaration="d1", measure="union", count=15, as_of="2024-11", source=SOURCE)).then(
        New(STREAM, events.COUNT_DECLARED, {"declaration": "d1", **SAID, "source": SOURCE}))


def test_a_count_of_a_district_is_declared_under_any_of_its_names_and_keeps_the_one_used() -> None:
    given(called("Kolondiéba", "kolondieba")).when(
        DeclareCount(declaration="d1", measure="base", count=11, as_of="2024-11-30", district="KOLON DIEBA", source=SOURCE)).then(
        New(STREAM, events.COUNT_DECLARED, {"declaration": "d1", "measure": "base", "count": 11, "as_of": "2024-11-30", "counts_from": "2024-11-30",
                                            "source": SOURCE, "district": "kolondieba", "district_as_written": "KOLON DIEBA"}))


def test_a_stated_zero_is_a_count() -> None:
    given().when(DeclareCount(declaration="d1", measure="union", count=0, as_of="2024")).then(
        New(STREAM, events.COUNT_DECLARED, {"declaration": "d1", "measure": "union", "count": 0, "as_of": "2024", "counts_from": "2024-12-31", "source": {}}))


def test_a_count_of_an_unknown_district_is_refused() -> None:
    given().when(DeclareCount(declaration="d1", measure="base", count=1, as_of="2024", district="Nowhere")).then_refused(NotFound, "district")


def test_a_declaration_is_made_once() -> None:
    given(declared()).when(DeclareCount(declaration="d1", measure="union", count=15, as_of="2024-11")).then_refused(Conflict, "declaration")


def test_a_withdrawn_declaration_is_not_made_again() -> None:
    given(declared(), withdrawn()).when(DeclareCount(declaration="d1", measure="union", count=15, as_of="2024-11")).then_refused(Conflict, "declaration")


def test_a_correction_carries_the_old_and_the_new_values() -> None:
    given(declared()).when(CorrectDeclaration(declaration="d1", count=17, source=SOURCE)).then(
        New(STREAM, events.COUNT_CORRECTED, {"declaration": "d1", "old": SAID, "new": {**SAID, "count": 17}, "source": SOURCE}))


def test_a_corrected_date_changes_the_day_from_which_the_count_speaks() -> None:
    given(declared()).when(CorrectDeclaration(declaration="d1", as_of="2024")).then(
        New(STREAM, events.COUNT_CORRECTED, {"declaration": "d1", "old": SAID, "new": {**SAID, "as_of": "2024", "counts_from": "2024-12-31"}}))


def test_a_second_correction_starts_from_the_first() -> None:
    given(declared(), corrected(count=17)).when(CorrectDeclaration(declaration="d1", count=18)).then(
        New(STREAM, events.COUNT_CORRECTED, {"declaration": "d1", "old": {**SAID, "count": 17}, "new": {**SAID, "count": 18}}))


def test_a_correction_keeps_the_district() -> None:
    of = {**SAID, "district": "kenieba"}
    given(declared(district="kenieba", district_as_written="KENIEBA")).when(CorrectDeclaration(declaration="d1", count=6)).then(
        New(STREAM, events.COUNT_CORRECTED, {"declaration": "d1", "old": of, "new": {**of, "count": 6}}))


def test_a_correction_to_the_same_values_changes_nothing() -> None:
    given(declared()).when(CorrectDeclaration(declaration="d1", count=15, as_of="2024-11")).then_nothing()


def test_a_correction_needs_a_declaration() -> None:
    given().when(CorrectDeclaration(declaration="d1", count=17)).then_refused(NotFound, "declaration")


def test_a_withdrawn_declaration_is_not_corrected() -> None:
    given(declared(), withdrawn()).when(CorrectDeclaration(declaration="d1", count=17)).then_refused(NotFound, "declaration")


def test_a_correction_to_a_day_that_does_not_exist_is_refused() -> None:
    given(declared()).when(CorrectDeclaration(declaration="d1", as_of="2024-02-30")).then_refused(BadRequest, "occurred_on")


def test_a_withdrawal_carries_what_is_withdrawn() -> None:
    given(declared(), corrected(count=17)).when(WithdrawDeclaration(declaration="d1", source=SOURCE)).then(
        New(STREAM, events.COUNT_WITHDRAWN, {"declaration": "d1", "old": {**SAID, "count": 17}, "source": SOURCE}))


def test_a_declaration_is_withdrawn_once() -> None:
    given(declared(), withdrawn()).when(WithdrawDeclaration(declaration="d1")).then_refused(NotFound, "declaration")
