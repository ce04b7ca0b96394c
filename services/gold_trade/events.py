"""The events of gold_trade, by stored name."""

ACTOR_REGISTERED = "gold_trade.ActorRegistered"        # actor, kind, name, agreement?
LOG_OPENED = "gold_trade.LogOpened"

ALL = frozenset(v for k, v in list(globals().items()) if k.isupper() and isinstance(v, str))
