"""Facts that come late, are corrected or withdrawn: what counts is what stands."""


from services.membership import commands as c
from services.membership import events
from services.membership.findings import life
from services.membership.standing import evolve
from shared.errors import BadRequest, Conflict, NotFound
from tests.unit.membership.decided import KANGABA, count, event, given
from tests.unit.membership.facts import SOURCE, dissolved, fact, founded

# late, corrected, withdrawn

def test_a_move_told_after_the_dissolution_it_preceded_counts_where_it_belongs() -> None:
    given(founded(on="2020-01-01", district="kenieba"), dissolved(on="2022-01-01"), KANGABA).when(
        c.MoveOrganisation(organisation="dabia", district="Kangaba", occurred_on="2021-01-01")).then(
        event(events.ORGANISATION_MOVED, district="kangaba", counts=[
            count("2021-01-01", 1, "kangaba"), count("2022-01-01", -1, "kangaba"), count("2021-01-01", -1, "kenieba"), count("2022-01-01", 1, "kenieba")]))


def test_a_move_dated_after_the_end_counts_nothing() -> None:
    given(founded(on="2020", district="kenieba"), dissolved(on="2021"), KANGABA).when(
        c.MoveOrganisation(organisation="dabia", district="Kangaba", occurred_on="2022")).then(
        event(events.ORGANISATION_MOVED, district="kangaba", counts=[]))


def test_a_corrected_date_moves_the_count() -> None:
    given(founded(on="2020-05", district="kenieba", id="e1")).when(
        c.CorrectFact(organisation="dabia", event="e1", new_occurred_on="2019-11-17", source=SOURCE)).then(
        event(events.FACT_CORRECTED, corrects="e1", fact=events.ORGANISATION_FOUNDED, source=SOURCE,
              old={"occurred_on": "2020-05", "counts_from": "2020-05-31", "district": "kenieba", "name": "Dabia"},
              new={"occurred_on": "2019-11-17", "counts_from": "2019-11-17"},
              counts=[count("2019-11-17", 1, "kenieba"), count("2020-05-31", -1, "kenieba")]))


def test_a_corrected_district_moves_the_count() -> None:
    given(founded(on="2020-05", district="kenieba", id="e1"), KANGABA).when(c.CorrectFact(organisation="dabia", event="e1", district="KANGABA")).then(
        event(events.FACT_CORRECTED, corrects="e1", fact=events.ORGANISATION_FOUNDED,
              old={"occurred_on": "2020-05", "counts_from": "2020-05-31", "district": "kenieba", "name": "Dabia"}, new={"district": "kangaba"},
              counts=[count("2020-05-31", 1, "kangaba"), count("2020-05-31", -1, "kenieba")]))


def test_an_undated_fact_is_given_its_date_by_a_correction() -> None:
    given(founded(id="e1", recorded_at="2025-01-01T08:00:00.000Z")).when(c.CorrectFact(organisation="dabia", event="e1", new_occurred_on="2019")).then(
        event(events.FACT_CORRECTED, corrects="e1", fact=events.ORGANISATION_FOUNDED, old={"counts_from": "2025-01-01", "name": "Dabia"},
              new={"occurred_on": "2019", "counts_from": "2019-12-31"}, counts=[count("2019-12-31", 1), count("2025-01-01", -1)]))


def test_a_correction_to_what_stands_changes_nothing() -> None:
    given(founded(on="2020-05", id="e1")).when(c.CorrectFact(organisation="dabia", event="e1", new_occurred_on="2020-05")).then_nothing()


def test_a_second_correction_starts_from_the_first() -> None:
    first = fact(events.FACT_CORRECTED, corrects="e1", new={"occurred_on": "2019", "counts_from": "2019-12-31"})
    given(founded(on="2020", id="e1"), first).when(c.CorrectFact(organisation="dabia", event="e1", new_occurred_on="2018")).then(
        event(events.FACT_CORRECTED, corrects="e1", fact=events.ORGANISATION_FOUNDED, old={"occurred_on": "2019", "counts_from": "2019-12-31", "name": "Dabia"},
              new={"occurred_on": "2018", "counts_from": "2018-12-31"}, counts=[count("2018-12-31", 1), count("2019-12-31", -1)]))


def test_an_event_that_does_not_exist_is_not_corrected() -> None:
    given(founded(id="e1")).when(c.CorrectFact(organisation="dabia", event="e2", new_occurred_on="2019")).then_refused(NotFound, "event")


def test_a_district_is_corrected_only_where_one_is_named() -> None:
    given(founded(), dissolved(id="e2"), KANGABA).when(c.CorrectFact(organisation="dabia", event="e2", district="Kangaba")).then_refused(BadRequest, "district")


def test_a_withdrawn_dissolution_lets_the_organisation_count_again() -> None:
    given(founded(on="2020", district="kenieba"), dissolved(on="2022", id="e2")).when(c.WithdrawFact(organisation="dabia", event="e2")).then(
        event(events.FACT_WITHDRAWN, withdraws="e2", fact=events.ORGANISATION_DISSOLVED, old={"occurred_on": "2022", "counts_from": "2022-12-31"},
              counts=[count("2022-12-31", 1, "kenieba")]))


def test_after_a_withdrawn_dissolution_there_may_be_another() -> None:
    gone = fact(events.FACT_WITHDRAWN, withdraws="e2")
    given(founded(on="2020"), dissolved(on="2022", id="e2"), gone).when(c.DissolveOrganisation(organisation="dabia", occurred_on="2023")).then(
        event(events.ORGANISATION_DISSOLVED, counts=[count("2023-12-31", -1)]))


def test_a_fact_is_withdrawn_once() -> None:
    given(founded(), dissolved(id="e2"), fact(events.FACT_WITHDRAWN, withdraws="e2")).when(
        c.WithdrawFact(organisation="dabia", event="e2")).then_refused(NotFound, "event")


def test_a_founding_is_not_withdrawn() -> None:
    given(founded(id="e1")).when(c.WithdrawFact(organisation="dabia", event="e1")).then_refused(Conflict, "event")


def test_dissolved_on_the_day_from_which_it_counts_it_never_counted() -> None:
    given(founded(on="2020-05", id="e1")).when(c.DissolveOrganisation(organisation="dabia", occurred_on="2020-05-31")).then(
        event(events.ORGANISATION_DISSOLVED, counts=[count("2020-05-31", -1)]))


def test_a_wrong_name_form_or_acronym_of_a_founding_is_corrected() -> None:
    wrong = founded(on="2020-05", id="e1", name="Soceite Dabia", form="SCOOPS")
    right = {"name": "Société Dabia", "form": "COOP-CA", "acronym": "SD"}
    given(wrong).when(c.CorrectFact(organisation="dabia", event="e1", **right)).then(
        event(events.FACT_CORRECTED, corrects="e1", fact=events.ORGANISATION_FOUNDED, counts=[], new=right,
              old={"occurred_on": "2020-05", "counts_from": "2020-05-31", "name": "Soceite Dabia", "form": "SCOOPS"}))
    state = evolve([wrong, fact(events.FACT_CORRECTED, corrects="e1", new=right)])
    assert state and (state.name, life.form(state)) == ("Société Dabia", "COOP-CA")


def test_a_name_is_corrected_where_one_is_given_and_a_form_only_of_a_founding() -> None:
    renamed = fact(events.ORGANISATION_RENAMED, on="2021", id="e2", name="Dabya", old_name="Dabia")
    given(founded(), renamed).when(c.CorrectFact(organisation="dabia", event="e2", name="Dabiya")).then(
        event(events.FACT_CORRECTED, corrects="e2", fact=events.ORGANISATION_RENAMED, counts=[], new={"name": "Dabiya"},
              old={"occurred_on": "2021", "counts_from": "2021-12-31", "name": "Dabya"}))
    given(founded(), renamed).when(c.CorrectFact(organisation="dabia", event="e2", form="SCOOPS")).then_refused(BadRequest, "form")
    given(founded(), dissolved(id="e3")).when(c.CorrectFact(organisation="dabia", event="e3", name="X")).then_refused(BadRequest, "name")
