"""The whole flow, in one process and on real servers: facts go in as commands, the district table comes out, the same on both."""
import csv
import io
import json
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from installation import demo
from shared import service as services
from shared.config import SERVICES
from shared.errors import HistoryRewritten
from tests.clients import Refused, ask, token, until
from tests.world import Running, of_either_kind

TABLE = "/reporting/v1/tables/districts"
_seen: dict[str, Any] = {}


@pytest.fixture(scope="module", params=["one process", "servers"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The report's facts loaded, everything arrived."""
    with of_either_kind(request, tmp_path_factory.mktemp("flow")) as world:
        world.prepare()
        with world.books() as books:
            books.everything_arrived()
        yield world


def get(running: Running, path: str, **headers: str) -> Any:
    status, _, body = ask(running.config, "reporting", path, token(running.config, "installation", "auditor", "tester"), **headers)
    assert status == 200, body
    return json.loads(body)


def found(running: Running, key: str, **more: str) -> dict[str, Any]:
    body = {"organisation": key, "level": "base", "name": key, "district": "Kangaba", "occurred_on": "2030-01-01", **more}
    return running.client("flow").command("membership", "found-organisation", body, key)


def test_the_reports_figures_come_out(running: Running) -> None:
    for as_of, expected in demo.EXPECTED.items():
        assert {k: get(running, f"{TABLE}?as_of={as_of}")["totals"][k] for k in demo.COLUMNS} == expected


def test_each_district_has_the_figures_of_its_row(running: Running) -> None:
    """Taken from the records themselves, by any spelling of the district."""
    def bare(name: str) -> str:
        return "".join(c for c in unicodedata.normalize("NFKD", name).lower() if c.isascii() and c.isalnum())

    slug: dict[str, str] = {}
    stated: dict[str, dict[str, int]] = {}
    for fact in demo.records():
        match fact["command"], fact["body"]:
            case "register-district", body:
                slug |= {bare(name): body["district"] for name in (body["name"], body["district"], *body.get("aliases", ()))}
            case "record-place-alias", body:
                slug[bare(body["alias"])] = body["slug"]
            case "declare-count", {"district": name, "as_of": "2024-11", "measure": measure, "count": count}:
                column = {"base": "base", "union": "unions", "federation": "federations"}[measure]
                stated.setdefault(slug[bare(name)], {})[column] = count
    rows = {r["district"]: {k: r[k] for k in demo.COLUMNS if k in r} for r in get(running, f"{TABLE}?as_of=2024-11-30")["rows"]}
    assert len(stated) == 9 and rows == stated


def test_findings_name_what_is_to_check_and_the_events_behind_it(running: Running) -> None:
    findings = get(running, "/reporting/v1/findings?as_of=2024-11-30")["findings"]
    assert {"one-figure-per-date", "OH-23", "rows-sum-to-total"} <= {f["rule"] for f in findings}
    for event in {e for f in findings for e in f["events"]}:
        card = get(running, f"/reporting/v1/events/{event}")
        assert card["id"] == event and card["who"]["subject"] == "report-loader" and card["feed"]["service"] == "membership"


def test_both_installations_say_the_same(running: Running) -> None:
    """Ids and positions differ; every figure, name and finding is the same."""
    def without_ids(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: without_ids(v) for k, v in value.items() if k not in ("events", "event", "feeds")}
        return [without_ids(v) for v in value] if isinstance(value, list) else value

    for path in (f"{TABLE}?as_of=2024-11-30", f"{TABLE}?as_of=2019-11-17", f"{TABLE}?as_of=2024-11-30&basis=derived",
                 "/reporting/v1/findings?as_of=2024-11-30"):
        answer = without_ids(get(running, path))
        assert _seen.setdefault(path, answer) == answer


def test_a_second_load_with_the_same_keys_gives_the_same_answers_and_no_new_event(running: Running) -> None:
    with running.books() as books:
        before = books.heads()
        again = running.client()
        for k in running.kept:
            answer = again.command(k.service, k.command, k.body, k.key)
            assert answer == {**k.answer, "repeated": True}
        assert books.heads() == before


def test_a_key_used_with_another_body_is_refused(running: Running) -> None:
    k = running.kept[0]
    with pytest.raises(Refused) as refused:
        running.client().command(k.service, k.command, {**k.body, "name": "Autre"}, k.key)
    assert refused.value.status == 422
    assert running.client("somebody-else").config == running.config        # and keys are each client's own:
    with pytest.raises(Refused) as other:
        running.client("somebody-else").command(k.service, k.command, k.body, k.key)
    assert other.value.status == 409                                        # a new command, about a fact that stands already


def test_who_asks_with_min_position_reads_what_it_wrote(running: Running) -> None:
    for n in range(5):
        before = get(running, f"{TABLE}?as_of=2030-01-01&basis=derived")["totals"]["base"]
        answer = found(running, f"mine-{n}")
        after = get(running, f"{TABLE}?as_of=2030-01-01&basis=derived&min_position=membership:{answer['position']}")
        assert after["totals"]["base"] == before + 1


def test_a_position_that_is_far_away_is_unavailable_at_once(running: Running) -> None:
    began = time.monotonic()
    status, headers, _ = ask(running.config, "reporting", f"{TABLE}?min_position=membership:{10**12}", token(running.config, "installation", "auditor", "x"))
    assert (status, headers["Retry-After"]) == (503, "1") and time.monotonic() - began < 2
    for wrong in ("membership", "membership:x", "nobody:1", ":5"):
        assert ask(running.config, "reporting", f"{TABLE}?min_position={wrong}", token(running.config, "installation", "auditor", "x"))[0] == 400


def test_feeds_are_told_to_services_only(running: Running) -> None:
    for name in SERVICES:
        other = next(s for s in SERVICES if s != name)
        for path in (f"/{name}/v1/feed", f"/{name}/v1/received/{other}"):
            assert ask(running.config, name, path)[0] == 401
            assert ask(running.config, name, path, "not.a.token")[0] == 401
            assert ask(running.config, name, path, token(running.config, "installation", "loader", "x"))[0] == 403
            status, headers, body = ask(running.config, name, path, token(running.config, other, "service"))
            assert status == 200 and headers["Content-Type"].startswith("application/cloudevents-batch+json")
            assert json.loads(body)[0]["type"].endswith(".LogOpened")
        assert ask(running.config, name, f"/{name}/v1/received/nobody", token(running.config, other, "service"))[0] == 404


def test_figures_are_told_to_who_may_read_them(running: Running) -> None:
    assert ask(running.config, "reporting", TABLE)[0] == 401
    assert ask(running.config, "reporting", TABLE, token(running.config, "installation", "operator", "x"))[0] == 403
    assert running.figures()[0] == 200


def test_a_command_needs_a_token_that_may_write(running: Running) -> None:
    body = {"organisation": "x", "level": "base", "name": "x"}
    client = running.client("nobody")
    for bearer, status in (("", 401), ("a.b.c", 401), (token(running.config, "training", "service"), 403)):
        client._token = bearer
        with pytest.raises(Refused) as refused:
            client.command("membership", "found-organisation", body, "x")
        assert refused.value.status == status


def test_the_table_comes_as_csv_too(running: Running) -> None:
    bearer = token(running.config, "installation", "auditor", "tester")
    table = get(running, f"{TABLE}?as_of=2024-11-30")
    for path, headers in ((f"{TABLE}?as_of=2024-11-30&format=csv", {}), (f"{TABLE}?as_of=2024-11-30", {"Accept": "text/csv"})):
        status, answered, body = ask(running.config, "reporting", path, bearer, **headers)
        rows = list(csv.DictReader(io.StringIO(body.decode())))
        assert status == 200 and answered["Content-Type"].startswith("text/csv")
        assert [r["district"] for r in rows[:-1]] == [r["district"] for r in table["rows"]]
        assert {k: int(rows[-1][k]) for k in demo.COLUMNS} == demo.EXPECTED["2024-11-30"]
    status, _, body = ask(running.config, "reporting", "/reporting/v1/findings?as_of=2024-11-30&format=csv", bearer)
    assert status == 200 and Counter(r["rule"] for r in csv.DictReader(io.StringIO(body.decode())))["OH-23"] >= 1


def test_queries_refuse_what_they_do_not_understand(running: Running) -> None:
    bearer = token(running.config, "installation", "auditor", "tester")
    for path in ("?as_of=yesterday", "?as_of=2024-13-01", "?basis=guessed", "?known_at=soon"):
        status, _, body = ask(running.config, "reporting", TABLE + path, bearer)
        assert status == 400 and json.loads(body)["field"], path


def test_logs_born_real_do_not_open_as_synthetic(running: Running) -> None:
    with pytest.raises(HistoryRewritten, match="is real, not synthetic"):
        services.migrate(replace(running.direct, kind="synthetic"))
    with pytest.raises(Refused) as refused:
        running.client("flow").command("membership", "found-organisation", {"organisation": "s", "level": "base", "name": "s", "synthetic": True}, "s")
    assert refused.value.status == 422


def test_each_founding_became_one_need_and_one_notice(running: Running) -> None:
    running.end_well()
    until(lambda: len(list((running.config.var / "outbox" / "training-office").glob("*.json"))) > 0, 5)


def test_the_documents_stand_where_each_service_answers(running: Running) -> None:
    for service in SERVICES:
        status, _, body = ask(running.config, service, f"/{service}/openapi.json")
        assert status == 200 and f"/{service}/health/state" in json.loads(body)["paths"]
        _, _, same = ask(running.config, "reporting", f"/docs/openapi/{service}.json")
        assert json.loads(same)["paths"] == json.loads(body)["paths"]
        at = running.config.url(service) if running.config.database else "/"
        assert json.loads(same)["servers"] == [{"url": at}]
    assert all(ask(running.config, "reporting", f"/docs{page}")[0] == 200 for page in ("", "/api", "/events", "/problems", "/access"))
