"""Who may do what, tried: every address and command × every role × own, foreign and unknown objects, from the one table."""
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, NamedTuple

import pytest

from installation.catalogue import open_service
from installation.documents import addresses
from installation.documents.pages import DOCUMENTED
from shared import access, auth
from shared.config import SERVICES, Config
from tests import stranger
from tests.stranger import Reply, bearer, command, get, send

ROLES = access.table().roles
OWN, FOREIGN = "kangaba", "kenieba"                          # districts
TERRITORY = {"country": [], "district": [f"district:{OWN}"], "organisation": ["organisation:own-0"], "actor": ["actor:own-0"]}
UNKNOWN = "01a20cc6-0000-7000-8000-000000000000"
PATHS = {"source": "reporting", "id_": UNKNOWN, "webhook": "none", "organisation": "cnscom", "miner": "m-unknown", "page": "access", "name": "api.js",
         "service": "membership", "asset": "collect.js", "lot": "unknown", "device": "unknown", "job": UNKNOWN, "consignment": "unknown",
         "society": "unknown"}


class Try(NamedTuple):
    """One address, or one command, and what it asks for."""

    service: str
    method: str
    path: str
    scope: str
    body: Any = None

    def by(self, config: Config, token: str, key: str = "") -> Reply:
        if self.body is None:
            kind = {"Content_Type": "application/x-www-form-urlencoded"} if self.method == "POST" else {}
            return send(config, self.method, self.path, token, **kind)
        return send(config, self.method, self.path, token, self.body, Idempotency_Key=key or "matrix")


def tries() -> Iterator[Try]:
    for name in DOCUMENTED:
        for route in addresses.of(name):
            if route.scope != access.COMMAND:
                path = re.sub(r"<(\w+)>", lambda m: PATHS[m[1]], route.url)
                if path == f"/{name}/v1/received/reporting" and name == "reporting":
                    path = f"/{name}/v1/received/membership"
                yield Try(name, route.method, path, route.scope)
                continue
            for command_name, spec in addresses.definition(name).commands.items():
                said: Any = spec.schema
                yield Try(name, "POST", route.url.replace("<command>", command_name), access.table().command(name, command_name), dict(said.example))


TRIES = list(tries())
each = pytest.mark.parametrize("it", TRIES, ids=lambda it: f"{it.method} {it.path}")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """Two organisations in the caller's district, two in another, with the same history."""
    with stranger.demo(tmp_path_factory.mktemp("matrix") / "var", rate_per_s=0.0, webhook_private=True) as running:
        loader = bearer(running, "loader")
        for where, district in (("own", OWN), ("foreign", FOREIGN)):
            for n in range(2):
                body = {"organisation": f"{where}-{n}", "level": "base", "name": f"{where} {n}", "district": district, "occurred_on": "2024-01-01"}
                last = command(running, "membership", "found-organisation", loader, body, f"{where}-{n}")
        read = f"/reporting/v1/tables/districts?min_position=membership:{last.json['position']}"
        assert get(running, read, bearer(running, "auditor")).status == 200
        yield running


@pytest.fixture(scope="module")
def tokens(config: Config) -> dict[str, str]:
    return {name: bearer(config, name, TERRITORY[role.territory]) for name, role in ROLES.items()}


class Heads:
    """How far each log has been written by those who are not services, read beside the running process."""

    def __init__(self, config: Config) -> None:
        self.services = {name: open_service(config, name) for name in SERVICES}

    def __call__(self) -> dict[str, int]:
        return {name: len([r for r in s.log.after(0, 10_000) if b'"role":"service"' not in r.state and not r.stream.startswith("received/")])
                for name, s in self.services.items()}


@pytest.fixture(scope="module")
def heads(config: Config) -> Iterator[Heads]:
    read = Heads(config)
    yield read
    for service in read.services.values():
        service.close()


@each
def test_without_a_good_token_only_what_is_open_answers(config: Config, heads: Heads, it: Try) -> None:
    before = heads()
    late = bearer(config, "secretariat", seconds=-3600)
    for token in ("", late, "a.b.c"):
        reply = it.by(config, token)
        if it.scope == access.OPEN:
            assert reply.status < 400
        else:
            assert (reply.status, reply.slug) == (401, "unauthenticated") and reply.headers["www-authenticate"] == "Bearer"
    assert heads() == before


@each
def test_a_role_without_the_scope_is_refused_and_writes_nothing(config: Config, heads: Heads, tokens: dict[str, str], it: Try) -> None:
    before = heads()
    for name, role in ROLES.items():
        if it.scope != access.OPEN and it.scope not in role.scopes:
            reply = it.by(config, tokens[name])
            assert (reply.status, reply.slug) == (403, "forbidden"), name
            assert reply.json["rule"] == it.scope
    assert heads() == before


@each
def test_a_role_with_the_scope_gets_past_it(config: Config, tokens: dict[str, str], it: Try) -> None:
    for name, role in ROLES.items():
        if it.scope in role.scopes:
            reply = it.by(config, tokens[name], f"may-{name}")
            refused = reply.json["rule"] if reply.status == 403 else ""
            assert reply.status not in (401, 500, 503) and refused != it.scope, (name, reply.body)
            assert role.territory != "country" or reply.status != 403, (name, reply.body)


BOUND = [name for name, role in ROLES.items() if role.territory != "country"]
OWN_NAMES = "webhooks:manage"                                  # of what each owner calls as it likes: nobody's is in another's way
WRITES = [(it, name) for it in TRIES if it.body is not None for name in BOUND if it.scope in ROLES[name].scopes - {OWN_NAMES}]
ACTORS = ("actor", "collector", "custodian", "giver", "taker", "seller", "buyer")


def of(it: Try, organisation: str, district: str, n: int) -> dict[str, Any]:
    """The example about another object, with texts of the same length, so that only the object differs."""
    changes = {"organisation": organisation, "district": district, "number": f"N-{n}", "parent": "cnscom", **dict.fromkeys(ACTORS, organisation)}
    return {**it.body, **{k: v for k, v in changes.items() if k in it.body}}


@pytest.mark.parametrize(("it", "role"), WRITES, ids=lambda v: v.path if isinstance(v, Try) else v)
def test_a_foreign_object_is_as_unknown_and_nothing_is_written(config: Config, heads: Heads, tokens: dict[str, str], it: Try, role: str) -> None:
    before = heads()
    founding = it.path.endswith("found-organisation")
    foreign = it._replace(body=of(it, "fresh-foreign" if founding else "foreign-0", FOREIGN if founding else OWN, 1))
    unknown = it._replace(body=of(it, "fresh-unknown" if founding else "unknown-0", "nowhere" if founding else OWN, 2))
    replies = [t.by(config, tokens[role], f"{role}-{n}") for n, t in enumerate((foreign, unknown))]
    assert [(r.status, r.slug) for r in replies] == [(403, "forbidden")] * 2
    told = [{k: v for k, v in r.json.items() if k != "correlation"} for r in replies]
    assert told[0] == told[1]
    assert heads() == before


def test_an_officer_may_write_in_the_territory(config: Config, tokens: dict[str, str]) -> None:
    district, society = tokens["district-officer"], tokens["society-officer"]
    body = {"organisation": "own-new", "level": "base", "name": "Own", "district": "Kangaba"}
    assert command(config, "membership", "found-organisation", district, body, "own-new").status == 201
    assert command(config, "membership", "rename-organisation", district, {"organisation": "own-1", "name": "A"}, "own-1").status == 201
    assert command(config, "membership", "rename-organisation", society, {"organisation": "own-0", "name": "B"}, "own-0").status == 201
    assert command(config, "membership", "rename-organisation", society, {"organisation": "own-1", "name": "C"}, "own-1-c").status == 403


def test_a_buyer_may_write_as_its_actor_and_as_nobody_else(config: Config, heads: Heads, tokens: dict[str, str]) -> None:
    body = {"contract": "matrix", "seller": "foreign-0", "buyer": "own-0"}
    before = heads()
    refused = [command(config, "gold_trade", "agree-contract", tokens["refinery"], {**body, "buyer": other}, other) for other in ("foreign-1", "unknown-1")]
    assert [(r.status, r.json["detail"]) for r in refused] == [(403, "outside your territory")] * 2 and heads() == before
    assert command(config, "gold_trade", "agree-contract", tokens["refinery"], body, "own-0").status == 201


def test_figures_are_not_cut_to_who_is_bound_to_an_actor(config: Config, tokens: dict[str, str]) -> None:
    """A buyer sees what anybody sees who may see no single person and no lot."""
    scopes = {name: ROLES[name].scopes & {"figures:read", "people:read", "lots:read"} for name in ("refinery", "trainer")}
    assert scopes["refinery"] == scopes["trainer"]
    arrived(config, "gold_trade", "membership")
    many = ("standings/organisations", "completeness/organisations?level=base&what=number&recorded=no", "members?by=organisation", "growth", "districts")
    tables = [it.path for it in TRIES if it.scope == "figures:read" and it.path.startswith("/reporting/v1/tables/")]
    for path in (*tables, *(f"/reporting/v1/tables/{query}" for query in many), "/membership/v1/organisations"):
        mine, anybody = (get(config, path, tokens[role]) for role in ("refinery", "trainer"))
        assert mine.status == anybody.status == 200, path
        assert {k: v for k, v in mine.json.items() if k != "feeds"} == {k: v for k, v in anybody.json.items() if k != "feeds"}, path
    assert len(get(config, f"/reporting/v1/tables/{many[1]}", tokens["refinery"]).json["rows"]) >= 4


def arrived(config: Config, *services: str) -> list[Any]:
    """The events of the last of these services; what each has written so far is in reporting's tables."""
    for name in services:
        feed: list[Any] = get(config, f"/{name}/v1/feed", bearer(config, "service")).json
        for path in ("findings", "tables/districts", "tables/growth"):
            assert get(config, f"/reporting/v1/{path}?min_position={name}:{feed[-1]['position']}", bearer(config, "auditor")).status == 200
    return feed


def event_ids(config: Config) -> dict[str, str]:
    """Of each organisation, and of a count of each district, an event that names it; of the country, one that names neither."""
    found = {}
    for cloud in arrived(config, "membership"):
        data = cloud["data"]["data"]
        found[data.get("organisation") or f"count:{data.get('district', 'country')}"] = cloud["data"]["id"]
    return found


def test_an_event_is_seen_where_it_lies_and_is_unknown_elsewhere(config: Config, tokens: dict[str, str]) -> None:
    ids = event_ids(config)
    sees = {"district-officer": {"own-0", "own-1", f"count:{OWN}"}, "society-officer": {"own-0"}, "auditor": {*ids}}
    wanted = {"own-0", "own-1", "foreign-0", f"count:{OWN}", f"count:{FOREIGN}", "count:country", "cnscom"}
    for role, own in sees.items():
        for name in wanted:
            reply = get(config, f"/reporting/v1/events/{ids[name]}", tokens[role])
            assert (reply.status == 200) == (name in own), (role, name)
            if reply.status != 200:
                unknown = get(config, f"/reporting/v1/events/{UNKNOWN}", tokens[role])
                assert [reply.status, reply.json["detail"].replace(ids[name], "")] == [404, unknown.json["detail"].replace(UNKNOWN, "")]


def test_an_event_that_names_no_district_lies_where_its_organisation_is(config: Config, tokens: dict[str, str]) -> None:
    """A renaming; and after a move it is the new district's."""
    loader = bearer(config, "loader")
    body = {"organisation": "mover", "level": "base", "name": "M", "district": "Kéniéba", "occurred_on": "2024-01-01"}
    command(config, "membership", "found-organisation", loader, body, "mover-1")
    renamed = command(config, "membership", "rename-organisation", loader, {"organisation": "mover", "name": "M2"}, "mover-2").json
    path = f"/reporting/v1/events/{renamed['events'][0]['id']}"
    seen = f"{path}?min_position=membership:{renamed['position']}"
    assert (get(config, seen, tokens["auditor"]).status, get(config, path, tokens["district-officer"]).status) == (200, 404)
    away = {"organisation": "mover", "district": "Kangaba", "occurred_on": "2024-06-01"}
    moved = command(config, "membership", "move-organisation", loader, away, "mover-3").json
    assert get(config, f"{path}?min_position=membership:{moved['position']}", tokens["district-officer"]).status == 200


def test_a_list_of_events_keeps_to_the_territory(config: Config, tokens: dict[str, str]) -> None:
    def behind(district: str, role: str) -> Reply:
        return get(config, f"/reporting/v1/tables/districts/events?column=base&district={district}", tokens[role])

    everything = behind(OWN, "auditor").json["events"]
    assert behind(OWN, "district-officer").json["events"] == everything and len(everything) >= 2
    foreign, unknown = behind(FOREIGN, "district-officer"), behind("nowhere", "district-officer")
    assert (foreign.status, unknown.status) == (404, 404)
    assert foreign.json["detail"].replace(FOREIGN, "") == unknown.json["detail"].replace("nowhere", "") == "no district ''"
    assert len(behind(OWN, "society-officer").json["events"]) == 1
    assert behind(FOREIGN, "society-officer").json["events"] == behind("nowhere", "society-officer").json["events"] == []


def test_a_secret_of_another_s_webhook_is_as_unknown(config: Config) -> None:
    chamber, other = bearer(config, "chamber"), bearer(config, "chamber", subject="another-chamber")
    body = {"webhook": "mine", "url": "http://127.0.0.1:9/x", "events": ["membership.*"]}
    assert command(config, "reporting", "register-webhook", chamber, body, "mine").status == 201
    foreign, unknown = (get(config, f"/reporting/v1/webhooks/{name}/secret", other) for name in ("mine", "none"))
    assert get(config, "/reporting/v1/webhooks/mine/secret", chamber).status == 200
    assert (foreign.status, foreign.json["detail"].replace("mine", "")) == (unknown.status, unknown.json["detail"].replace("none", ""))
    assert foreign.status == 404


def test_the_matrix_is_whole() -> None:
    """Every role and scope of the table is tried, and the table has no scope that nobody or nothing needs."""
    asked = {it.scope for it in TRIES} - {access.OPEN}
    held = set().union(*(role.scopes for role in ROLES.values()))
    assert asked == held
    assert auth.SERVICE in ROLES
    assert {it.service for it in TRIES} == set(DOCUMENTED)
    assert all(import_module(f"services.{service}.application").DEFINITION.commands for service in SERVICES)
