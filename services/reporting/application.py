"""Reporting put together: its views, and the webhooks that tell others."""
from collections.abc import Sequence
from functools import partial

from shared import access, event, jwks, outside, sealing
from shared.application import Histories, New
from shared.definition import CommandSpec, Definition
from shared.service import Service

from . import commands as c
from . import event_data, requests, webhook, webhook_secret
from .processes import PORT, WebhookProcess
from .projections.bars import Bars
from .projections.bookings import Bookings
from .projections.cards import Cards
from .projections.consignments import Consignments
from .projections.declarations import Declarations
from .projections.district_counts import DistrictCounts
from .projections.districts import Districts
from .projections.event_index import EventIndex
from .projections.lot_holds import LotHolds
from .projections.members import Members
from .projections.organisation_findings import OrganisationFindings
from .projections.presence import Presence
from .projections.receipts import Receipts
from .projections.records import Records
from .projections.standings import Standings
from .webhook_port import WebhookPort

BOTH_S = 24 * 3600                         # how long the old secret still signs


def _webhook(service: Service, histories: Histories, command: c.OnWebhook) -> Sequence[New]:
    if isinstance(command, c.RegisterWebhook | c.ChangeWebhookUrl):
        outside.place(command.url, service.config.webhook_private)
    stream, caller = webhook.stream(command.caller.subject, command.webhook), command.caller
    hook, role = webhook.evolve(histories[stream]), access.table().roles.get(caller.role)
    both_until = event.later(event.now(), BOTH_S)
    known = webhook.Known(
        allowed=role.events if role else (), own_key=any(k["owner"] == caller.subject for k in jwks.listed(service.config)), head=service.log.head(),
        challenge=webhook_secret.challenge(service.key_store, hook.url["subject"]) if hook else "", both_until=both_until)
    subject = webhook.address_subject(stream, histories[stream])
    return [_sealed(service, new, subject) if "url" in new.data else new for new in webhook.decide(histories, command, known)]


def _sealed(service: Service, new: New, subject: str) -> New:
    """An address is often a key to what stands behind it: only the owner and the port may read it."""
    id_ = event.new_id()
    url = sealing.seal(service.key_store, subject, webhook_secret.KIND, "url", id_, new.data["url"])
    return New(new.stream, new.name, {**new.data, "url": url}, id=id_)


def _spec(name: str) -> CommandSpec:
    schema, make = requests.BY_NAME[name]
    return CommandSpec(schema=schema, make=make, streams=webhook.streams, decide=_webhook, by_caller=True,
                       touches=lambda histories, command: command.caller.territory)      # what it is told is cut to the territory


DEFINITION = Definition(
    name="reporting", fr="Chaque chiffre à toute date, avec les événements derrière lui ; et les webhooks.",
    en="Every figure at any date, with the events behind it; and the webhooks.", events=event_data.BY_NAME,
    commands={name: _spec(name) for name in requests.BY_NAME},
    views=(Districts, Declarations, Presence, DistrictCounts, EventIndex, Members, Cards, Records, OrganisationFindings, Standings,
           Receipts, Bookings, LotHolds, Bars, Consignments),
    processes=(WebhookProcess,), ports={PORT: WebhookPort})
open_service = partial(Service, definition=DEFINITION)
