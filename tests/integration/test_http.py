"""HTTP as a stranger's program expects it: entity tags, expected versions, pages, rates, media types, parameters."""
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from shared.config import SERVICES, Config
from tests import stranger
from tests.stranger import bearer, command, get, send

TABLE = "/reporting/v1/tables/districts"
SENT: dict[str, str] = {}              # event ids that examples of later commands name


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    with stranger.demo(tmp_path_factory.mktemp("http") / "var", rate_per_s=0.0, webhook_private=True) as running:
        yield running


@pytest.fixture(scope="module")
def secretariat(config: Config) -> str:
    return bearer(config, "secretariat")


@pytest.mark.parametrize("path", [f"{TABLE}?as_of=2024-11-30", f"{TABLE}?basis=derived", "/reporting/v1/findings?as_of=2024-11-30", "/membership/openapi.json",
                                  "/membership/asyncapi.json", "/docs", "/docs/access", "/docs/assets/api.js"])
def test_an_answer_that_the_client_has_is_not_sent_again(config: Config, secretariat: str, path: str) -> None:
    first = get(config, path, secretariat)
    again = get(config, path, secretariat, If_None_Match=first.headers["etag"])
    assert (first.status, again.status, again.body) == (200, 304, b"")
    assert again.headers["etag"] == first.headers["etag"] and "content-length" not in again.headers
    assert get(config, path, secretariat, If_None_Match='"other", W/"another"').status == 200


def test_a_feed_page_has_a_strong_tag_and_a_link_while_there_is_more(config: Config) -> None:
    token, path, positions = bearer(config, "service"), "/membership/v1/feed?limit=40", []
    while path:
        page = get(config, path, token)
        assert page.status == 200 and not page.headers["etag"].startswith("W/")
        assert get(config, path, token, If_None_Match=page.headers["etag"]).status == 304
        positions += [int(e["position"]) for e in page.json]
        link = page.headers.get("link", "")
        path = link.partition("<")[2].partition(">")[0]
        assert not link or link.endswith('; rel="next"')
    assert positions == sorted(set(positions)) and len(positions) > 80


def test_the_events_behind_a_figure_come_in_pages(config: Config, secretariat: str) -> None:
    for n in range(7):
        body = {"organisation": f"page-{n}", "level": "base", "name": f"P{n}", "district": "Kangaba", "occurred_on": "2024-01-01"}
        last = command(config, "membership", "found-organisation", secretariat, body, f"page-{n}")
    get(config, f"{TABLE}?min_position=membership:{last.json['position']}", secretariat)
    path, found = f"{TABLE}/events?district=kangaba&column=base&limit=3", []
    while path:
        page = get(config, path, secretariat)
        found += page.json["events"]
        path = page.headers.get("link", "").partition("<")[2].partition(">")[0]
        assert bool(path) == bool(page.json["next"])
    assert len(found) == len(set(found)) == 7


def test_a_figure_changes_its_tag_when_a_new_fact_changes_it(config: Config, secretariat: str) -> None:
    path = f"{TABLE}?basis=derived&as_of=2026-01-01"
    before = get(config, path, secretariat)
    body = {"organisation": "etag", "level": "base", "name": "E", "district": "Kangaba", "occurred_on": "2024-01-01"}
    done = command(config, "membership", "found-organisation", secretariat, body, "etag")
    after = get(config, f"{path}&min_position=membership:{done.json['position']}", secretariat, If_None_Match=before.headers["etag"])
    assert after.status == 200
    assert get(config, path, secretariat, If_None_Match=before.headers["etag"]).status == 200


def test_a_command_may_name_the_version_it_expects(config: Config, secretariat: str) -> None:
    body = {"organisation": "versions", "level": "base", "name": "V"}
    founded = command(config, "membership", "found-organisation", secretariat, body, "v1", If_Match='"0"')
    assert (founded.status, founded.headers["etag"]) == (201, '"1"')
    rename = {"organisation": "versions", "name": "V2"}
    renamed = command(config, "membership", "rename-organisation", secretariat, rename, "v2", If_Match=founded.headers["etag"])
    assert (renamed.status, renamed.headers["etag"]) == (201, '"2"')
    late = command(config, "membership", "rename-organisation", secretariat, {**rename, "name": "V3"}, "v3", If_Match=founded.headers["etag"])
    assert (late.status, late.slug, late.json["rule"]) == (412, "precondition-failed", '"2"')
    repeated = command(config, "membership", "rename-organisation", secretariat, rename, "v2", If_Match=founded.headers["etag"])
    assert (repeated.status, repeated.json["repeated"], repeated.json["events"]) == (200, True, renamed.json["events"])
    absent = command(config, "membership", "rename-organisation", secretariat, {"organisation": "nobody", "name": "N"}, "v4", If_Match="*")
    assert absent.slug == "precondition-failed"
    odd = command(config, "membership", "rename-organisation", secretariat, rename, "v5", If_Match="two")
    assert (odd.status, odd.json["field"]) == (400, "If-Match")
    for n, tags in enumerate(['W/"2"', '"0ced49"', '"7", "0"']):
        other = command(config, "membership", "rename-organisation", secretariat, {**rename, "name": "V3"}, f"v6-{n}", If_Match=tags)
        assert other.slug == "precondition-failed", tags
    among = command(config, "membership", "rename-organisation", secretariat, {**rename, "name": "V3"}, "v7", If_Match='"7", "2"')
    assert (among.status, among.headers["etag"]) == (201, '"3"')


def test_what_is_no_json_is_415_and_what_is_no_key_is_400(config: Config, secretariat: str) -> None:
    body = {"organisation": "x", "name": "X"}
    wrong = command(config, "membership", "rename-organisation", secretariat, body, "k", Content_Type="text/plain")
    assert (wrong.status, wrong.slug) == (415, "unsupported-media-type")
    without = send(config, "POST", "/membership/v1/commands/rename-organisation", secretariat, body)
    assert (without.status, without.json["field"]) == (400, "Idempotency-Key")


@pytest.mark.parametrize("query", ["asof=2024-11-30", "as_of=2024-11-30&as_of=2019-11-17", "as_of=soon", "basis=guessed", "known_at=never",
                                   "known_at=0001-01-01T00:00:00%2B23:59", "min_position=nowhere:1", "min_position=membership:-1", "format=pdf"])
def test_a_parameter_that_is_not_described_or_not_right_is_400_and_named(config: Config, secretariat: str, query: str) -> None:
    refused = get(config, f"{TABLE}?{query}", secretariat)
    assert (refused.status, refused.json["field"]) == (400, query.partition("=")[0])


def test_every_problem_leads_to_its_explanation_and_has_both_languages(config: Config, secretariat: str) -> None:
    refused = get(config, "/reporting/v1/events/none", secretariat)
    page = get(config, refused.json["type"].partition("#")[0])
    assert page.status == 200 and f'id="{refused.slug}"'.encode() in page.body
    assert refused.json["title"] == "Not found" and refused.json["titre"] == "Introuvable"
    assert refused.json["detail"] == "no event none" and refused.json["explication"] == "il n'y a pas d'événement none"


# No second receipt, nothing to replay, nothing has changed since, the second signature is another person's, it was answered, the buyer has not
# bound itself.
UNLIKE = {"withdraw-collection": 404, "replay-webhook": 409, "assess-organisation": 200, "accept-handover": 403, "note-silence": 200, "reveal-assay": 409,
          "record-umpire": 409}

TOLD = {"found-organisation", "dissolve-organisation", "name-representative", "register-miner", "admit-miner", "end-agreement"}       # what others speak of


@pytest.mark.parametrize("service", SERVICES)
def test_every_example_works_against_the_demo(config: Config, secretariat: str, service: str) -> None:
    for name, spec in import_module(f"services.{service}.application").DEFINITION.commands.items():
        said: Any = spec.schema
        body = {**said.example, **({"event": SENT[_subject(said.example)]} if "event" in said.example else {})}
        if name == "verify-webhook":                # the challenge went to the address
            continue
        done = command(config, service, name, secretariat, body, f"example-{name}")
        expected = UNLIKE.get(name, 201)
        assert done.status == expected, (name, done.body)
        if done.status == 201 and name in TOLD:
            SENT[_subject(body)] = done.json["events"][0]["id"]


def _subject(body: Any) -> str:
    return str(body.get("miner") or body.get("organisation") or body["agreement"])


def test_a_client_that_asks_too_often_is_told_when_to_come_again(tmp_path: Path) -> None:
    with stranger.demo(tmp_path / "var", loaded=False, rate_per_s=40.0) as slow:
        eager, other = bearer(slow, "auditor", subject="eager"), bearer(slow, "auditor", subject="other")
        replies = [get(slow, TABLE, eager) for _ in range(60)]
        refused = [r for r in replies if r.status == 429]
        assert refused and refused[0].slug == "too-many-requests" and 1 <= int(refused[0].headers["retry-after"]) <= 2
        assert get(slow, TABLE, other).status == 200
        assert {get(slow, "/reporting/health/live").status for _ in range(60)} == {200}
        feed = bearer(slow, "service")
        assert {get(slow, "/membership/v1/feed?limit=1", feed).status for _ in range(60)} == {200}
        time.sleep(int(refused[0].headers["retry-after"]) + 0.1)
        assert get(slow, TABLE, eager).status == 200
