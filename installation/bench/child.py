"""What has to be measured in a process of its own: python -m installation.bench.child WHAT, with SANU_… set; prints JSON."""
import json
import sys
from pathlib import Path
from typing import Any


def memory() -> dict[str, Any]:
    """Peak resident size of a rebuild of all of reporting's views."""
    from services.reporting.application import open_service
    from shared import config as configuration
    from shared.projection import rebuild
    service = open_service(configuration.from_environment())
    service.prepare()
    before = _peak()
    rebuild(service.views)
    service.close()
    return {"mib": _peak(), "before": before}


def _peak() -> float:
    """MiB. Not getrusage's ru_maxrss, which a child starts with its parent's."""
    status = Path("/proc/self/status").read_text()
    return round(int(status.partition("VmHWM:")[2].split()[0]) / 1024, 1)


if __name__ == "__main__":
    print(json.dumps({"memory": memory}[sys.argv[1]](*sys.argv[2:])))
