"""Events go to verified webhooks in log order, signed, once; what is not taken is tried for a day, and a rebuild sends nothing."""
import datetime as dt
import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from standardwebhooks import Webhook as Reader
from standardwebhooks import WebhookVerificationError

from services.reporting import events, webhook_list
from services.reporting.webhook import stream
from services.reporting.webhook_port import ENOUGH_S, WebhookPort
from shared import jwks
from shared.auth import Caller
from shared.errors import NotFound
from shared.rebuild import rebuild
from tests.unit.reporting.webhook_world import CHAMBER, REFINERY, URL, World


def test_a_verified_webhook_is_told_what_happens_from_then_on(world: World) -> None:
    world.found("before")
    world.settle()
    world.register()
    world.found("a", "b", "c")
    world.settle()
    world.found("d")
    world.settle()
    assert world.endpoint.told == ["a", "b", "c", "d"]
    assert set(world.endpoint.urls) == {URL}


def test_nothing_is_told_before_the_challenge_came_back(world: World) -> None:
    world.endpoint.answers_challenge = False
    world.register()
    world.found("a")
    world.settle()
    assert world.endpoint.told == [] and world.shown()["state"] == "unverified"
    challenge = json.loads(world.endpoint.posts[0][1])["data"]["challenge"]
    assert world.ask("verify-webhook", challenge=challenge) == [events.WEBHOOK_VERIFIED]
    world.found("b")
    world.settle()
    assert world.endpoint.told == ["b"]


def test_the_challenge_cannot_be_made_from_what_the_owner_is_told(world: World) -> None:
    world.endpoint.answers_challenge = False
    world.register()
    challenge = json.loads(world.endpoint.posts[0][1])["data"]["challenge"]
    known = json.dumps([world.secret(), world.shown()]) + "".join(r.state.decode() for r in world["reporting"].log.after(0, 1000))
    assert challenge not in known


def test_every_message_carries_a_signature_that_the_librarys_reader_accepts(world: World) -> None:
    world.register()
    world.found("a")
    world.settle()
    reader = Reader(world.secret()["secret"])
    assert len(world.endpoint.posts) == 2
    for id_, body, headers in world.endpoint.posts:
        assert reader.verify(body, headers)["id"] == id_
        with pytest.raises(WebhookVerificationError):
            reader.verify(body.replace(b"2025", b"2026"), headers)
        with pytest.raises(WebhookVerificationError):
            reader.verify(body, {**headers, "webhook-id": "other"})
        with pytest.raises(WebhookVerificationError):
            reader.verify(body, {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 400)})


def test_the_body_is_the_events_cloud_event_without_who_and_which_key(world: World) -> None:
    world.register()
    world.found("a")
    world.settle()
    (row,) = world["membership"].log.load("organisation/a")
    stored, message = json.loads(row.state), json.loads(world.endpoint.posts[-1][1])
    assert world.endpoint.posts[-1][0] == message["id"] == stored["id"]
    assert (message["source"], message["type"], message["specversion"], message["subject"]) == ("membership", row.name, "1.0", "organisation/a")
    assert message["data"] == {k: v for k, v in stored.items() if k not in ("actor", "command", "device")}
    held = world["reporting"].log.at(int(message["position"]))
    assert held and held.state == row.state


def test_the_url_and_the_secret_stand_in_no_event_and_no_row(world: World) -> None:
    world.register()
    world.endpoint.down = True
    world.found("a")
    world.settle()
    bytes_ = b"".join(r.state for r in world["reporting"].log.after(0, 1000))
    rows = str(world["reporting"].tables.query("SELECT * FROM webhooks_2_1")) + str(world["reporting"].tables.query("SELECT * FROM webhooks_2_1_hook"))
    assert b"canary" not in bytes_ and "canary" not in rows
    assert world.secret()["secret"].encode() not in bytes_ and world.secret()["secret"] not in rows
    assert world.shown()["url"] == URL


def test_only_what_was_asked_for_is_told(world: World) -> None:
    world.register(CHAMBER, "membership.Count*")
    world.command("membership", "declare-count", declaration="d1", measure="base", count=3, as_of="2024", source={"document": "m", "section": "1"})
    world.found("a")
    world.settle()
    assert world.endpoint.told == ["d1"]


def test_an_owner_with_a_territory_is_told_only_what_lies_in_it(world: World) -> None:
    officer = Caller(subject="kenieba", role="chamber", scopes=frozenset({"webhooks:manage"}), territory=frozenset({"district:kenieba"}))
    world.register(officer)
    world.command("membership", "register-district", district="kenieba", name="Kéniéba")
    world.command("membership", "register-district", district="kangaba", name="Kangaba")
    world.found("a", district="Kéniéba")
    world.found("b", district="Kangaba")
    world.found("c")
    world.settle()
    for organisation in "abc":
        world.command("membership", "suspend-organisation", organisation=organisation)
    world.settle()
    assert world.endpoint.told == ["kenieba", "a", "a"]


def test_many_events_make_few_events_of_our_own(world: World) -> None:
    world.register()
    world.found(*(f"s{n}" for n in range(120)))
    world.settle()
    assert world.endpoint.told == [f"s{n}" for n in range(120)]
    assert [e.data["receipt"].split()[1] for e in world.log(events.SENDING_DELIVERED)][1:] == ["50", "50", "20"]


def test_own_events_are_never_sent(world: World) -> None:
    world.register()
    world.found("a")
    world.settle()
    head, posts = world["reporting"].log.head(), len(world.endpoint.posts)
    world.settle()
    assert (world["reporting"].log.head(), len(world.endpoint.posts)) == (head, posts)


def later(world: World, seconds: float) -> None:
    world.clock.set((world.clock.at + dt.timedelta(seconds=seconds)).isoformat())
    world.settle()


def test_what_is_not_taken_is_tried_again_in_order(world: World) -> None:
    world.register()
    world.endpoint.down = True
    world.found("a", "b")
    world.settle()
    world.found("c")
    later(world, 1)
    assert (world.endpoint.told, world.shown()["failures"], world.shown()["behind"]) == ([], 1, True)
    assert world.shown()["last_error"]["why"] == "line dead"
    world.endpoint.down = False
    later(world, 2)
    assert world.endpoint.told == ["a", "b", "c"]
    assert (world.shown()["failures"], world.shown()["behind"]) == (0, False)


@pytest.mark.parametrize("status", [301, 302, 400, 401, 404, 410, 429, 500, 503])
def test_any_other_answer_than_2xx_is_a_failure(world: World, status: int) -> None:
    world.register()
    world.endpoint.status = status
    world.found("a")
    world.settle()
    world.fold()
    assert world.shown()["last_error"]["why"] == f"HTTP status {status}"
    assert world.shown()["behind"]


def test_what_came_before_a_failure_is_not_sent_again(world: World) -> None:
    world.register()
    world.found("a", "b", "c")

    def fails_at_c(body: bytes, headers: Mapping[str, str], post: Any = world.endpoint.post) -> tuple[int, bytes]:
        if b'"organisation":"c"' in body and world.endpoint.down is not None:
            raise ConnectionResetError("mid-way")
        return post(body, headers)  # type: ignore[no-any-return]

    world.endpoint.post = fails_at_c  # type: ignore[method-assign]
    world.settle()
    assert world.endpoint.told == ["a", "b"]
    world.endpoint.down = None  # type: ignore[assignment]
    later(world, 3)
    assert world.endpoint.told == ["a", "b", "c"]


def test_one_that_is_away_does_not_hold_up_another(world: World) -> None:
    world.register()
    world.register(REFINERY, "membership.Organisation*")
    away = world["reporting"].ports["webhook"]
    asked: list[str] = []

    class OneIsAway(WebhookPort):
        def send(self, id: str, body: Mapping[str, Any]) -> str:
            asked.append(body["webhook"])
            if body["webhook"] == stream("chamber", "counts"):
                raise TimeoutError("no answer within 5 s")
            return away.send(id, body)

    world["reporting"].ports = {"webhook": OneIsAway(world["reporting"])}
    world.found("a")
    world.settle()
    world.found("b")
    world.settle()
    assert world.endpoint.told == ["a", "b"]
    assert asked.count(stream("chamber", "counts")) == 1


def test_after_a_day_of_failure_it_is_disabled_with_an_alarm(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.register()
    world.endpoint.down = True
    world.found("a")
    world.settle()
    for _ in range(30):
        later(world, 5000)
    assert world.shown()["state"] == "disabled"
    (off,) = world.log(events.WEBHOOK_DISABLED)
    assert off.data["why"] == "nothing arrived for 24 hours: line dead"
    first = next(e for e in world.log(events.SENDING_FAILED))
    assert dt.datetime.fromisoformat(off.recorded_at) - dt.datetime.fromisoformat(first.recorded_at) >= dt.timedelta(days=1)
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR and "is disabled" in r.getMessage()]
    attempts = len(world.log(events.SENDING_ATTEMPTED))
    later(world, 90_000)
    assert len(world.log(events.SENDING_ATTEMPTED)) == attempts
    world.endpoint.down = False
    assert world.ask("enable-webhook") == [events.WEBHOOK_ENABLED]
    world.settle()
    assert world.endpoint.told == ["a"]


def test_the_waits_grow_with_chance_to_an_hour_and_end_after_a_day(world: World) -> None:
    port = WebhookPort(world["reporting"])
    waits = [[port.wait(n, 60.0) or 0.0 for _ in range(50)] for n in range(1, 40)]
    for n, tried in enumerate(waits):
        expected = min(2.0 * 2**n, 3600.0)
        assert all(0.75 * expected <= w <= 1.25 * expected for w in tried) and len(set(tried)) > 1
    assert port.wait(34, ENOUGH_S) is None
    assert port.wait(3, ENOUGH_S) is not None                # the machine was off: a day alone says nothing


def test_a_replay_sends_again_under_the_same_ids(world: World) -> None:
    world.found("before")
    world.settle()
    world.register()
    world.found("a", "b")
    world.settle()
    first = world.endpoint.posts[1:]
    world.ask("replay-webhook", after=json.loads(first[0][1])["position"])
    world.settle()
    assert world.endpoint.told == ["a", "b", "b"]
    world.ask("replay-webhook", after="0")
    world.settle()
    assert world.endpoint.told[3:] == ["before", "a", "b"]
    assert world.endpoint.posts[-1][0] == first[-1][0]


def test_a_disabled_one_is_told_nothing_and_afterwards_everything(world: World) -> None:
    world.register()
    world.ask("disable-webhook")
    world.found("a", "b")
    world.settle()
    assert world.endpoint.told == []
    world.ask("enable-webhook")
    world.found("c")
    world.settle()
    assert world.endpoint.told == ["a", "b", "c"]


def test_others_see_nothing_of_it(world: World) -> None:
    world.register()
    assert webhook_list.read(world["reporting"], "marena")["webhooks"] == []
    with pytest.raises(NotFound):
        webhook_list.secret(world["reporting"], "marena", "counts")


def test_a_client_whose_keys_are_taken_back_is_told_nothing_more(world: World) -> None:
    jwks.register(world.config, "chamber", b"k" * 32, "chamber")
    world.register()
    world.found("a")
    world.settle()
    jwks.remove(world.config, "chamber")
    world.found("b")
    world.settle()
    assert world.endpoint.told == ["a"]
    assert world.shown()["why"] == "the keys of its owner were taken back"


def test_a_rebuilt_process_sends_nothing_again(world: World) -> None:
    world.register()
    world.register(REFINERY, "gold_trade.*", "membership.Organisation*")
    world.found(*(f"s{n}" for n in range(70)))
    world.settle()
    world.ask("disable-webhook")
    world.settle()
    head, posts, before = world["reporting"].log.head(), len(world.endpoint.posts), world.shown()
    for page in (7, 5000):
        rebuild(world["reporting"].processes, page)
        world.settle()
        assert (world["reporting"].log.head(), len(world.endpoint.posts), world.shown()) == (head, posts, before)


def test_a_page_cut_short_by_a_death_is_sent_again_under_the_same_ids(world: World) -> None:
    world.register()
    world.found("a", "b")
    sends = world["reporting"].ports["webhook"]

    class DiesAfterwards(WebhookPort):
        def send(self, id: str, body: Mapping[str, Any]) -> str:
            sends.send(id, body)
            raise KeyboardInterrupt

    world["reporting"].ports = {"webhook": DiesAfterwards(world["reporting"])}
    with pytest.raises(KeyboardInterrupt):
        world.settle()
    world["reporting"].ports = {"webhook": sends}
    world.settle()
    assert world.endpoint.told == ["a", "b", "a", "b"]
    ids = [id_ for id_, _, _ in world.endpoint.posts[1:]]
    assert ids[:2] == ids[2:]
