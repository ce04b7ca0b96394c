"""`./sanu export`: a service's feed as lines of JSON, so that anybody can keep it and recompute its chain."""
import sys

from installation.catalogue import open_service
from installation.upkeep import must_exist
from shared import feed
from shared.config import Config


def export(config: Config, name: str, after: int) -> int:
    """Writes one CloudEvent a line to stdout; how many. deploy/check_export.py checks such a file."""
    must_exist(config)
    service = open_service(config, name)
    count = 0
    try:
        while items := service.chain.read(after, feed.PAGE):
            for item in items:
                sys.stdout.buffer.write(feed.encode(name, [item])[1:-1] + b"\n")
            after, count = items[-1].position, count + len(items)
        sys.stdout.buffer.flush()
    finally:
        service.close()
    return count
