"""What the events of reporting say: the shape of each one's data."""
from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from shared import told
from shared.told import Moment, Position, Sealed, Slug

from . import events


class OnWebhook(TypedDict):
    webhook: Slug


class WebhookRegistered(OnWebhook):
    """Its address is sealed: an address is often a key to what stands behind it."""

    url: Sealed
    events: Annotated[list[str], Meta(description="names of events, or beginnings of names with a star")]
    own_key: Annotated[bool, Meta(description="registered with a token that a key of the owner's own signed")]
    description: NotRequired[str]
    territory: NotRequired[list[str]]


class WebhookVerified(OnWebhook):
    by: str


class WebhookDisabled(OnWebhook):
    why: str


class WebhookUrlChanged(OnWebhook):
    """To be verified again."""

    url: Sealed


class WebhookSecretRotated(OnWebhook):
    """Until `both_until` the secret before it signs too."""

    generation: int
    both_until: Moment


class WebhookReplayed(OnWebhook):
    """What stands behind `after` is sent again."""

    after: Position


BY_NAME: dict[str, type] = {
    events.WEBHOOK_REGISTERED: WebhookRegistered, events.WEBHOOK_VERIFIED: WebhookVerified, events.WEBHOOK_DISABLED: WebhookDisabled,
    events.WEBHOOK_ENABLED: OnWebhook, events.WEBHOOK_SECRET_ROTATED: WebhookSecretRotated, events.WEBHOOK_REPLAYED: WebhookReplayed,
    events.WEBHOOK_URL_CHANGED: WebhookUrlChanged, events.WEBHOOK_REMOVED: OnWebhook,
    **told.by_name("reporting", told.LOG, told.VIEWS, told.SENDINGS)}
