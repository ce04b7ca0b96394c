"""The relay publishes every own event in order, in envelopes of bounded size, and moves on only after the confirm."""
import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import event, feed
from shared.feed import Item
from shared.relay import ENVELOPE_BYTES, ENVELOPE_EVENTS, Relay, envelopes, signed_bytes
from tests.peers import Feeds, Peer, Post


def items(*sizes: int) -> list[Item]:
    return [Item(n, n - 1, b"", "a", b"x" * size) for n, size in enumerate(sizes, 1)]


@given(st.lists(st.integers(0, event.LIMIT_BYTES), max_size=40), st.integers(1, 10))
def test_envelopes_hold_every_event_once_in_order_within_both_limits(sizes: list[int], most: int) -> None:
    cut = envelopes(items(*sizes), most)
    assert [i for envelope in cut for i in envelope] == items(*sizes)
    assert all(0 < len(envelope) <= most for envelope in cut)
    assert all(sum(len(i.state) for i in envelope) <= ENVELOPE_BYTES for envelope in cut)


def test_an_envelope_is_filled_before_the_next_is_begun() -> None:
    assert [len(e) for e in envelopes(items(*[100] * 1201))] == [ENVELOPE_EVENTS, ENVELOPE_EVENTS, 201]
    assert [len(e) for e in envelopes(items(*[event.LIMIT_BYTES] * 9))] == [7, 2]


def test_no_events_make_no_envelope() -> None:
    assert envelopes([]) == []


def test_an_envelope_on_the_wire_stays_below_its_limit(alpha: Peer) -> None:
    for _ in range(9):
        alpha.says(1, text="x" * 65_000)
    sent = alpha.envelopes()
    assert [len(feed.decode(e.body)) for e in sent] == [8, 2]
    assert all(len(e.body) <= ENVELOPE_BYTES for e in sent)


def test_a_relay_tells_own_events_only(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    beta.inbox.take("alpha", [])
    beta.says(2)
    told = [i for e in beta.envelopes() for i in feed.decode(e.body)]
    assert [i.state for i in told] == beta.told()
    assert len(told) == 3


def test_a_relay_goes_on_where_it_was(alpha: Peer) -> None:
    alpha.says(2)
    first = alpha.envelopes()
    alpha.says(1)
    assert [i.position for e in first for i in feed.decode(e.body)] == [1, 2, 3]
    assert [i.position for e in alpha.envelopes() for i in feed.decode(e.body)] == [4]


def test_what_was_not_confirmed_is_published_again(alpha: Peer) -> None:
    class Refusing(Post):
        def publish(self, body: bytes, headers: object, **_: object) -> None:
            raise ConnectionError("no confirm")

    alpha.says(2)
    relay = Relay(alpha.config, alpha.log, alpha.tables, alpha.signer)
    relay._producer = Refusing()
    with pytest.raises(ConnectionError):
        relay.step()
    assert relay.position == 0
    assert [i.position for e in alpha.envelopes() for i in feed.decode(e.body)] == [1, 2, 3]


def test_every_envelope_is_signed_over_source_log_head_and_body(alpha: Peer) -> None:
    (envelope,) = alpha.envelopes()
    signature = base64.b64decode(str(envelope.headers["signature"]))
    alpha.keys.verify("alpha", str(envelope.headers["kid"]), signature, signed_bytes("alpha", alpha.log.opened.log_id, "1", envelope.body))


def test_a_heartbeat_tells_the_head_and_holds_no_event(alpha: Peer) -> None:
    alpha.says(2)
    beat = alpha.heartbeat()
    assert (beat.headers["head"], feed.decode(beat.body)) == ("3", [])
