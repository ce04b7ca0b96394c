"""The inbox holds each source's feed: complete, in order, once – whatever the broker does to the envelopes."""
import random
import threading
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import feed, relay
from shared.config import Config
from shared.errors import HistoryRewritten, Unavailable
from shared.feed import Item
from shared.inbox import ENVELOPE_LIMIT, Inbox
from shared.signing import Signer
from tests.peers import Envelope, Feeds, Peer, Post


@pytest.fixture
def eve(config: Config) -> Iterator[Peer]:
    """A service with a key of its own, which is not alpha's."""
    peer = Peer(config, "eve")
    yield peer
    peer.close()


def refused(peer: Peer) -> list[str]:
    return [why for (why,) in peer.tables.query("SELECT why FROM refused ORDER BY id")]


def heard(peer: Peer) -> list[tuple[str, int, str]]:
    return peer.tables.query("SELECT source, head, stopped FROM heard ORDER BY source")


def signed(peer: Peer, items: Sequence[Item], head: int = 0) -> Envelope:
    """What `peer` would publish if it said just this."""
    post, r = Post(), relay.Relay(peer.config, peer.log, peer.tables, peer.signer)
    r._producer = post
    r.publish(items, head or items[-1].position)
    return post.sent[0]


# three branches

def test_an_envelope_that_follows_is_appended_without_asking_the_feed(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    alpha.says(3)
    assert beta.inbox.take("alpha", alpha.envelopes()) == []
    assert beta.received("alpha") == alpha.told()
    assert feeds.asked == 0


def test_a_later_envelope_follows_the_earlier(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    for _ in range(3):
        alpha.says(2)
        beta.inbox.take("alpha", alpha.envelopes())
    assert beta.received("alpha") == alpha.told()
    assert feeds.asked == 0


def test_an_envelope_we_have_is_dropped(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    alpha.says(3)
    sent = alpha.envelopes()
    for _ in range(3):
        assert beta.inbox.take("alpha", [*sent, *sent]) == []
    assert beta.received("alpha") == alpha.told()
    assert feeds.asked == 0


def test_an_envelope_behind_a_gap_is_a_doorbell_and_the_feed_fills_it(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    alpha.says(3)
    alpha.envelopes()                                    # lost on the way
    alpha.says(2)
    beta.inbox.take("alpha", alpha.envelopes())
    assert beta.received("alpha") == alpha.told()
    assert feeds.asked == 1


def test_a_lost_last_envelope_is_healed_by_the_heartbeat(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    alpha.says(3)
    alpha.envelopes()
    beta.inbox.take("alpha", [alpha.heartbeat()])
    assert beta.received("alpha") == alpha.told()


def test_a_heartbeat_that_tells_nothing_new_asks_for_nothing(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    beta.inbox.take("alpha", alpha.envelopes())
    beta.inbox.take("alpha", [alpha.heartbeat()])
    assert feeds.asked == 0


def test_silence_asks_the_feed(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    alpha.says(3)
    assert beta.inbox.take("alpha", []) == []
    assert beta.received("alpha") == alpha.told()


def test_a_feed_of_many_pages_is_pulled_to_its_end(alpha: Peer, beta: Peer, feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "PAGE", 4)
    alpha.says(11)
    beta.inbox.take("alpha", [])
    assert beta.received("alpha") == alpha.told()
    assert feeds.asked == 4


def test_what_was_heard_is_known(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    alpha.says(2)
    beta.inbox.take("alpha", alpha.envelopes())
    assert heard(beta) == [("alpha", 3, "")]


def test_events_of_the_receiver_and_of_others_do_not_disturb(alpha: Peer, beta: Peer, eve: Peer, feeds: Feeds) -> None:
    for _ in range(3):
        alpha.says(2)
        eve.says(1)
        beta.says(2)
        beta.inbox.take("eve", eve.envelopes())
        beta.inbox.take("alpha", alpha.envelopes())
    assert (beta.received("alpha"), beta.received("eve")) == (alpha.told(), eve.told())
    assert feeds.asked == 0


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_loss_repetition_and_order_of_envelopes_ends_in_the_same_copy(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    config = Config(var=tmp_path_factory.mktemp("inbox"))
    alpha, beta = Peer(config, "alpha"), Peer(config, "beta")
    alpha.says(9)
    sent = alpha.envelopes(most=2)
    arriving = data.draw(st.lists(st.sampled_from(sent), max_size=8))
    with Feeds(alpha.chain).patched():
        while arriving:
            cut = data.draw(st.integers(1, len(arriving)))
            assert beta.inbox.take("alpha", arriving[:cut]) == []
            arriving = arriving[cut:]
            assert beta.received("alpha") == alpha.told()[:len(beta.received("alpha"))]
        beta.inbox.take("alpha", [alpha.heartbeat()])
    assert beta.received("alpha") == alpha.told()
    alpha.close()
    beta.close()


# a feed that does not answer

def test_a_gap_is_held_while_the_feed_is_away_and_what_follows_is_kept(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    first = alpha.envelopes()
    alpha.says(1)
    alpha.envelopes()
    alpha.says(1)
    last = alpha.envelopes()
    feeds.away.add("alpha")
    with pytest.raises(Unavailable):
        beta.inbox.take("alpha", [*first, *last])
    assert beta.received("alpha") == alpha.told()[:1]
    feeds.away.clear()
    beta.inbox.take("alpha", [*first, *last])
    assert beta.received("alpha") == alpha.told()


def test_an_envelope_ahead_of_the_feed_is_held(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    alpha.says(1)
    ahead = alpha.chain.read(0)[-1]._replace(position=90, previous=80)
    with pytest.raises(Unavailable):
        beta.inbox.take("alpha", [signed(alpha, [ahead])])
    assert beta.received("alpha") == alpha.told()


# envelopes that are refused

def test_a_forged_envelope_is_kept_as_refused_and_the_others_go_on(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    alpha.says(2)
    first, second, third = alpha.envelopes(most=1)
    forged = Envelope(second.headers, second.body.replace(b"tester", b"nobody"))
    assert beta.inbox.take("alpha", [first, forged, second, third]) == [1]
    assert beta.received("alpha") == alpha.told()
    assert len(refused(beta)) == 1
    ((body,),) = beta.tables.query("SELECT body FROM refused")
    assert bytes(body) == forged.body


@pytest.mark.parametrize("change", [
    {"signature": "AAAA"}, {"signature": "not base64!"}, {"signature": None}, {"kid": "alpha:0000000000000000"}, {"kid": None}, {"head": "12"},
    {"head": "many"}, {"head": None}, {"log_id": "another"}, {"source": "gamma"}, {"source": None}], ids=lambda change: str(change))
def test_an_envelope_with_a_changed_or_missing_header_is_refused(alpha: Peer, beta: Peer, feeds: Feeds, change: dict[str, str | None]) -> None:
    (envelope,) = alpha.envelopes()
    headers = {k: v for k, v in {**envelope.headers, **change}.items() if v is not None}
    assert beta.inbox.take("alpha", [Envelope(headers, envelope.body)]) == [0]
    assert beta.received("alpha") == []


def test_another_service_cannot_speak_for_the_source(alpha: Peer, beta: Peer, eve: Peer, feeds: Feeds) -> None:
    eve.says(1)
    (lie,) = eve.envelopes()
    as_alpha = Envelope({**lie.headers, "source": "alpha"}, lie.body)
    assert beta.inbox.take("alpha", [lie, as_alpha]) == [0, 1]
    assert beta.received("alpha") == []


def test_a_service_signing_the_sources_name_with_its_own_key_is_refused(alpha: Peer, beta: Peer, eve: Peer, feeds: Feeds) -> None:
    impostor = relay.Relay(alpha.config, alpha.log, alpha.tables, Signer.open(alpha.config, "eve"))
    impostor._producer = post = Post()
    impostor.publish(alpha.chain.read(0), 1)
    assert beta.inbox.take("alpha", post.sent) == [0]


@pytest.mark.parametrize("body", [b"", b"not json", b"{}", b"[" * 200_000, b"\xff" * 10])
def test_an_unreadable_body_is_refused_though_signed(alpha: Peer, beta: Peer, feeds: Feeds, body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(relay.feed, "encode", lambda source, items: body)
        bad = signed(alpha, [], head=1)
    assert beta.inbox.take("alpha", [bad]) == [0]
    assert len(refused(beta)) == 1


def test_an_oversized_envelope_is_refused_unread(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    (envelope,) = alpha.envelopes()
    assert beta.inbox.take("alpha", [Envelope(envelope.headers, b" " * (ENVELOPE_LIMIT + 1)), envelope]) == [0]
    assert beta.received("alpha") == alpha.told()
    assert "at most" in refused(beta)[0]


def test_a_batch_of_refused_envelopes_asks_for_nothing(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    (envelope,) = alpha.envelopes()
    beta.inbox.take("alpha", [Envelope({}, envelope.body)])
    assert feeds.asked == 0


# rewritten history, other kinds of log

def test_a_feed_that_does_not_continue_what_we_hold_stops_the_source_loudly(alpha: Peer, beta: Peer, config: Config, feeds: Feeds) -> None:
    alpha.says(3)
    beta.inbox.take("alpha", [])
    held = beta.received("alpha")
    other = Peer(Config(var=config.var / "other"), "alpha")          # the same name, another past
    other.says(9)
    with Feeds(other.chain).patched(), pytest.raises(HistoryRewritten):
        beta.inbox.take("alpha", [])
    assert beta.received("alpha") == held
    ((source, head, stopped),) = heard(beta)
    assert (source, head) == ("alpha", 4) and "does not follow" in stopped
    other.close()


def test_a_source_whose_feed_continues_again_goes_on(alpha: Peer, beta: Peer, config: Config, feeds: Feeds) -> None:
    alpha.says(1)
    beta.inbox.take("alpha", [])
    other = Peer(Config(var=config.var / "other"), "alpha")
    other.says(5)
    with Feeds(other.chain).patched(), pytest.raises(HistoryRewritten):
        beta.inbox.take("alpha", [])
    alpha.says(1)
    beta.inbox.take("alpha", [])
    assert beta.received("alpha") == alpha.told()
    assert heard(beta) == [("alpha", 3, "")]
    other.close()


def test_an_event_changed_in_the_feed_is_not_taken(alpha: Peer, beta: Peer, feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    alpha.says(3)
    items = alpha.chain.read(0)
    changed = [*items[:2], items[2]._replace(state=items[2].state.replace(b"tester", b"nobody")), items[3]]
    monkeypatch.setattr(alpha.chain, "read", lambda after, limit: [i for i in changed if i.position > after])
    with pytest.raises(HistoryRewritten):
        beta.inbox.take("alpha", [])
    assert beta.received("alpha") == []


def test_a_feed_that_leaves_out_an_event_is_not_taken(alpha: Peer, beta: Peer, feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    alpha.says(3)
    items = alpha.chain.read(0)
    monkeypatch.setattr(alpha.chain, "read", lambda after, limit: [items[0], *items[2:]])
    with pytest.raises(HistoryRewritten):
        beta.inbox.take("alpha", [])


def test_a_real_log_takes_nothing_synthetic(beta: Peer, config: Config) -> None:
    synthetic = Peer(Config(var=config.var / "other", kind="synthetic"), "alpha")
    with Feeds(synthetic.chain).patched(), pytest.raises(HistoryRewritten, match="synthetic"):
        beta.inbox.take("alpha", [])
    assert beta.received("alpha") == []
    synthetic.close()


# several at once, and again

def test_two_inboxes_racing_on_one_log_hold_the_feed_once(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    second = Inbox(beta.config, beta.log, beta.tables, beta.signer, beta.keys)
    alpha.says(60)
    sent = alpha.envelopes(most=3)
    problems: list[Exception] = []

    def take(inbox: Inbox, seed: int) -> None:
        random.Random(seed).shuffle(mine := list(sent))
        for envelope in mine:
            try:
                inbox.take("alpha", [envelope])
            except Exception as e:
                problems.append(e)

    threads = [threading.Thread(target=take, args=(inbox, seed)) for seed, inbox in enumerate((beta.inbox, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert problems == []
    assert beta.received("alpha") == alpha.told()


def test_an_inbox_that_was_overtaken_looks_again_and_goes_on(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    slow = Inbox(beta.config, beta.log, beta.tables, beta.signer, beta.keys)
    slow.take("alpha", alpha.envelopes())
    alpha.says(2)
    quick = alpha.envelopes()
    beta.inbox.take("alpha", quick)
    alpha.says(1)
    both = signed(alpha, alpha.chain.read(1))                # what the other has, and one more
    assert slow.take("alpha", [both]) == []
    assert beta.received("alpha") == alpha.told()
    assert feeds.asked == 0


def test_an_envelope_whose_digests_do_not_continue_ours_is_only_a_doorbell(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    alpha.says(2)
    first, second, third = alpha.chain.read(0)
    beta.inbox.take("alpha", [signed(alpha, [first, second._replace(digest=third.digest)])])
    assert beta.received("alpha") == alpha.told()
    assert feeds.asked == 1


def test_an_inbox_that_starts_again_goes_on_where_the_log_ends(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    alpha.says(4)
    beta.inbox.take("alpha", alpha.envelopes())
    again = Inbox(beta.config, beta.log, beta.tables, beta.signer, beta.keys)
    alpha.says(2)
    again.take("alpha", alpha.envelopes())
    assert beta.received("alpha") == alpha.told()
    assert feeds.asked == 0
