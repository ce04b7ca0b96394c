"""The events of gold_trade, by stored name."""

ACTOR_REGISTERED = "gold_trade.ActorRegistered"        # actor, kind, name, agreement?
LOG_OPENED = "gold_trade.LogOpened"
EPOCH_STARTED = "gold_trade.EpochStarted"                  # head, digest, by, decision: what came behind may be lost
DEAD_LETTER_DISCARDED = "gold_trade.DeadLetterDiscarded"   # source, refused_at, why, sha256, decision, by

ALL = frozenset(v for k, v in list(globals().items()) if k.isupper() and isinstance(v, str))
