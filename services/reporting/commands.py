"""What one may ask of reporting: to be told of events as they happen."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.auth import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class OnWebhook:
    """`webhook` is a name among those of its owner, the caller."""

    webhook: str
    caller: Caller
    occurred_on: str = ""
    source: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterWebhook(OnWebhook):
    """`events` are names, or beginnings of names with a star."""

    url: str
    events: Sequence[str]
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyWebhook(OnWebhook):
    """`challenge` is what was sent to the URL."""

    challenge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableWebhook(OnWebhook):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableWebhook(OnWebhook):
    """Goes on behind the last delivered event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWebhookUrl(OnWebhook):
    """Cursor and secret stay; the new address is asked for a challenge before it is told anything."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveWebhook(OnWebhook):
    """Address and secrets are forgotten; the name is free again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateWebhookSecret(OnWebhook):
    """The old secret signs beside the new one for a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayWebhook(OnWebhook):
    """Sends again what stands behind the position `after` of reporting's log."""

    after: str
