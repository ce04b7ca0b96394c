"""HTTP body -> command: one schema per command, by the command's name in the URL."""
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from shared.requests import CommandSchema, slug, text

from . import commands as c
from .event_patterns import PATTERN


class OnWebhook(CommandSchema):
    webhook = slug(required=True)


class RegisterWebhook(OnWebhook):
    fr, en = "Enregistrer un webhook", "Register a webhook"
    example: ClassVar = {"webhook": "exemple", "url": "https://example.org/sanu", "events": ["membership.Count*"], "description": "nombres déclarés"}

    url = text(500, required=True)
    events = fields.List(fields.String(validate=validate.Regexp(PATTERN, error="a name such as membership.CountDeclared, or membership.*")),
                         required=True, validate=validate.Length(1, 50))
    description = text(300)


class VerifyWebhook(OnWebhook):
    fr, en = "Rendre le défi reçu à l'adresse", "Give back the challenge that the address received"
    example: ClassVar = {"webhook": "exemple", "challenge": "reçu"}

    challenge = text(100, required=True)


class DisableWebhook(OnWebhook):
    fr, en = "Arrêter un webhook", "Disable a webhook"
    example: ClassVar = {"webhook": "exemple"}


class EnableWebhook(OnWebhook):
    fr, en = "Remettre un webhook en marche", "Enable a webhook"
    example: ClassVar = {"webhook": "exemple"}


class ChangeWebhookUrl(OnWebhook):
    fr, en = "Changer l'adresse d'un webhook ; elle sera vérifiée de nouveau", "Change a webhook's address; it is verified again"
    example: ClassVar = {"webhook": "exemple", "url": "https://example.org/sanu-2"}

    url = text(500, required=True)


class RemoveWebhook(OnWebhook):
    fr, en = "Supprimer un webhook ; son adresse et ses secrets sont oubliés", "Remove a webhook; its address and secrets are forgotten"
    example: ClassVar = {"webhook": "exemple"}


class RotateWebhookSecret(OnWebhook):
    fr, en = "Changer le secret d'un webhook ; l'ancien signe encore un jour", "Change a webhook's secret; the old one signs for a day more"
    example: ClassVar = {"webhook": "exemple"}


class ReplayWebhook(OnWebhook):
    fr, en = "Renvoyer tout depuis une position", "Send again everything behind a position"
    example: ClassVar = {"webhook": "exemple", "after": "0"}

    after = fields.String(required=True, validate=validate.Regexp(r"[0-9]{1,18}\Z", error="a position: digits in a string"))


BY_NAME: dict[str, tuple[type[Schema], Any]] = {
    "register-webhook": (RegisterWebhook, c.RegisterWebhook),
    "verify-webhook": (VerifyWebhook, c.VerifyWebhook),
    "disable-webhook": (DisableWebhook, c.DisableWebhook),
    "enable-webhook": (EnableWebhook, c.EnableWebhook),
    "rotate-webhook-secret": (RotateWebhookSecret, c.RotateWebhookSecret),
    "replay-webhook": (ReplayWebhook, c.ReplayWebhook),
    "change-webhook-url": (ChangeWebhookUrl, c.ChangeWebhookUrl),
    "remove-webhook": (RemoveWebhook, c.RemoveWebhook),
}
