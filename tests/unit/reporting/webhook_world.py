"""Membership and reporting with a clock of their own, and one place outside that all webhooks lead to."""
import json
from collections.abc import Mapping
from typing import Any

from services.reporting import webhook_list
from shared import event
from shared.auth import Caller
from shared.testing import Clock
from tests.peers import Together

CHAMBER = Caller(subject="chamber", role="chamber", scopes=frozenset({"webhooks:manage"}))
REFINERY = Caller(subject="marena", role="refinery", scopes=frozenset({"webhooks:manage"}), territory=frozenset({"actor:marena-gold"}))
URL = "https://mines.example.org/sanu?token=canary"
ASKED = ["membership.Organisation*", "membership.Count*", "membership.District*"]      # facts alone, without what a service concludes from them


class Endpoint:
    """In place of every line outside: keeps what was posted to it, and answers what the test says."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, bytes, dict[str, str]]] = []
        self.status, self.answers_challenge, self.down = 204, True, False
        self.urls: list[str] = []

    def __call__(self, url: str, private: bool) -> "Endpoint":
        self.urls.append(url)
        return self

    def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        if self.down:
            raise ConnectionRefusedError("line dead")
        self.posts.append((headers["webhook-id"], body, dict(headers)))
        message = json.loads(body)
        if message["type"] == "reporting.WebhookChallenge":
            return 200, message["data"]["challenge"].encode() if self.answers_challenge else b""
        return self.status, b""

    def close(self) -> None:
        pass

    @property
    def told(self) -> list[str]:
        """The organisation or declaration of every event, in order of arrival."""
        data = [json.loads(body)["data"]["data"] for _, body, _ in self.posts if json.loads(body)["type"] != "reporting.WebhookChallenge"]
        return [name for d in data if (name := d.get("organisation") or d.get("declaration") or d.get("district"))]


class World(Together):
    endpoint: Endpoint
    clock: Clock

    def ask(self, command: str, caller: Caller = CHAMBER, **body: Any) -> list[str]:
        answer = self["reporting"].handle(command, {"webhook": "counts", **body}, caller, event.new_id(), "test")
        return [e["name"] for e in answer.events]

    def register(self, caller: Caller = CHAMBER, *asked: str, **body: Any) -> None:
        self.ask("register-webhook", caller, url=URL, events=asked or ASKED, **body)
        self.settle()

    def found(self, *organisations: str, **body: Any) -> None:
        for o in organisations:
            self.command("membership", "found-organisation", organisation=o, level="union", name=o, **body)

    def shown(self, caller: Caller = CHAMBER) -> dict[str, Any]:
        (only,) = webhook_list.read(self["reporting"], caller.subject)["webhooks"]
        return dict(only)

    def log(self, *names: str) -> list[Any]:
        return [event.decode(r.state) for r in self["reporting"].log.after(0, 10_000) if r.name in names]

    def secret(self) -> dict[str, Any]:
        return webhook_list.secret(self["reporting"], "chamber", "counts")
