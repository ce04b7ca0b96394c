"""A webhook's secret is replaced, its address moved, itself removed: nothing goes where it should not, and nothing is lost."""
import json
from collections.abc import Mapping
from typing import Any

import pytest
from standardwebhooks import Webhook as Reader

from services.reporting import events, webhook_list, webhook_secret
from services.reporting.webhook import stream
from shared import event
from shared.errors import NotFound, Unprocessable
from shared.rebuild import rebuild
from shared.testing import Clock
from tests.unit.reporting.webhook_world import CHAMBER, URL, World


def test_two_secrets_count_while_one_is_replaced(world: World) -> None:
    world.register()
    old = world.secret()["secret"]
    world.ask("rotate-webhook-secret")
    new = world.secret()
    assert new["secret"] != old and new["previous"]["secret"] == old
    world.found("a")
    world.settle()
    _, body, headers = world.endpoint.posts[-1]
    assert len(headers["webhook-signature"].split()) == 2
    for secret in (old, new["secret"]):
        assert Reader(secret).verify(body, headers)
    with Clock("2999-01-01T00:00:00.000Z").patched():
        assert list(world.secret()) == ["webhook", "secret"]
        assert len(webhook_secret.valid(world["reporting"].key_store, _hook(world), event.now())) == 1


def test_a_rotation_sent_twice_leaves_the_secret_that_still_counts(world: World) -> None:
    world.register()
    old = world.secret()["secret"]
    for _ in range(2):
        world["reporting"].handle("rotate-webhook-secret", {"webhook": "counts"}, CHAMBER, "once", "test")
        world.settle()
    assert world.secret()["previous"]["secret"] == old
    world.ask("rotate-webhook-secret")
    world.settle()
    assert world["reporting"].key_store.existing(f"{stream('chamber', 'counts')}#1") is None
    world.found("a")
    world.settle()
    assert world.endpoint.told == ["a"]


MOVED = "https://new.example.org/sanu"


def test_a_new_address_is_verified_before_it_is_told_what_came_meanwhile(world: World) -> None:
    world.register()
    secret = world.secret()
    world.found("a")
    world.settle()
    old = json.loads(world.endpoint.posts[0][1])["data"]["challenge"]
    world.endpoint.answers_challenge = False
    world.ask("change-webhook-url", url=MOVED)
    world.found("b")
    world.settle()
    assert (world.endpoint.told, world.shown()["state"], world.shown()["url"], world.endpoint.urls[-1]) == (["a"], "unverified", MOVED, MOVED)
    with pytest.raises(Unprocessable):
        world.ask("verify-webhook", challenge=old)                       # who read it at the old address has not seen the new one
    world.ask("verify-webhook", challenge=json.loads(world.endpoint.posts[-1][1])["data"]["challenge"])
    world.settle()
    assert (world.endpoint.told, world.secret(), world.endpoint.urls[-1]) == (["a", "b"], secret, MOVED)
    assert _forgotten(world, "", "#challenge") and not _forgotten(world, "~1", "~1#challenge", "#1")


def test_an_answer_of_the_old_address_does_not_verify_the_new_one(world: World) -> None:
    def moves_meanwhile(body: bytes, headers: Mapping[str, str], post: Any = world.endpoint.post) -> tuple[int, bytes]:
        if len(world.endpoint.posts) == 0:
            world.ask("change-webhook-url", url=MOVED)
        elif world.endpoint.urls[-1] == MOVED:
            world.endpoint.answers_challenge = False
        return post(body, headers)  # type: ignore[no-any-return]

    world.endpoint.post = moves_meanwhile  # type: ignore[method-assign]
    world.register()
    assert world.log(events.WEBHOOK_VERIFIED) == [] and world.shown()["state"] == "unverified"


def test_a_page_taken_up_before_the_address_changed_goes_nowhere(world: World) -> None:
    world.register()
    world.found("a")
    world.settle()
    world.ask("change-webhook-url", url=MOVED)
    posts = len(world.endpoint.posts)
    assert world["reporting"].ports["webhook"].send("old", {"webhook": stream("chamber", "counts"), "after": 1}) == "1 0"
    assert len(world.endpoint.posts) == posts


def test_a_replay_from_the_very_beginning_survives_a_new_address(world: World) -> None:
    world.register()
    world.found("a")
    world.settle()
    world.endpoint.status = 500
    world.ask("replay-webhook", after="0")
    world.ask("change-webhook-url", url=MOVED)
    world.endpoint.status = 204
    world.settle()
    assert world.endpoint.told == ["a", "a"]


def test_a_disabled_one_with_a_new_address_is_asked_when_it_is_enabled(world: World) -> None:
    world.register()
    world.ask("disable-webhook")
    world.ask("change-webhook-url", url=MOVED)
    world.found("a")
    world.settle()
    assert MOVED not in world.endpoint.urls and world.shown()["state"] == "disabled"
    world.ask("enable-webhook")
    world.settle()
    assert world.endpoint.told == ["a"] and world.endpoint.urls[-1] == MOVED


def test_a_removed_one_is_told_nothing_and_its_keys_are_forgotten(world: World) -> None:
    world.register()
    world.ask("change-webhook-url", url=MOVED)
    world.ask("rotate-webhook-secret")
    world.settle()
    world.ask("remove-webhook")
    world.found("a")
    world.settle()
    assert (world.endpoint.told, webhook_list.read(world["reporting"], "chamber")["webhooks"]) == ([], [])
    assert _forgotten(world, "", "#challenge", "~1", "~1#challenge", "#1", "#2")
    with pytest.raises(NotFound):
        world.secret()


def test_a_removed_name_is_registered_anew_with_nothing_of_the_old(world: World) -> None:
    world.register()
    old = world.secret()["secret"]
    key = event.new_id()
    for again in (False, True):
        answer = world["reporting"].handle("remove-webhook", {"webhook": "counts"}, CHAMBER, key, "test")
        assert answer.repeated is again
        if not again:
            world.found("meanwhile")
            world.register(CHAMBER, "membership.Organisation*")           # the removal sent once more must not reach it
        world.settle()
    world.found("a")
    world.settle()
    assert world.endpoint.told == ["a"] and world.secret()["secret"] != old
    assert (world.shown()["state"], world.shown()["url"]) == ("active", URL)
    before, head = world.shown(), world["reporting"].log.head()
    rebuild(world["reporting"].processes, 7)
    world.settle()
    assert (world.shown(), world["reporting"].log.head(), world.endpoint.told) == (before, head, ["a"])


def _forgotten(world: World, *names: str) -> bool:
    """Whether each key of the webhook is known to be forgotten, not only never made."""
    found = [world["reporting"].key_store.known(stream("chamber", "counts") + name) for name in names]
    return all(k is not None and k.key is None for k in found)


def _hook(world: World) -> Any:
    return webhook_list._load(world["reporting"], stream("chamber", "counts"))
