"""A webhook: registered by a client, verified at its URL, then told of events until its owner or a day of failure ends it."""
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from shared.application import Histories, New
from shared.errors import BadRequest, Conflict, Forbidden, NotFound, Unprocessable
from shared.event import Event

from . import commands as c
from . import event_patterns, events


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """`url` is sealed. The signing secret of the `generation` before counts until `both_until`.

    Generations go on across a removal: what was forgotten is never made again.
    """

    stream: str
    id: str
    owner: str
    role: str
    territory: frozenset[str]
    own_key: bool                     # the owner signed with a registered key of its own
    url: Mapping[str, str]
    sealed_in: str                    # the id of the event that holds it
    events: tuple[str, ...]
    description: str = ""
    verified: bool = False
    disabled: str = ""                # why
    generation: int = 1
    both_until: str = ""

    @property
    def state(self) -> str:
        return "disabled" if self.disabled else "active" if self.verified else "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a decision about a webhook needs to know from elsewhere."""

    allowed: Sequence[str]            # patterns of the events that the caller's role may be told
    own_key: bool
    challenge: str                    # what was sent to the URL
    head: int                         # of the log
    both_until: str                   # a day from now


def stream(owner: str, webhook: str) -> str:
    """Names are each owner's own: nobody learns by a conflict what others call theirs."""
    return f"webhook/{quote(owner, safe='')}/{webhook}"


def address_subject(stream: str, history: Sequence[Event]) -> str:
    """What the next address is sealed under: each has a key of its own, so that it can be forgotten by itself."""
    before = sum(e.name in (events.WEBHOOK_REGISTERED, events.WEBHOOK_URL_CHANGED) for e in history)
    return f"{stream}~{before}" if before else stream


def streams(command: c.OnWebhook) -> list[str]:
    return [stream(command.caller.subject, command.webhook)]


def evolve(history: Sequence[Event]) -> Webhook | None:
    state: dict[str, Any] = {}
    generation = 0
    for e in history:
        match e.name:
            case events.WEBHOOK_REGISTERED:
                generation += 1
                state = {"stream": e.stream, "generation": generation, "id": e.data["webhook"], "owner": e.actor.subject, "role": e.actor.role,
                         "territory": frozenset(e.data.get("territory", ())), "own_key": e.data["own_key"], "url": e.data["url"], "sealed_in": e.id,
                         "events": tuple(e.data["events"]), "description": e.data.get("description", "")}
            case events.WEBHOOK_VERIFIED:
                state |= {"verified": True, "disabled": ""}
            case events.WEBHOOK_DISABLED:
                state["disabled"] = e.data["why"]
            case events.WEBHOOK_ENABLED:
                state["disabled"] = ""
            case events.WEBHOOK_SECRET_ROTATED:
                generation = e.data["generation"]
                state |= {"generation": generation, "both_until": e.data["both_until"]}
            case events.WEBHOOK_URL_CHANGED:
                state |= {"url": e.data["url"], "sealed_in": e.id, "verified": False}
            case events.WEBHOOK_REMOVED:
                state = {}
    return Webhook(**state) if state else None


def decide(histories: Histories, command: c.OnWebhook, known: Known) -> list[New]:
    """The URL in the event is still in clear: the application seals it.

    Raises Conflict for a name in use, Forbidden for events the role may not be told, NotFound for a webhook that is not the caller's.
    """
    key = stream(command.caller.subject, command.webhook)
    state = evolve(histories[key])
    of = {"webhook": command.webhook}
    if isinstance(command, c.RegisterWebhook):
        if state:
            raise Conflict(f"you have a webhook '{command.webhook}' already", field="webhook")
        if refused := event_patterns.beyond(command.events, known.allowed):
            raise Forbidden(f"the role {command.caller.role} is not told of {', '.join(refused)}", field="events", rule=", ".join(known.allowed))
        return [New(key, events.WEBHOOK_REGISTERED, {
            **of, "url": command.url, "events": sorted(set(command.events)), "description": command.description or None, "own_key": known.own_key,
            "territory": sorted(command.caller.territory) or None})]
    if state is None:
        raise NotFound(f"you have no webhook '{command.webhook}'", field="webhook", rule="register-webhook first")
    match command:
        case c.VerifyWebhook():
            if not hmac.compare_digest(command.challenge.encode(), known.challenge.encode()):
                raise Unprocessable("this is not the challenge that was sent", field="challenge")
            return [] if state.verified else [New(key, events.WEBHOOK_VERIFIED, {**of, "by": "its owner"})]
        case c.DisableWebhook():
            return [] if state.disabled else [New(key, events.WEBHOOK_DISABLED, {**of, "why": "by its owner"})]
        case c.EnableWebhook():
            return [New(key, events.WEBHOOK_ENABLED, of)] if state.disabled else []
        case c.ChangeWebhookUrl():
            return [New(key, events.WEBHOOK_URL_CHANGED, {**of, "url": command.url})]
        case c.RemoveWebhook():
            return [New(key, events.WEBHOOK_REMOVED, of)]
        case c.RotateWebhookSecret():
            return [New(key, events.WEBHOOK_SECRET_ROTATED, {**of, "generation": state.generation + 1, "both_until": known.both_until})]
        case c.ReplayWebhook():
            if not state.verified:
                raise Conflict("a webhook is told nothing before it is verified", field="webhook", rule="verify-webhook first")
            if int(command.after) > known.head:
                raise Unprocessable(f"nothing stands behind {command.after} yet", field="after", rule=f"at most {known.head}")
            return [New(key, events.WEBHOOK_REPLAYED, {**of, "after": command.after})]
    raise BadRequest(f"no decision for {type(command).__name__}")
