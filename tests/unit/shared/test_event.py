"""One event has one form: RFC 8785 bytes, compared with another implementation, and nothing that has no place in it."""
import json
import math
import unicodedata
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from shared import event
from shared.errors import BadRequest, TooLarge
from shared.event import Actor, Command, Event

texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)
keys = st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=8)
values = st.recursive(
    st.booleans() | st.integers(-event.LARGEST, event.LARGEST) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20)


def an_event(**changes: Any) -> Event:
    return Event(**{"id": "e1", "name": "alpha.Noted", "stream": "note/1", "version": 1, "recorded_at": "2025-01-01T00:00:00.000Z",
                    "actor": Actor("tester", "officer"), "correlation": "c", "data": {}, **changes})


@given(values)
def test_canonical_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert event.canonical(event.plain(value)) == rfc8785.dumps(event.plain(value))


@given(values)
def test_canonical_bytes_read_back_are_the_same_value(value: Any) -> None:
    plain = event.plain(value)
    assert json.loads(event.canonical(plain)) == plain


@pytest.mark.parametrize("text", ['"\\/\b\f\n\r\t', "".join(map(chr, range(1, 32))), "\x7f\u2028\u2029", "ɛ́ ŋ ɲ", "\U0001F4B0"])
def test_odd_characters_are_written_as_rfc_8785_says(text: str) -> None:
    assert event.canonical(unicodedata.normalize("NFC", text)) == rfc8785.dumps(unicodedata.normalize("NFC", text))


@given(texts)
def test_two_spellings_of_a_text_have_the_same_bytes(text: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert event.canonical(event.plain([composed])) == event.canonical(event.plain([decomposed]))


def test_the_order_of_keys_does_not_change_the_bytes() -> None:
    assert event.canonical({"b": 1, "a": {"d": 2, "c": 3}}) == event.canonical({"a": {"c": 3, "d": 2}, "b": 1})


def test_null_is_absent() -> None:
    assert event.plain({"a": None, "b": {"c": None}}) == {"b": {}}


@pytest.mark.parametrize(("value", "field"), [
    ({"a": 1.5}, "a"), ({"a": {"b": math.nan}}, "a.b"), ({"a": [0, math.inf]}, "a[1]"), ({"a": [None]}, "a[0]"),
    ({"a": 2**53}, "a"), ({"a": -2**53}, "a"), ({"a": "\ud800"}, "a"), ({"a": "ok \udfff"}, "a"), ({"a": "a\0b"}, "a"), ({"a": "é\0"}, "a"),
    ({"a": b"x"}, "a"), ({"a": {1: 2}}, "a"),
    ({"clé": 1}, ""), ({"a": {"ɛ": 1}}, "a"), ({"a": {"\0": 1}}, "a")])
def test_what_has_no_canonical_form_is_refused_where_it_stands(value: Any, field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        event.plain(value)
    assert refused.value.field == field


@pytest.mark.parametrize("number", [event.LARGEST, -event.LARGEST, 0])
def test_the_largest_integers_are_kept(number: int) -> None:
    assert event.plain(number) == number


def test_a_boolean_stays_a_boolean() -> None:
    assert event.canonical(event.plain([True, 1, False, 0])) == b"[true,1,false,0]"


# events

def test_an_event_read_back_is_the_same_event() -> None:
    e = an_event(occurred_on="2024-11", causation="x", command=Command("c", "k", "d"), device="t", place="p", reason="r", synthetic=True, data={"a": [1]})
    assert event.decode(event.encode(e)) == e


def test_stored_bytes_are_canonical_and_hold_nothing_absent() -> None:
    state = event.encode(an_event(data={"b": 1, "a": "é"}))
    assert state == rfc8785.dumps(json.loads(state))
    assert set(json.loads(state)) == {"id", "name", "stream", "version", "recorded_at", "actor", "correlation", "data"}


def test_fields_of_a_newer_shape_are_ignored() -> None:
    newer = json.loads(event.encode(an_event())) | {"shift": "night"}
    newer["actor"]["badge"] = 7
    assert event.decode(event.canonical(newer)) == an_event()


def test_an_event_of_64_kib_is_kept_and_a_byte_more_refused() -> None:
    room = event.LIMIT_BYTES - len(event.encode(an_event(data={"t": ""})))
    assert len(event.encode(an_event(data={"t": "x" * room}))) == 65_536
    with pytest.raises(TooLarge):
        event.encode(an_event(data={"t": "x" * (room + 1)}))


def test_the_limit_counts_bytes_not_characters() -> None:
    with pytest.raises(TooLarge):
        event.encode(an_event(data={"t": "é" * 40_000}))


def test_derived_ids_are_the_same_for_the_same_parts_only() -> None:
    assert event.derived_id("a", "b") == event.derived_id("a", "b")
    assert len({event.derived_id("a", "b"), event.derived_id("ab", ""), event.derived_id("b", "a")}) == 3


# JSON from outside

@pytest.mark.parametrize("body", [
    b'{"a": 1, "a": 1}', b'{"x": [{"a": 1, "b": 2, "a": 3}]}', b'{"a": 1, "\\u0061": 2}', b"NaN", b'{"a": Infinity}', b"[-Infinity]",
    b"", b"{", b"{'a': 1}", b'{"a": 1,}', b"\xff\xfe{}", b'{"a": "\xe9"}', b"\xef\xbb\xbf{}", b"[" + b"9" * 5000 + b"]"])
def test_what_is_not_strict_json_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        event.read_json(body)


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 200_000, b"[" * 200_000 + b"]" * 200_000, b'"[' + b"[" * 33])
def test_deep_nesting_is_refused_before_it_is_parsed(body: bytes) -> None:
    with pytest.raises(BadRequest):
        event.read_json(body)


def test_nesting_of_the_allowed_depth_is_read_and_one_more_refused() -> None:
    assert event.read_json(b"[" * 32 + b"]" * 32)
    with pytest.raises(BadRequest, match="deeper"):
        event.read_json(b"[" * 33 + b"]" * 33)


def test_brackets_in_a_text_are_no_nesting() -> None:
    text = '["\\"[{' * 50
    assert event.read_json(json.dumps({"a": text, "b": "\\" * 9 + "[" * 90}).encode())["a"] == text


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        event.read_json(body)
    except BadRequest:
        pass


@given(values)
def test_what_is_canonical_is_strict_json(value: Any) -> None:
    state = event.canonical(event.plain(value))
    assert event.read_json(state, depth=100) == event.plain(value)
