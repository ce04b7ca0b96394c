"""The events of training, by stored name."""

ACTIVITY_RECORDED = "training.ActivityRecorded"        # activity, title, kind, role, topics?, places?, partners?, figures?
NEED_RECORDED = "training.NeedRecorded"                # organisation, topic, basis
LOG_OPENED = "training.LogOpened"
EPOCH_STARTED = "training.EpochStarted"                  # head, digest, by, decision: what came behind may be lost
DEAD_LETTER_DISCARDED = "training.DeadLetterDiscarded"   # source, refused_at, why, sha256, decision, by
SENDING_ATTEMPTED = "training.SendingAttempted"        # port, cause, attempt
SENDING_DELIVERED = "training.SendingDelivered"        # port, receipt
SENDING_FAILED = "training.SendingFailed"              # port, why

ALL = frozenset(v for k, v in list(globals().items()) if k.isupper() and isinstance(v, str))
