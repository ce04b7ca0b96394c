"""What the pages say of events and codes: a sentence for each event that they show, in both languages, with every value escaped."""
import pytest
from markupsafe import Markup

from services.membership import directory, events
from services.membership.findings import rules
from services.membership.miners import standing as miners
from services.membership.pages import sentences, shown, words
from services.membership.projections import findings
from services.membership.projections.miners import ABOUT_MINERS
from services.membership.projections.timeline import Timeline

EVIL = "<script>"


def link(slug: str) -> Markup:
    return Markup('<a href="/{}">{}</a>').format(slug, EVIL)


def test_every_event_of_a_timeline_has_its_sentence() -> None:
    assert set(sentences.TEXTS) == set(Timeline.names)
    facts = ABOUT_MINERS - {events.MINER_FACT_CORRECTED, events.MINER_FACT_WITHDRAWN, events.MINER_MERGED, events.PERSON_FORGOTTEN}
    assert set(sentences.OF_MINERS) == facts


@pytest.mark.parametrize("name", sorted(Timeline.names))
def test_a_sentence_escapes_what_people_wrote_and_bears_what_nobody_said(name: str) -> None:
    texts = {key: EVIL for key in ("name", "number", "alias", "seat", "venue", "decision", "answer", "title", "district")}
    data = {**texts, "organisation": "dabia", "parent": "union", "into": "other", "rule": "OH-01", "state": "lifted", "corridor": "c1", "founders": ["dabia"],
            "standing": [{"from": "2020-01-01", "value": "good", "why": []}], "breaches": [{"from": "2020-01-01", "state": "observed"}],
            "objects": [EVIL], "missions": []}
    least = {"objects": [], "missions": [], "standing": [], "breaches": [], "state": "lifted", "rule": "XX-99"}
    for said in (data, least):
        both = sentences.sentence({"name": name, "data": said, "recorded_at": "2025-01-01T08:00:00.000Z"}, link, lambda slug: slug)
        for text in both.values():
            assert isinstance(text, Markup) and EVIL not in text and "{" not in text
        assert "<a " not in both["en"]


def test_every_code_that_a_page_may_meet_is_called_something_in_both_languages() -> None:
    assert set(words.LEVELS) == {*directory.LEVELS, ""} and set(words.STATUSES) == {*directory.STATUSES, ""} and set(words.STATES) == set(findings.STATES)
    assert {miners.NO_CARD, miners.EXPIRED, miners.NO_MEMBERSHIP, miners.DECEASED, miners.MERGED} <= set(words.WHY)
    assert {r.severity for r in rules.table().values()} <= set(words.SEVERITIES) and {r.tag for r in rules.table().values()} <= set(words.TAGS)
    for codes in (words.LEVELS, words.STATUSES, words.STANDINGS, words.STATES, words.SEVERITIES, words.TAGS, words.MEMBERS, words.WHY, words.SEXES, words.ENDS):
        assert all(len(both) == 2 and all(both) for both in codes.values())


@pytest.mark.parametrize(("edtf", "written"), [("2019-11-17", "17 novembre 2019"), ("2024-05-01", "1er mai 2024"), ("2024-08", "août 2024"), ("2019", "2019"),
                                               ("2022-08-07/2022-08-11", "7 août 2022 – 11 août 2022"), ("", ""), ("soon", "soon")])
def test_a_day_is_written_as_french_writes_it(edtf: str, written: str) -> None:
    assert words.day(edtf) == written


def test_one_is_not_many() -> None:
    assert [words.counted("base", n) for n in (0, 1, 2)] == ["0 société de base", "1 société de base", "2 sociétés de base"]
    assert words.counted("miner/female", 1) == "1 femme"


def test_a_tree_is_cut_from_below() -> None:
    def node(name: str, *children: dict[str, object]) -> dict[str, object]:
        return {"organisation": name, "children": list(children)}

    roots = [node("top", node("a", *(node(f"a{n}") for n in range(5))), node("b", node("b1")))]
    whole, cut = shown.pruned(roots, 100)
    assert not cut and len(whole[0]["shown"][0]["shown"]) == 5
    small, cut = shown.pruned(roots, 5)
    assert cut and [c["organisation"] for c in small[0]["shown"]] == ["a", "b"]
    assert (small[0]["shown"][0]["more"], small[0]["shown"][0]["shown"]) == (5, [])
    assert [c["organisation"] for c in small[0]["shown"][1]["shown"]] == ["b1"]
