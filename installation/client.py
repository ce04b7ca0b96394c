"""A client of the installation's HTTP interface, as any other program would be one."""
import json
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from typing import Any

from shared import auth
from shared.config import Config
from shared.errors import Unavailable
from shared.signing import Signer


class Refused(Exception):
    """A problem document: `status` and `problem`."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status}: {problem.get('detail') or problem.get('title')}")
        self.status, self.problem = status, problem


class Client:
    """One connection per service, kept open."""

    def __init__(self, config: Config, subject: str, role: str, territory: Sequence[str] = ()) -> None:
        self.config = config
        self._token = auth.issue(Signer.open(config, auth.INSTALLATION), subject=subject, role=role, territory=territory, seconds=24 * 3600)
        self._connections: dict[str, HTTPConnection] = {}

    def command(self, service: str, name: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Raises Refused with the problem, Unavailable when nobody answers."""
        return self.request("POST", service, f"/{service}/v1/commands/{name}", body, {"Idempotency-Key": key})

    def hang_up(self) -> None:
        """Ends the kept connections; the next request makes a new one."""
        while self._connections:
            self._connections.popitem()[1].close()

    def get(self, service: str, path: str) -> dict[str, Any]:
        return self.request("GET", service, path)

    def request(self, method: str, service: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
        sent = {"Authorization": f"Bearer {self._token}", **({"Content-Type": "application/json"} if body is not None else {}), **(headers or {})}
        data = json.dumps(body).encode() if body is not None else None
        for last in (False, True):
            connection = self._connections.setdefault(service, HTTPConnection(self.config.host, self.config.port_of(service), timeout=30))
            try:
                connection.request(method, path, data, sent)
                answer = connection.getresponse()
                content = answer.read()
                break
            except (OSError, HTTPException) as e:      # a kept connection may have ended; the key makes a repeat harmless
                connection.close()
                if last:
                    raise Unavailable(f"{service} does not answer on port {self.config.port_of(service)}: {e!r}") from e
        result: dict[str, Any] = json.loads(content) if content else {}
        if answer.status >= 400:
            raise Refused(answer.status, result)
        return result
