"""The queries behind membership's pages, and what the pages about land, findings and large trees say."""
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from installation.catalogue import open_service
from shared.config import Config
from shared.rebuild import rebuild
from tests.clients import until
from tests.page_story import EVIL, HTML, Told, cookie, running
from tests.stranger import bearer, command, get


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with running(tmp_path_factory.mktemp("pages") / "var") as told:
        yield told


@pytest.fixture(scope="module")
def config(told: Told) -> Config:
    return told.config


def one(config: Config, told: Told, slug: str, query: str = "") -> Any:
    return get(config, f"/membership/v1/organisations/{slug}{query}", told.token).json


def again(config: Config) -> None:
    """Every view of membership is filled anew, beside the running installation."""
    service = open_service(config, "membership")
    rebuild(service.views)
    service.close()


def test_m1_the_timeline_holds_every_fact_with_its_correction_and_leads_to_the_event_in_reporting(config: Config, told: Told) -> None:
    before = one(config, told, "dabia")
    lines = {line["event"]: line for line in before["timeline"]}
    moved, ended = lines[told.ids["moved"]], lines[told.ids["ended"]]
    assert (moved["occurred_on"], moved["day"], moved["corrections"][0]["event"]) == ("2022-03-01", "2022-06-30", told.ids["correction"])
    assert ended["withdrawn"] and not moved["withdrawn"]
    assert (before["status"], before["district"], before["number"], before["parents"]) == ("registered", "kenieba", "N2021 D1/0042/B", ["union-1"])
    text = get(config, "/membership/organisations/dabia", told.token, **HTML).body.decode()
    for name in ("moved", "ended"):
        assert f'href="/reporting/v1/events/{told.ids[name]}"' in text
        card = get(config, f"/reporting/v1/events/{told.ids[name]}", **cookie(told.token))
        assert card.status == 200 and told.ids[name] in card.body.decode()
    assert "<del><time" in text and "Retiré : noté par erreur." in text
    again(config)
    assert one(config, told, "dabia") == before


def test_m1_the_timeline_comes_in_pages(config: Config, told: Told) -> None:
    whole = [line["event"] for line in one(config, told, "dabia")["timeline"]]
    path, paged = "/membership/v1/organisations/dabia?limit=7", []
    while path:
        page = get(config, path, told.token)
        paged += [line["event"] for line in page.json["timeline"]]
        path = page.headers.get("link", "").partition("<")[2].partition(">")[0]
    assert paged[:len(whole)] == whole[:len(paged)] and len(paged) >= len(whole) > 14


def flat(nodes: list[Any], above: str = "") -> set[tuple[str, str]]:
    return {(above, node["organisation"]) for node in nodes} | {pair for node in nodes for pair in flat(node["children"], node["organisation"])}


def test_m2_tree_and_list_tell_the_same_affiliations_also_after_one_ends_and_after_a_rebuild(config: Config, told: Told) -> None:
    def tree() -> set[tuple[str, str]]:
        return flat(get(config, "/membership/v1/organisations?view=tree", told.token).json["tree"])

    assert {("cnscom", "fed"), ("fed", "union-1"), ("fed", "union-2"), ("union-1", "dabia"), ("", "gone"), ("", "cnscom")} <= tree()
    listed = get(config, "/membership/v1/organisations?limit=200", told.token).json["organisations"]
    assert {(parent, row["organisation"]) for row in listed for parent in row["parents"] or [""]} == tree()
    told.say("affiliate-organisation", organisation="union-2", parent="cnscom", occurred_on="2024-06-01")
    told.seen()
    assert {("fed", "union-2"), ("cnscom", "union-2")} <= tree()                        # any parent level, and more than one
    told.say("detach-organisation", organisation="union-2", parent="cnscom", occurred_on="2024-07-01")
    told.seen()
    after = tree()
    assert ("cnscom", "union-2") not in after
    again(config)
    assert tree() == after
    text = get(config, "/membership?view=tree", told.token, **HTML).body.decode()
    assert all(f'href="/membership/organisations/{slug}"' in text for _, slug in after)


@pytest.mark.parametrize(("query", "found"), [
    ("q=DABYA", {"dabia"}), ("q=keneya", {"dabia"}), ("q=federation", {"fed", "cnscom"}), ("level=union", {"union-1", "union-2"}), ("status=merged", {"copy"}),
    ("status=dissolved", {"gone"}), ("district=kenieba", {"dabia"}), ("parent=fed", {"union-1", "union-2"}), ("parent=fed&status=suspended", {"union-2"}),
    ("q=zzz", set())])
def test_x6_organisations_are_found_by_any_name_and_filtered(config: Config, told: Told, query: str, found: set[str]) -> None:
    rows = {row["organisation"] for row in get(config, f"/membership/v1/organisations?{query}", told.token).json["organisations"]}
    assert rows - {"cnscom"} == found - {"cnscom"}
    page = get(config, f"/membership?{query}", told.token, **HTML).body.decode()
    assert all(f'href="/membership/organisations/{slug}"' in page for slug in rows)


@pytest.mark.parametrize("query", ["level=village", "status=asleep", "after=A%20B", "limit=0", "limit=201", "view=map", "min_position=training:1", "who=me",
                                   "district=%27"])
def test_a_parameter_that_is_not_right_is_400_and_named(config: Config, told: Told, query: str) -> None:
    refused = get(config, f"/membership/v1/organisations?{query}", told.token)
    assert (refused.status, refused.json["field"]) == (400, query.partition("=")[0])


def test_pages_of_the_list_meet_every_organisation_once(config: Config, told: Told) -> None:
    path, met = "/membership/v1/organisations?limit=3", []
    while path:
        page = get(config, path, told.token)
        met += [row["organisation"] for row in page.json["organisations"]]
        path = page.headers.get("link", "").partition("<")[2].partition(">")[0]
    assert len(met) == len(set(met)) >= 11


def test_an_answer_has_a_tag_and_min_position_waits_for_what_was_written(config: Config, told: Told) -> None:
    path = "/membership/v1/organisations?q=fraiche"
    first = get(config, path, told.token)
    assert get(config, path, told.token, If_None_Match=first.headers["etag"]).status == 304
    done = command(config, "membership", "found-organisation", told.token, {"organisation": "fraiche", "level": "base", "name": "Fraîche"}, "fresh").json
    seen = get(config, f"{path}&min_position=membership:{done['position']}", told.token, If_None_Match=first.headers["etag"])
    assert [row["organisation"] for row in seen.json["organisations"]] == ["fraiche"]
    assert get(config, f"{path}&min_position=membership:{10**12}", told.token).status == 503


def test_m17_the_page_about_land_says_what_ends_soon_and_who_has_no_corridor(config: Config, told: Told) -> None:
    soon = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)).isoformat()
    told.say("grant-corridor", corridor="c-3", name="Couloir trois", district="Sikasso", valid_until=soon, occurred_on="2024-01-01")
    told.seen()
    text = get(config, "/membership/land", told.token, **HTML).body.decode()
    assert '1 couloir expire dans les 90 jours : <a href="#c-3">' in text and "11,9333° N 8,4167° O" in text
    without = text.partition('id="sans-couloir"')[2]
    assert "/membership/organisations/niena" in without and "/membership/organisations/dabia" not in without and "/organisations/copy" not in without
    assert "11,9333" not in get(config, "/membership/land", bearer(config, "refinery", ["actor:marena-gold"]), **HTML).body.decode()
    sikasso = get(config, "/membership/land?district=sikasso", told.token, **HTML).body.decode()
    assert "Couloir trois" in sikasso and "Ancien couloir" not in sikasso


def test_m5_the_page_of_findings_names_rule_article_state_and_answer(config: Config, told: Told) -> None:
    def page(query: str = "") -> str:
        return get(config, f"/membership/findings{query}", told.token, **HTML).body.decode()

    until(lambda: "OH-01" in page("?district=kenieba"), 10, "an assessment")
    told.say("answer-finding", organisation="dabia", rule="OH-01", answer=f"Quatre autres sont admis {EVIL}")
    told.say("decide-finding", organisation="dabia", rule="OH-01", state="confirmed", decision="réunion 7")
    told.seen()
    text = page("?rule=OH-01&district=kenieba")
    assert "AUSCOOP 204" in text and "confirmé" in text and "Quatre autres sont admis &lt;script&gt;" in text and "réunion 7" in text
    page_of = get(config, "/membership/organisations/dabia", told.token, **HTML).body.decode()
    assert "Quatre autres" in page_of and "Règle OH-01 (AUSCOOP 204)" not in page_of
    assert "Règle OH-01 (AUSCOOP 204)" in get(config, "/membership/organisations/dabia?all=1", told.token, **HTML).body.decode()
    assert "OH-01" not in page("?state=lifted").partition("</table>")[2].partition("<ul>")[2]


def test_a_large_tree_and_list_stay_small(config: Config, told: Told) -> None:
    for n in range(220):
        told.say("found-organisation", organisation=f"large-{n}", level="base", name=f"Société nombreuse de la commune {n}", occurred_on="2024-01-01")
        if n % 2:
            told.say("affiliate-organisation", organisation=f"large-{n}", parent="union-2", occurred_on="2024-01-02")
    told.seen()
    for path in ("/membership", "/membership?view=tree", "/membership/organisations/union-2", "/membership/findings", "/membership/land"):
        assert len(get(config, path, told.token, **HTML).body) < 50_000, path
    assert b"/membership?parent=union-2" in get(config, "/membership?view=tree", told.token, **HTML).body
