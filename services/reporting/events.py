"""The events of reporting, by stored name: it decides who is told of others' events, and what to leave out of its own views."""

LOG_OPENED = "reporting.LogOpened"
EPOCH_STARTED = "reporting.EpochStarted"                  # head, digest, by, decision: what came behind may be lost
DEAD_LETTER_DISCARDED = "reporting.DeadLetterDiscarded"   # source, refused_at, why, sha256, decision, by
VIEW_EVENT_SKIPPED = "reporting.ViewEventSkipped"      # view, stream, version, name, why, decision, by
WEBHOOK_REGISTERED = "reporting.WebhookRegistered"        # webhook, url (sealed), events, own_key, description?, territory?
WEBHOOK_VERIFIED = "reporting.WebhookVerified"            # webhook, by
WEBHOOK_DISABLED = "reporting.WebhookDisabled"            # webhook, why
WEBHOOK_ENABLED = "reporting.WebhookEnabled"              # webhook
WEBHOOK_SECRET_ROTATED = "reporting.WebhookSecretRotated"  # noqa: S105 - webhook, generation, both_until
WEBHOOK_URL_CHANGED = "reporting.WebhookUrlChanged"       # webhook, url (sealed)
WEBHOOK_REMOVED = "reporting.WebhookRemoved"              # webhook
WEBHOOK_REPLAYED = "reporting.WebhookReplayed"            # webhook, after
SENDING_ATTEMPTED = "reporting.SendingAttempted"          # port, cause, attempt
SENDING_DELIVERED = "reporting.SendingDelivered"          # port, receipt: how far, and how many events
SENDING_FAILED = "reporting.SendingFailed"                # port, why, last?

ALL = frozenset(v for k, v in list(globals().items()) if k.isupper() and isinstance(v, str))
