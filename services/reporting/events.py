"""The events of reporting, by stored name: it decides nothing but what to leave out of its own views."""

LOG_OPENED = "reporting.LogOpened"
VIEW_EVENT_SKIPPED = "reporting.ViewEventSkipped"      # view, stream, version, name, why, decision, by

ALL = frozenset(v for k, v in list(globals().items()) if k.isupper() and isinstance(v, str))
