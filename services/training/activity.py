"""An activity, recorded once under the id of its source."""
from dataclasses import asdict

from shared.application import Histories, New
from shared.errors import Conflict

from . import events
from .commands import RecordActivity

KINDS = ("training", "training_of_trainers", "coaching", "awareness_campaign", "advocacy", "workshop", "conference", "round_table", "forum",
         "survey", "mission_received", "mission_sent", "kit_distribution", "restoration_campaign", "constitution_support", "business_plan",
         "tool_design", "representation", "insurance", "meeting")
ROLES = ("organised", "participated", "supported", "received", "conceived", "unclear")


def stream(activity: str) -> str:
    return f"activity/{activity}"


def streams(command: RecordActivity) -> list[str]:
    return [stream(command.activity)]


def decide(histories: Histories, command: RecordActivity) -> list[New]:
    if histories[stream(command.activity)]:
        raise Conflict(f"activity '{command.activity}' is recorded already", field="activity")
    data = {k: v for k, v in asdict(command).items() if k != "occurred_on" and v not in ((), [], None)}
    return [New(stream(command.activity), events.ACTIVITY_RECORDED, data)]
