"""Envelopes that come twice, late, never, or from a forger; and messages made to break whoever reads them."""
import base64
import pickle
import random
import time
import zlib
from typing import Any

from shared import feed
from shared.relay import signed_bytes
from shared.signing import Signer
from tests.clients import until
from tests.failure.bus import Bus, Raw, longstr, nested, short, table, with_headers
from tests.world import OnServers


def signed(world: OnServers, body: bytes, owner: str = "membership", source: str = "membership", head: str = "1", **other: str) -> dict[str, Any]:
    """Headers as `owner` would sign them for an envelope of `source`."""
    signer = Signer.open(world.direct, owner)
    with world.books() as books:
        log_id = books.services[source].log.opened.log_id
    headers = {"source": source, "log_id": log_id, "head": head, "kid": signer.kid}
    return {**headers, "signature": base64.b64encode(signer.sign(signed_bytes(source, log_id, head, body))).decode(), **other}


def refused(world: OnServers, service: str = "reporting") -> list[tuple[str, str]]:
    with world.books() as books:
        return books.refused(service)


def test_envelopes_that_come_again_and_out_of_order_change_nothing(world: OnServers) -> None:
    with Bus(world.direct.broker) as bus:
        queue = bus.tap("membership")
        with world.load() as load:
            load.acknowledged(60)
            envelopes = bus.taken(queue) * 5
            random.shuffle(envelopes)
            for headers, body in envelopes:
                bus.publish("membership", body, headers)
            load.acknowledged(20)
        bus.drained("reporting", "membership")
    world.end_well()


def test_lost_envelopes_are_pulled_when_the_next_one_does_not_follow(world: OnServers) -> None:
    with Bus(world.direct.broker) as bus, world.load() as load:
        for _ in range(3):
            bus.deaf("reporting", "membership")
            bus.deaf("training", "membership")
            load.acknowledged(30)
            bus.deaf("reporting", "membership", False)
            bus.deaf("training", "membership", False)
            load.acknowledged(10)
    world.end_well()


def test_a_lost_last_envelope_is_healed_by_the_heartbeat(world: OnServers) -> None:
    """Nothing follows it, and the source is not silent: only the head in the heartbeat tells."""
    world.end_well()
    with Bus(world.direct.broker) as bus, world.books() as books:
        bus.deaf("reporting", "membership")
        unique = str(time.time_ns())               # of a region nothing follows
        answer = world.client().command("membership", "register-region", {"region": f"last-{unique}", "name": f"Dernière {unique}"}, unique)
        position = int(answer["position"])
        until(lambda: books.services["membership"].relay().position >= position, 10, "published")
        held = books.services["reporting"].log.received_head("membership")
        assert held and held.version < position
        bus.deaf("reporting", "membership", False)
        until(lambda: (row := books.services["reporting"].log.received_head("membership")) and row.version == position, 3, "healed")
    world.end_well()


def test_a_purged_queue_costs_nothing(world: OnServers) -> None:
    with world.load() as load, Bus(world.direct.broker) as bus:
        for _ in range(3):
            world.again("reporting", "inbox")
            load.acknowledged(20)
            bus.purge("reporting", "membership")
    world.end_well()


def test_forged_envelopes_are_refused_and_the_source_goes_on(world: OnServers) -> None:
    with Bus(world.direct.broker) as bus:
        queue = bus.tap("membership")
        with world.load() as load:
            load.acknowledged(10)
        until(lambda: bus.waiting("reporting", "membership") == 0)
        headers, body = next((h, b) for h, b in bus.taken(queue) if b != b"[]")
        before = refused(world)
        changed = body.replace(b"membership.", b"membershiq.", 1)
        other_head = {**headers, "head": "999999999"}
        forgeries = [
            (changed, headers),                                                               # changed body
            (body, {k: v for k, v in headers.items() if k != "signature"}),                   # unsigned
            (body, {**headers, "signature": base64.b64encode(bytes(64)).decode()}),           # no signature at all
            (body, signed(world, body, owner="training")),                                    # another service's key
            (body, signed(world, body, owner="training", source="training")),                 # another service's envelope
            (body, {**headers, "kid": "membership:0000000000000000"}),                        # a key nobody knows
            (body, other_head),                                                               # a head that was not signed
            (body, {**headers, "source": "gold_trade"}),
        ]
        for forged, labels in forgeries:
            bus.publish("membership", forged, labels)
        until(lambda: len(refused(world)) >= len(before) + len(forgeries), 10, "refused")
        assert {source for source, _ in refused(world)[len(before):]} == {"membership"}
        with world.load() as load:
            load.acknowledged(20)
    world.end_well()


LISTENERS = ("reporting", "training", "gold_trade")
TWICE = b'[{"data":{},"digest":"00","digest":"00","position":"1","previous":"0","type":"x","data":{}}]'


def hostile(world: OnServers) -> dict[str, Any]:
    """What broke plain nameko (faults.md 5), and what breaks whoever trusts py-amqp, JSON or the database to be forgiving."""
    item = '{"data":{},"digest":"00","id":"1","position":"%s","previous":"0","source":"membership","specversion":"1.0","type":"x"}'
    true = signed(world, b"[]")
    return {
        "no content type": (b"[]", {}, {}),
        "no reply_to, as an RPC request": (b'{"args": [], "kwargs": {}}', {"nameko.call_id_stack": ["a.b.c"]}, {"content_type": "application/json"}),
        "a call id stack that is no list": (b"{}", {"nameko.call_id_stack": 7}, {"content_type": "application/json"}),
        "undecodable bytes": (b"\xff\xfe\x00", {}, {"content_type": "application/json", "content_encoding": "utf-8"}),
        "a wrong content type": (b"<x/>", {}, {"content_type": "application/xml"}),
        "a pickle": (pickle.dumps({"x": 1}), {}, {"content_type": "application/x-python-serialize", "content_encoding": "binary"}),
        "bad gzip": (b"\x1f\x8bnot gzip", {"compression": "application/x-gzip"}, {"content_type": "application/json", "content_encoding": "gzip"}),
        "a gzip bomb": (zlib.compress(bytes(20_000_000)), {"compression": "zlib"}, {"content_type": "application/json"}),
        "200,000 nested arrays, signed": (deep := b"[" * 200_000, signed(world, deep), {}),
        "a __type__ tag": (tag := b'[{"__type__": "uuid", "__value__": "x"}]', signed(world, tag), {"content_type": "application/json"}),
        "10 MB": (b"x" * 10_000_000, true, {}),
        "a number without end, signed": (huge := f"[{item % '1e999999999'}]".encode(), signed(world, huge), {}),
        "a position of 5,000 digits, signed": (long := f"[{item % ('9' * 5000)}]".encode(), signed(world, long), {}),
        "year 1 at +23:59, signed": (year := b'"0001-01-01T00:00:00+23:59"', signed(world, year), {}),
        "null, signed": (b"null", signed(world, b"null"), {}),
        "an empty body": (b"", {}, {}),
        "head that is no number": (b"[]", {**true, "head": "NaN"}, {}),
        "head of other digits": (b"[]", {**true, "head": "٣"}, {}),
        "headers of other types": (b"[]", {"source": ["membership"], "log_id": {"a": 1}, "head": True, "kid": 1.5, "signature": 2**40}, {}),
        "half a surrogate pair": (b"[]", {**true, "log_id": "\ud800"}, {}),
        "NUL in a name": (b"[]", {**true, "source": "member\0ship"}, {}),
        "header text that is not UTF-8": Raw(b"[]", with_headers(table((b"source", longstr(b"\xff\xfe")), (b"\xff", longstr(b"x"))))),
        "content type that is not UTF-8": Raw(b"[]", b"\x80\x00" + short(b"\xff\xfe")),
        "a time beyond the calendar": Raw(b"[]", with_headers(table((b"t", b"T" + b"\xff" * 8)))),
        "headers nested 5,000 deep": Raw(b"[]", with_headers(table((b"a", nested(5000))))),
    }


def test_hostile_messages_are_refused_and_break_nothing(world: OnServers) -> None:
    deaths = sum(c.deaths for c in world.installation.children)
    with Bus(world.direct.broker) as bus, world.books() as books, world.load() as load:
        def count() -> list[int]:
            return [len(books.refused(service)) for service in LISTENERS]

        for what, message in hostile(world).items():
            after = [n + 1 for n in count()]
            if isinstance(message, Raw):
                bus.send("membership", message)
            else:
                body, headers, properties = message
                bus.publish("membership", body, headers, **properties)
            until(lambda after=after: count() == after, 10, f"refused: {what}")
        bus.publish("membership", TWICE, signed(world, TWICE))     # of the source itself, and of an event that is there: passed over
        load.acknowledged(10)
        bus.drained("reporting", "membership")
    assert sum(c.deaths for c in world.installation.children) == deaths, "a process died"
    world.end_well()


def test_what_the_source_itself_invents_is_held_while_its_feed_is_still_read(world: OnServers) -> None:
    """An envelope with a true signature about an event that the feed does not have: nothing of it is stored."""
    body = feed.encode("membership", [feed.Item(2**40, 2**40 - 1, bytes(32), "membership.Invented", b"{}")])
    with Bus(world.direct.broker) as bus:
        bus.publish("membership", body, signed(world, body, head=str(2**40)))
        with world.load() as load:
            load.acknowledged(20)
        world.end_well()
        for service in LISTENERS:                          # an operator's remedy: the queue is only a doorbell
            world.again(service, "inbox")
            until(lambda service=service: bus.purge(service, "membership"), 10, "purged")
    world.end_well()
