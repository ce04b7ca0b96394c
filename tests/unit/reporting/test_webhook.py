"""A webhook is its owner's alone, is told only what the owner's role may be told, and nothing before it is verified."""
from typing import Any

import pytest

from services.reporting import commands as c
from services.reporting import event_patterns, events, webhook
from services.reporting.requests import RegisterWebhook, ReplayWebhook
from services.reporting.webhook import Known, evolve
from shared import access, requests
from shared.application import New
from shared.auth import Caller
from shared.errors import BadRequest, Conflict, Forbidden, NotFound, Unprocessable
from shared.event import Event
from shared.testing import happened, specification

CHAMBER = Caller(subject="chamber", role="chamber", scopes=frozenset({"webhooks:manage"}))
REFINERY = Caller(subject="marena", role="refinery", scopes=frozenset({"webhooks:manage"}), territory=frozenset({"actor:marena-gold"}))
KEY = "webhook/chamber/counts"
URL = "https://mines.example.org/sanu"
SEALED = {"sealed": "…", "subject": KEY, "kind": "webhook"}


def known(caller: Caller = CHAMBER, **more: Any) -> Known:
    return Known(**{"allowed": access.table().roles[caller.role].events, "own_key": False, "challenge": "c0ffee", "head": 100,
                    "both_until": "2025-01-02T00:00:00.000Z", **more})


given = specification(webhook, known=known())
given_refinery = specification(webhook, known=known(REFINERY))


def registered() -> Event:
    return happened(KEY, events.WEBHOOK_REGISTERED, {"webhook": "counts", "url": SEALED, "events": ["membership.*"], "own_key": False})


def verified() -> Event:
    return happened(KEY, events.WEBHOOK_VERIFIED, {"webhook": "counts", "by": "its answer"})


def disabled(why: str = "by its owner") -> Event:
    return happened(KEY, events.WEBHOOK_DISABLED, {"webhook": "counts", "why": why})


def register(caller: Caller = CHAMBER, *asked: str) -> c.RegisterWebhook:
    return c.RegisterWebhook(webhook="counts", caller=caller, url=URL, events=asked or ("membership.*",))


def on(command: type[c.OnWebhook], **more: Any) -> Any:
    return command(webhook="counts", caller=CHAMBER, **more)


def test_a_webhook_is_registered() -> None:
    given().when(register(CHAMBER, "membership.*", "gold_trade.ActorRegistered", "membership.*")).then(
        New(KEY, events.WEBHOOK_REGISTERED, {"webhook": "counts", "url": URL, "events": ["gold_trade.ActorRegistered", "membership.*"], "own_key": False}))


def test_a_name_is_taken_once_by_each_owner() -> None:
    given(registered()).when(register()).then_refused(Conflict, "webhook")


def test_others_names_are_not_in_the_way() -> None:
    assert webhook.stream("marena", "counts") != webhook.stream("chamber", "counts")
    assert webhook.stream("a/b", "c") != webhook.stream("a", "b/c")
    given_refinery(registered()).when(register(REFINERY, "gold_trade.*")).then(
        New("webhook/marena/counts", events.WEBHOOK_REGISTERED, {"webhook": "counts", "url": URL, "events": ["gold_trade.*"], "own_key": False,
                                                                 "territory": ["actor:marena-gold"]}))


@pytest.mark.parametrize("asked", ["membership.*", "membership.RepresentativeNamed", "training.*", "membership.Org*", "reporting.*",
                                   "reporting.SendingDelivered"])
def test_what_a_role_may_not_be_told_is_refused(asked: str) -> None:
    given_refinery().when(register(REFINERY, "gold_trade.*", asked)).then_refused(Forbidden, "events")


@pytest.mark.parametrize("asked", ["membership.OrganisationFounded", "membership.OrganisationF*", "membership.Count*", "gold_trade.*"])
def test_what_it_may_be_told_is_taken_also_narrower(asked: str) -> None:
    assert len(given_refinery().when(register(REFINERY, asked)).events) == 1


@pytest.mark.parametrize("role", sorted(access.table().roles))
def test_nobody_is_told_of_reportings_own_events_and_only_who_may_manage_webhooks_of_any(role: str) -> None:
    it = access.table().roles[role]
    assert event_patterns.beyond(["reporting.SendingDelivered", "reporting.*"], it.events) == ["reporting.SendingDelivered", "reporting.*"]
    assert bool(it.events) == ("webhooks:manage" in it.scopes)


def test_the_challenge_given_back_verifies() -> None:
    given(registered()).when(on(c.VerifyWebhook, challenge="c0ffee")).then(New(KEY, events.WEBHOOK_VERIFIED, {"webhook": "counts", "by": "its owner"}))


def test_another_challenge_does_not() -> None:
    given(registered()).when(on(c.VerifyWebhook, challenge="é")).then_refused(Unprocessable, "challenge")


def test_verified_again_changes_nothing() -> None:
    given(registered(), verified()).when(on(c.VerifyWebhook, challenge="c0ffee")).then_nothing()


@pytest.mark.parametrize("command", [on(c.VerifyWebhook, challenge="c0ffee"), on(c.DisableWebhook), on(c.EnableWebhook), on(c.RotateWebhookSecret),
                                     on(c.ReplayWebhook, after="0"), on(c.ChangeWebhookUrl, url=URL), on(c.RemoveWebhook)],
                         ids=lambda command: type(command).__name__)
def test_a_webhook_that_is_not_the_callers_is_not_there(command: c.OnWebhook) -> None:
    theirs = happened("webhook/marena/counts", events.WEBHOOK_REGISTERED, {"webhook": "counts", "url": SEALED, "events": [], "own_key": False})
    given(theirs).when(command).then_refused(NotFound, "webhook")


def test_disabling_and_enabling() -> None:
    given(registered(), verified()).when(on(c.DisableWebhook)).then(New(KEY, events.WEBHOOK_DISABLED, {"webhook": "counts", "why": "by its owner"}))
    given(registered(), verified(), disabled()).when(on(c.DisableWebhook)).then_nothing()
    given(registered(), verified(), disabled()).when(on(c.EnableWebhook)).then(New(KEY, events.WEBHOOK_ENABLED, {"webhook": "counts"}))
    given(registered(), verified()).when(on(c.EnableWebhook)).then_nothing()


def test_a_rotation_counts_on() -> None:
    rotated = happened(KEY, events.WEBHOOK_SECRET_ROTATED, {"webhook": "counts", "generation": 2, "both_until": "2025-01-01T00:00:00.000Z"})
    given(registered(), rotated).when(on(c.RotateWebhookSecret)).then(
        New(KEY, events.WEBHOOK_SECRET_ROTATED, {"webhook": "counts", "generation": 3, "both_until": "2025-01-02T00:00:00.000Z"}))


def test_a_replay_begins_behind_a_position() -> None:
    given(registered(), verified()).when(on(c.ReplayWebhook, after="7")).then(New(KEY, events.WEBHOOK_REPLAYED, {"webhook": "counts", "after": "7"}))


def test_a_replay_before_verification_or_from_the_future_is_refused() -> None:
    given(registered()).when(on(c.ReplayWebhook, after="7")).then_refused(Conflict, "webhook")
    given(registered(), verified()).when(on(c.ReplayWebhook, after="101")).then_refused(Unprocessable, "after")


def moved() -> Event:
    return happened(KEY, events.WEBHOOK_URL_CHANGED, {"webhook": "counts", "url": {**SEALED, "subject": f"{KEY}~1"}})


def removed() -> Event:
    return happened(KEY, events.WEBHOOK_REMOVED, {"webhook": "counts"})


def test_a_new_address_is_verified_again() -> None:
    given(registered(), verified()).when(on(c.ChangeWebhookUrl, url=URL)).then(New(KEY, events.WEBHOOK_URL_CHANGED, {"webhook": "counts", "url": URL}))
    given(registered(), verified(), moved()).when(on(c.ReplayWebhook, after="7")).then_refused(Conflict, "webhook")
    given(registered(), verified(), moved()).when(on(c.VerifyWebhook, challenge="c0ffee")).then(
        New(KEY, events.WEBHOOK_VERIFIED, {"webhook": "counts", "by": "its owner"}))


def test_a_removed_one_is_not_there_and_its_name_is_free() -> None:
    given(registered(), verified()).when(on(c.RemoveWebhook)).then(New(KEY, events.WEBHOOK_REMOVED, {"webhook": "counts"}))
    given(registered(), removed()).when(on(c.RemoveWebhook)).then_refused(NotFound, "webhook")
    assert len(given(registered(), removed()).when(register()).events) == 1


def test_addresses_and_secrets_count_on_across_a_removal() -> None:
    rotated = happened(KEY, events.WEBHOOK_SECRET_ROTATED, {"webhook": "counts", "generation": 2, "both_until": "2025-01-01T00:00:00.000Z"})
    again = evolve([registered(), rotated, removed(), registered()])
    assert again and (again.generation, again.both_until, again.state) == (3, "", "unverified")
    assert [webhook.address_subject(KEY, h) for h in ([], [registered(), moved()], [registered(), moved(), removed()])] == [KEY, f"{KEY}~2", f"{KEY}~2"]


def test_its_state_follows_from_its_history() -> None:
    def state(*history: Event) -> str:
        hook = evolve(history)
        return hook.state if hook else "none"

    assert [state(), state(registered()), state(registered(), verified()), state(registered(), verified(), disabled()), state(registered(), disabled()),
            state(registered(), verified(), moved()), state(registered(), removed())] == [
        "none", "unverified", "active", "disabled", "disabled", "unverified", "none"]


# requests and patterns

@pytest.mark.parametrize("pattern", ["*", "membership", "membership.", "membership.*.x", "member*", "Membership.X", "membership.x", ".X", "membership.A B",
                                     "a.B\n"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(BadRequest):
        requests.read(RegisterWebhook(), {"webhook": "counts", "url": URL, "events": [pattern]})


@pytest.mark.parametrize("after", [7, "-1", "x", "", "1" * 19, "٣"])
def test_a_position_is_digits_in_a_string(after: object) -> None:
    with pytest.raises(BadRequest):
        requests.read(ReplayWebhook(), {"webhook": "counts", "after": after})


def test_a_pattern_fits_names_by_their_beginning() -> None:
    fits = event_patterns.matching(["membership.Organisation*", "training.NeedRecorded"])
    assert [fits(n) for n in ("membership.OrganisationMoved", "training.NeedRecorded", "training.NeedRecordedTwice", "membership.CountDeclared")] == [
        True, True, False, False]
    assert not event_patterns.matching([])("membership.CountDeclared")
