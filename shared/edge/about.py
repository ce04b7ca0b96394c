"""What the addresses that every service has are for."""
from shared.answers import Alive, CommandAnswer, FeedEvent, Health
from shared.config import SERVICES
from shared.errors import Conflict, NotFound, PreconditionFailed, StorageFull, TooLarge, Unprocessable, Unsupported
from shared.route import AFTER, LIMIT, About, Param

CLOUDEVENTS = "application/cloudevents-batch+json"
PAGE = {"type": "array", "items": FeedEvent}

COMMAND = About(fr="Commande", en="Command", answer=CommandAnswer,
                errors=(NotFound, Conflict, PreconditionFailed, TooLarge, Unsupported, Unprocessable, StorageFull))
FEED = About(fr="Le journal du service, en ordre et enchaîné, pour les autres services", en="The service's log, in order and chained, for the other services",
             params=(AFTER, LIMIT), answer=PAGE, kind=CLOUDEVENTS, conditional=True, paged=True, limited=False)
RECEIVED = About(fr="Ce que ce service tient du journal d'un autre", en="What this service holds of another's log",
                 path=(Param(name="source", fr="Nom de l'autre service", en="The other service's name",
                             schema={"type": "string", "pattern": "^[a-z_]{1,40}$"}, example=SERVICES[1]),), params=(AFTER, LIMIT),
                 answer=PAGE, kind=CLOUDEVENTS, errors=(NotFound,), conditional=True, paged=True, limited=False)
LIVE = About(fr="Le processus répond", en="The process answers", answer=Alive, limited=False)
READY = About(fr="Le service travaille, et rien n'est arrêté", en="The service works, and nothing stands still", answer=Health, limited=False)
OPENAPI = About(fr="Ce document", en="This document", answer={"type": "object"}, conditional=True)
ASYNCAPI = About(fr="Ce que ce service publie, en AsyncAPI", en="What this service publishes, as AsyncAPI", answer={"type": "object"}, conditional=True)
