"""An office that tells membership of miners over HTTP, and asks membership and reporting what became of it."""
import itertools
from collections.abc import Sequence
from typing import Any

from installation.verify import verify
from shared.rebuild import rebuild
from tests.stranger import Reply, bearer, command, get, send
from tests.world import OneProcess

_numbers = itertools.count(1)


class Office:
    def __init__(self, world: OneProcess, role: str = "secretariat", territory: Sequence[str] = (), before: "Office | None" = None) -> None:
        """`before`: another office, which it has heard of."""
        self.world, self.config = world, world.config
        self.token = bearer(world.config, role, territory, subject=f"a-{role}-{'-'.join(territory).replace(':', '-')}")
        self.position = before.position if before else "0"
        self.asked: dict[str, None] = {}

    def tries(self, name: str, key: str = "", /, **body: Any) -> Reply:
        reply = command(self.config, "membership", name, self.token, body, key or f"{name}-{next(_numbers)}")
        if reply.status in (200, 201) and reply.json["position"] != "0":
            self.position = reply.json["position"]
        return reply

    def says(self, name: str, /, **body: Any) -> list[dict[str, Any]]:
        """The events that the command made."""
        reply = self.tries(name, **body)
        assert reply.status == 201, (name, reply.body)
        return list(reply.json["events"])

    def is_refused(self, status: int, field: str, name: str, /, **body: Any) -> Any:
        reply = self.tries(name, **body)
        assert (reply.status, reply.json.get("field", "")) == (status, field), reply.body
        return reply.json

    def gets(self, path: str) -> Reply:
        """With everything seen that the office was told is recorded."""
        seen = f"{'&' if '?' in path else '?'}min_position=membership:{self.position}"
        return get(self.config, path + seen, self.token)

    def asks(self, path: str) -> Any:
        reply = self.gets(path)
        assert reply.status == 200, reply.body
        self.asked[path] = None
        return {k: v for k, v in reply.json.items() if k != "feeds"}

    def searches(self, **what: str) -> list[str]:
        reply = send(self.config, "POST", f"/membership/v1/miners/search?min_position=membership:{self.position}", self.token, what)
        assert reply.status == 200, reply.body
        return [line["miner"] for line in reply.json["miners"]]

    def reads(self, miner: str, *fields: str) -> Reply:
        body = {"fields": list(fields or ("name",)), "purpose": "verification of the list"}
        return send(self.config, "POST", f"/membership/v1/miners/{miner}/identity", self.token, body)

    def members(self, organisation: str, as_of: str) -> int:
        """How many reporting counts."""
        rows = self.asks(f"/reporting/v1/tables/members?by=organisation&as_of={as_of}")["rows"]
        return int(next((row["count"] for row in rows if row["organisation"] == organisation), 0))

    def again_after_a_rebuild(self) -> None:
        """Whatever was asked is answered the same from views and processes that were filled anew, and every chain is whole."""
        with self.world.books() as books:
            books.everything_arrived()
            before = {path: self.asks(path) for path in self.asked}
            for service in ("membership", "reporting"):
                rebuild(books.services[service].projections)
            books.everything_arrived()
        assert {path: self.asks(path) for path in self.asked} == before
        assert verify(self.world.direct).faults == []
