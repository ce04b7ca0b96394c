"""A feed is one chain: whoever reads it, in whatever pages, from the log or from a copy, gets the same digests."""
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import feed
from shared.errors import BadRequest, HistoryRewritten
from shared.feed import Chain, Item
from tests.peers import Feeds, Peer


def naive(peer: Peer) -> list[Item]:
    """The definition, word for word, over the rows as SQLite holds them."""
    rows = peer.log.recorder.select("SELECT rowid, topic, state FROM stored_events WHERE originator_id NOT LIKE 'received/%' ORDER BY rowid", ())
    digest, previous, result = sha256(peer.name.encode() + peer.log.opened.log_id.encode()).digest(), 0, []
    for position, name, state in rows:
        digest = sha256(digest + position.to_bytes(8, "big") + state).digest()
        result.append(Item(position, previous, digest, name, state))
        previous = position
    return result


def with_holes(peer: Peer, feeds: Feeds, other: Peer) -> None:
    """Own events among received ones."""
    for _ in range(4):
        other.says(3)
        with Feeds(other.chain).patched():
            peer.inbox.take(other.name, [])
        peer.says(2)


def test_digests_are_those_of_the_definition(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    with_holes(alpha, feeds, beta)
    assert alpha.chain.read(0) == naive(alpha)
    assert any(i.position != i.previous + 1 for i in naive(alpha))


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_of_any_size_make_the_same_chain(alpha: Peer, beta: Peer, feeds: Feeds, limit: int) -> None:
    with_holes(alpha, feeds, beta)
    chain, items, position = Chain(alpha.log, alpha.tables), [], 0
    while page := chain.read(position, limit):
        items += page
        position = page[-1].position
    assert items == naive(alpha)


def test_a_page_may_start_anywhere_even_where_no_own_event_stands(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    with_holes(alpha, feeds, beta)
    for after in range(alpha.log.head() + 3):
        assert Chain(alpha.log, alpha.tables).read(after, 2) == [i for i in naive(alpha) if i.position > after][:2]


def test_how_far_feeds_are_held_is_told_without_those_nothing_is_held_of(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    with_holes(alpha, feeds, beta)
    assert feed.held(alpha.log, ["beta", "gamma"]) == {"beta": beta.log.own_head()}
    assert feed.held(beta.log, ["alpha"]) == {}


def test_a_copy_has_the_digests_of_the_original(alpha: Peer, beta: Peer, feeds: Feeds) -> None:
    with_holes(alpha, feeds, beta)
    with Feeds(alpha.chain).patched():
        beta.inbox.take("alpha", [])
    copy = Chain(beta.log, beta.tables, "alpha")
    assert copy.read(0) == alpha.chain.read(0) == naive(alpha)
    assert copy.digest_at(alpha.log.own_head()) == naive(alpha)[-1].digest


def test_a_digest_of_the_middle_is_that_of_the_chain(alpha: Peer) -> None:
    alpha.says(6)
    for item in naive(alpha):
        assert Chain(alpha.log, alpha.tables).digest_at(item.position) == item.digest


def test_a_position_beyond_the_feed_has_no_digest(alpha: Peer) -> None:
    with pytest.raises(HistoryRewritten):
        alpha.chain.digest_at(99)


# checkpoints

def test_checkpoints_are_kept_and_spare_the_way_from_the_beginning(alpha: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Chain, "EVERY", 10)
    alpha.says(34)
    Chain(alpha.log, alpha.tables).read(0)
    kept = alpha.tables.query("SELECT position, digest FROM checkpoint WHERE source = 'alpha' ORDER BY position")
    assert [(p, bytes(d)) for p, d in kept] == [(i.position, i.digest) for i in naive(alpha) if i.position in (10, 20, 30)]
    fresh, read = Chain(alpha.log, alpha.tables), []
    rows = fresh.rows
    monkeypatch.setattr(fresh, "rows", lambda after, limit: read.append(after) or rows(after, limit))
    assert fresh.digest_at(32) == naive(alpha)[31].digest
    assert read[0] == 30


def test_a_checkpoint_that_is_met_with_another_digest_stops_the_reader(alpha: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Chain, "EVERY", 10)
    alpha.says(20)
    with alpha.tables.transaction() as tx:
        tx.execute("INSERT INTO checkpoint VALUES ('alpha', 20, ?)", (b"\0" * 32,))
    with pytest.raises(HistoryRewritten):
        Chain(alpha.log, alpha.tables).read(0)


def test_a_changed_event_is_found_by_the_checkpoint_behind_it(alpha: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Chain, "EVERY", 10)
    alpha.says(20)
    Chain(alpha.log, alpha.tables).read(0)
    with alpha.log.recorder.datastore.transaction(commit=True) as c:
        c.execute("DROP TRIGGER never_update")
        c.execute("UPDATE stored_events SET state = CAST(replace(CAST(state AS TEXT), 'tester', 'nobody') AS BLOB) WHERE rowid = 7")
    with pytest.raises(HistoryRewritten):
        Chain(alpha.log, alpha.tables).read(0)


# on the wire

def test_a_page_read_back_from_the_wire_is_the_page(alpha: Peer) -> None:
    alpha.says(5, text='é "quoted" \\ \n')
    items = alpha.chain.read(0)
    assert feed.decode(feed.encode("alpha", items)) == items


@pytest.mark.parametrize("body", [
    b"", b"{}", b"[{}]", b"[" * 200_000, b'[{"data":{},"digest":"zz","position":"1","previous":"0","type":"a"}]',
    b'[{"data":{},"digest":"00","position":"one","previous":"0","type":"a"}]', b'[{"data":{},"digest":"00","position":1,"previous":"0","type":"a"}]', b"\xff"])
def test_what_is_no_page_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        feed.decode(body)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_page_or_refused(body: bytes) -> None:
    try:
        feed.decode(body)
    except BadRequest:
        pass
