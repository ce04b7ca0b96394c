"""A training need: one per organisation and topic, however often it is noticed."""
from shared.application import Histories, New

from . import events
from .commands import RecordNeed


def stream(organisation: str, topic: str) -> str:
    return f"need/{organisation}/{topic}"


def streams(command: RecordNeed) -> list[str]:
    return [stream(command.organisation, command.topic)]


def decide(histories: Histories, command: RecordNeed) -> list[New]:
    key = stream(command.organisation, command.topic)
    if histories[key]:
        return []
    return [New(key, events.NEED_RECORDED, {"organisation": command.organisation, "topic": command.topic, "basis": command.basis,
                                            "source": command.source})]
