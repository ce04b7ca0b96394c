"""training at the edge: nameko classes that parse, call and answer."""
from shared.config import SERVICES
from shared.edge.api import service_api, service_inbox

NAME = "training"


class Api(service_api(NAME)):  # type: ignore[misc]
    name = "training_api"


Inbox = service_inbox(NAME, [s for s in SERVICES if s != NAME])
