"""Sends to webhooks: the challenge first, later pages of events in log order, each signed, each again until it is taken; and forgets their keys."""
import datetime as dt
import logging
import random
import time
from collections.abc import Mapping
from typing import Any

from shared import access, event, jwks, sealing
from shared.application import Histories, New
from shared.event import Event
from shared.outside import Line
from shared.port import Port
from shared.service import Service

from . import event_patterns, events, webhook, webhook_message, webhook_secret
from .webhook import Webhook
from .webhook_sight import Sight

logger = logging.getLogger(__name__)
PAGE, READ, TURN_S = 50, 500, 2.0              # events in a sending, rows read at once, and how long a sending may take others' time
FIRST_S, LONGEST_S, ENOUGH_S, LEAST = 2.0, 3600.0, 24 * 3600.0, 10
_chance = random.SystemRandom()


class WebhookPort(Port):
    def __init__(self, service: Service) -> None:
        self.service, self.private = service, service.config.webhook_private

    def wait(self, failures: int, seconds: float) -> float | None:
        """2 s, 4 s, 8 s … one hour, each up to a quarter more or less; no more after a day, if there were ten."""
        if seconds >= ENOUGH_S and failures >= LEAST:
            return None
        return float(min(FIRST_S * 2.0 ** min(failures - 1, 20), LONGEST_S) * _chance.uniform(0.75, 1.25))

    def send(self, id: str, body: Mapping[str, Any]) -> str:
        """How far the webhook was told, and of how many events. Raises OSError when it took none."""
        if body.get("forget"):
            webhook_secret.forget_unused(self.service.key_store, body["webhook"], self._history(body["webhook"]))
            return "forgotten"
        hook = webhook.evolve(self._history(body["webhook"]))
        # Taken up before its address changed, a page would go to one that nobody verified.
        if hook is None or hook.disabled or not (hook.verified or body.get("challenge")):
            return f"{body.get('after', 0)} 0"
        if why := self._no_longer(hook):
            self._disable(hook.stream, why)
            return f"{body.get('after', 0)} 0"
        line = Line(self._url(hook), self.private)
        try:
            return self._ask(line, hook, id) if body.get("challenge") else self._tell(line, hook, int(body["after"]))
        finally:
            line.close()

    def give_up(self, body: Mapping[str, Any], why: str) -> None:
        self._disable(body["webhook"], f"nothing arrived for 24 hours: {why}")

    def _ask(self, line: Line, hook: Webhook, id: str) -> str:
        """An answer that holds the challenge verifies the webhook; else its owner may still give it back by verify-webhook."""
        text = webhook_secret.challenge(self.service.key_store, hook.url["subject"])
        answer = self._post(line, hook, id, webhook_message.challenge(id, self.service.name, hook.id, text))
        if text.encode() in answer:
            def verify(histories: Histories) -> list[New]:
                state = webhook.evolve(histories[hook.stream])
                asked = state is not None and not state.verified and state.sealed_in == hook.sealed_in
                return [] if not asked else [New(hook.stream, events.WEBHOOK_VERIFIED, {"webhook": hook.id, "by": "its answer"})]

            self.service._append(hook.stream, f"verified:{id}", verify)
        return "0 0"

    def _tell(self, line: Line, hook: Webhook, after: int) -> str:
        role = access.table().roles.get(hook.role)
        allowed, asked = event_patterns.matching(role.events if role else ()), event_patterns.matching(hook.events)
        scopes = role.scopes if role else frozenset()
        sees, told, give_up = Sight(self.service, hook.territory), 0, time.monotonic() + TURN_S
        while rows := sees.known(self.service.log.after(after, READ)):
            for row in rows:
                wanted = row.stream.startswith("received/") and asked(row.name) and allowed(row.name) and sees(row)
                if wanted and (message := webhook_message.of(row, self.service.name, scopes)):
                    try:
                        self._post(line, hook, *message)
                    except OSError:
                        if told:
                            return f"{after} {told}"
                        raise
                    told += 1
                after = row.position
                if told == PAGE or time.monotonic() > give_up:
                    return f"{after} {told}"
        return f"{after} {told}"

    def _no_longer(self, hook: Webhook) -> str:
        """Why its owner may be told nothing more, or ''."""
        if hook.own_key and not any(k["owner"] == hook.owner for k in jwks.listed(self.service.config)):
            return "the keys of its owner were taken back"
        role = access.table().roles.get(hook.role)
        unbound = role is not None and role.territory != "country" and not hook.territory       # from before its role was bound
        return f"the role {hook.role} needs a territory: register it again" if unbound else ""

    def _post(self, line: Line, hook: Webhook, id: str, body: bytes) -> bytes:
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        secrets = webhook_secret.valid(self.service.key_store, hook, event.now())
        status, answer = line.post(body, webhook_secret.headers(secrets, id, now, body))
        if not 200 <= status < 300:
            raise OSError(f"HTTP status {status}")
        return answer

    def _history(self, stream: str) -> list[Event]:
        return [event.decode(row.state) for row in self.service.log.load(stream)]

    def _url(self, hook: Webhook) -> str:
        url = sealing.open_(self.service.key_store, hook.url, "url", hook.sealed_in, {webhook_secret.KIND})
        if isinstance(url, sealing.Forgotten):
            raise OSError("its address was forgotten")
        return url

    def _disable(self, stream: str, why: str) -> None:
        def disable(histories: Histories) -> list[New]:
            state = webhook.evolve(histories[stream])
            return [] if state is None or state.disabled else [New(stream, events.WEBHOOK_DISABLED, {"webhook": state.id, "why": why[:300]})]

        if self.service._append(stream, "", disable).events:
            logger.error("webhook %s is disabled: %s", stream, why)
