"""The other side of http: nameko's @http under eventlet, with psycopg waiting green; one load and one save per request."""
import json
from typing import Any
from uuid import UUID

from eventlet.patcher import is_monkey_patched
from eventsourcing.domain import Aggregate
from eventsourcing.domain import event as aggregate_event
from nameko.runners import ServiceRunner
from nameko.web.handlers import http

from shared import config as configuration
from shared import event

from . import stock

WORKERS = 64
DISTRICT = "kangaba"


class Society(Aggregate):
    """One event, its founding, with the content that ours has; a district is one too."""

    @staticmethod
    def create_id(name: str) -> UUID:
        return stock.identity(name)

    @aggregate_event("Founded")
    def __init__(self, name: str, content: dict[str, Any]) -> None:
        self.name, self.content = name, content


def serve(port: int) -> None:
    """Until it is killed."""
    if not is_monkey_patched("socket"):
        raise RuntimeError("the stock side needs its green wait too")
    database = configuration.from_environment().database
    application = stock.Organisations(env=stock.environment(database, POSTGRES_POOL_SIZE=str(WORKERS), POSTGRES_MAX_OVERFLOW="0"))
    application.save(Society(name=DISTRICT, content={"kind": "district", "place": DISTRICT}))

    class Societies:
        name = "societies"

        @http("POST", "/societies")
        def found(self, request: Any) -> tuple[int, str]:
            body = json.loads(request.get_data())
            district: Any = application.repository.get(stock.identity(body["district"].lower()))
            data = {k: v for k, v in body.items() if k not in stock.CONTENT} | {"district": district.content["place"]}
            counts = [{"district": data["district"], "level": body["level"], "from": body["occurred_on"], "delta": 1}]
            society = Society(name=body["organisation"], content={
                "actor": {"subject": "bench", "role": "loader"}, "correlation": event.new_id(),
                **{k: v for k, v in body.items() if k in stock.CONTENT}, "data": {**data, "counts": counts}})
            recorded = application.save(society)
            return 201, json.dumps({"id": str(society.id), "version": society.version, "position": str(recorded[-1].notification.id)})

    runner = ServiceRunner({"AMQP_URI": "unused", "WEB_SERVER_ADDRESS": f"127.0.0.1:{port}", "max_workers": WORKERS})
    runner.add_service(Societies)
    runner.start()
    print("ready", flush=True)
    runner.wait()
