"""A stranger's program at the door of a demo that serves: requests with any role, territory and header, and what came back."""
import http.client
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from shared import auth
from shared.config import Config
from shared.signing import Signer
from tests.clients import report
from tests.world import one_process


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def slug(self) -> str:
        """What kind of problem it is; '' for none."""
        return str(self.json["type"]).rpartition("#")[2] if self.headers.get("content-type") == "application/problem+json" else ""


@contextmanager
def demo(var: Path, loaded: bool = True, **settings: Any) -> Iterator[Config]:
    """The report's facts loaded, unless they are not wanted; everything arrived."""
    with one_process(var, **settings) as world:
        if loaded:
            report(world.config, world.client(), [])
        with world.books() as books:
            books.everything_arrived()
        yield world.config


def bearer(config: Config, role: str, territory: Sequence[str] = (), subject: str = "", seconds: int = 600) -> str:
    """Of a service's own key where the role is a service's."""
    owner = "training" if role == auth.SERVICE else auth.INSTALLATION
    return auth.issue(Signer.open(config, owner), subject=subject or (owner if role == auth.SERVICE else f"a-{role}"), role=role,
                      territory=territory, seconds=seconds)


def send(config: Config, method: str, path: str, token: str = "", body: Any = None, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    if body is not None:
        sent.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection(config.host, config.port, timeout=20)
    try:
        connection.request(method, path, json.dumps(body).encode() if body is not None else None, sent)
        answer = connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def command(config: Config, service: str, name: str, token: str, body: Any, key: str, **headers: str) -> Reply:
    return send(config, "POST", f"/{service}/v1/commands/{name}", token, body, Idempotency_Key=key, **headers)


def get(config: Config, path: str, token: str = "", **headers: str) -> Reply:
    return send(config, "GET", path, token, **headers)
