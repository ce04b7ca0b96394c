"""The condition of the whole installation: every service's own, whether it answers, the disk, and what asks for attention."""
import http.client
import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from shared import event, state
from shared.config import SERVICES, Config

from .alarms import alarms
from .catalogue import open_service

ANSWER_S = 2.0


def of(config: Config) -> dict[str, Any]:
    """Reads logs and tables itself, so that it works when nothing runs; asks every HTTP port beside."""
    with ThreadPoolExecutor(len(SERVICES)) as asking:
        answers = dict(zip(SERVICES, asking.map(lambda name: _asked(config, name), SERVICES), strict=True))
    return joined(config, {name: {**_read(config, name), **answers[name]} for name in SERVICES})


def joined(config: Config, services: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Puts together what the services say, each of itself: how far one is behind another follows from both."""
    for one in services.values():
        for source, inbox in one.get("inbox", {}).items():
            head = services[source].get("own_head")
            inbox["behind"] = max(0, int(head) - int(inbox["held"])) if head else None
    result = {"at": event.now(), "mode": "embedded" if config.embedded else "servers", "services": dict(services), "disk": disk(config)}
    return {**result, "alarms": alarms(result, config.silence_s)}


def disk(config: Config) -> dict[str, int]:
    usage = shutil.disk_usage(config.var if config.var.exists() else ".")
    return {"free_bytes": usage.free, "free_percent": round(100 * usage.free / usage.total)}


def _read(config: Config, name: str) -> dict[str, Any]:
    service = None
    try:
        service = open_service(config, name)
        return state.of(service)
    except Exception as e:              # status must answer whatever the matter is; this is what it is for
        return {"unreadable": (str(e) or type(e).__name__).splitlines()[0][:300]}
    finally:
        if service:
            service.close()


def _asked(config: Config, name: str) -> dict[str, Any]:
    """What only the running process knows: whether it answers, and whether it takes commands."""
    status, said = get(config, name, f"/{name}/health/ready")
    if status not in (200, 503) or said.get("service", name) != name:
        return {"answers": False, "read_only": None}
    return {"answers": True, "read_only": said.get("read_only")}


def get(config: Config, name: str, path: str, headers: Mapping[str, str] = {}) -> tuple[int, dict[str, Any]]:
    """Status and JSON object, (0, {}) when nobody answers in time."""
    connection = http.client.HTTPConnection(urlsplit(config.url(name)).netloc, timeout=ANSWER_S)
    try:
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        said = json.loads(answer.read())
        return answer.status, said if isinstance(said, dict) else {}
    except (OSError, http.client.HTTPException, ValueError):
        return 0, {}
    finally:
        connection.close()


