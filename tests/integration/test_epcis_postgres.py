"""EPCIS on PostgreSQL: the same log is told to everybody, and found by every parameter, as it is on SQLite."""
from pathlib import Path
from typing import Any

from services.gold_trade.application import open_service
from services.gold_trade.epcis import query
from services.gold_trade.epcis.parameters import PARAMS
from shared import auth, event, service
from shared.config import Config
from shared.log import stored
from shared.rebuild import rebuild
from shared.service import Service
from shared.testing import OFFICER, AllScopes
from tests.integration.test_epcis import tell
from tests.peers import Together

COMPTOIR = auth.Caller(subject="c", role="collector", scopes=AllScopes(), territory=frozenset({"actor:comptoir", "actor:other"}))
ASKED: list[dict[str, str]] = [
    {}, {"perPage": "5"}, {"EQ_eventID": "urn:uuid:11111111-0000-4000-8000-000000000001"}, {"EQ_bizStep": "commissioning|receiving", "EQ_action": "ADD"},
    {"GE_eventTime": "2024-11-03T00:00:00Z", "LT_recordTime": "2999-01-01T00:00:00Z"}, {"MATCH_anyEPC": "urn:x-sanu:parcel:p1|urn:x-sanu:bar:MG-0001"},
    {"MATCH_inputEPCClass": "urn:x-sanu:lot:r1"}, {"EQ_source_possessing_party": "urn:x-sanu:party:comptoir"}, {"EXISTS_errorDeclaration": ""},
    {"EQ_bizTransaction_desadv": "urn:x-sanu:handover:h1"}, {"GE_errorDeclarationTime": "2024-01-01T00:00:00Z"}, {"EQ_errorReason": "did_not_occur"},
    {"EQ_transformationID": "urn:x-sanu:transformation:t1|urn:x-sanu:lot:x"}, {"EQ_transformationID": "x"},
    *({"perPage": "4", "orderBy": order, "orderDirection": direction} for order in ("eventTime", "recordTime") for direction in ("ASC", "DESC"))]


def answers(gold: Service) -> list[list[Any]]:
    """Every page of each question, by the secretariat and by a party."""
    return [pages(gold, asked, caller) for asked in ASKED for caller in (OFFICER, COMPTOIR)]


def pages(gold: Service, asked: dict[str, str], caller: auth.Caller) -> list[Any]:
    seen, token = [], "0"
    while token:
        given = asked | {"nextPageToken": token}
        document, token = query.read(gold, {p.name: p.read(given[p.name], p.name) if p.name in given else p.absent() for p in PARAMS}, caller)
        seen.append(document["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
    return seen


def test_x9_partners_are_told_the_same_from_postgresql(database: str, tmp_path: Path) -> None:
    with Together(tmp_path / "sqlite", open_service) as world:
        tell(world)
        world.fold()
        expected, log = answers(world["gold_trade"]), world["gold_trade"].log.after(0, 10_000)
    config = Config(var=tmp_path / "postgres", database=database)
    service.migrate(config, ["gold_trade"])
    gold = open_service(config)
    try:
        gold.prepare()
        for row in log:
            if row.stream != "log":
                gold.log.append([stored(event.decode(row.state))])
        view = gold.view("physical")
        view.page = 7
        while view.step():
            pass
        assert answers(gold) == expected and sum(map(len, expected[0])) >= 25
        rebuild([view], page=3)
        assert answers(gold) == expected
    finally:
        gold.close()
