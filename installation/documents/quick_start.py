"""Three lines of shell that a stranger can run against the demo: a token, a command, a query."""
import json
import re
import shlex
from typing import Any

from services.training.requests import RecordNeed
from shared.config import Config

_HOST = re.compile(r"[A-Za-z0-9.-]{1,100}(?::[0-9]{1,5})?|\[[0-9a-f:]{2,45}\](?::[0-9]{1,5})?")


def lines(config: Config, request: Any) -> list[str]:
    """Addressed as the reader's own browser reached us, where all services are at one address."""
    host = request.host if config.embedded and _HOST.fullmatch(request.host) else ""
    training, reporting = (f"http://{host}" if host else config.url(service) for service in ("training", "reporting"))
    body = shlex.quote(json.dumps(dict(RecordNeed.example), ensure_ascii=False))
    return [
        "TOKEN=$(./sanu token --role secretariat)",
        f'curl -sS -X POST {training}/training/v1/commands/record-need -H "Authorization: Bearer $TOKEN" '
        f"-H 'Content-Type: application/json' -H 'Idempotency-Key: exemple-1' -d {body}",
        f'curl -sS "{reporting}/reporting/v1/tables/districts?as_of=2024-11-30" -H "Authorization: Bearer $TOKEN"']
