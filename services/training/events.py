"""The events of training, by stored name."""

ACTIVITY_RECORDED = "training.ActivityRecorded"        # activity, title, kind, role, topics?, places?, partners?, figures?
NEED_RECORDED = "training.NeedRecorded"                # organisation, topic, basis
LOG_OPENED = "training.LogOpened"
SENDING_ATTEMPTED = "training.SendingAttempted"        # port, cause, attempt
SENDING_DELIVERED = "training.SendingDelivered"        # port, receipt
SENDING_FAILED = "training.SendingFailed"              # port, why

ALL = frozenset(v for k, v in list(globals().items()) if k.isupper() and isinstance(v, str))
