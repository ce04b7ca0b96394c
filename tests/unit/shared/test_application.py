"""A command becomes events once, however often and by how many it is sent."""
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from shared import application, event
from shared.application import Answer, Histories, New, Part, handle, handle_each
from shared.errors import BadRequest, Conflict, NotFound, Unavailable, Unprocessable
from shared.testing import meta
from tests.peers import Peer

STREAM = "account/1"


def notes(*streams: str, **data: Any) -> Any:
    return lambda histories: [New(stream, "alpha.Noted", data) for stream in streams]


def test_what_was_decided_is_appended_and_answered(alpha: Peer) -> None:
    answer = handle(alpha.log, meta("k"), [STREAM, "other"], notes(STREAM, "other", STREAM))
    assert [(e["stream"], e["version"], e["position"]) for e in answer.events] == [(STREAM, 1, "2"), ("other", 1, "3"), (STREAM, 2, "4")]
    assert (answer.position, answer.repeated) == (4, False)


def test_an_event_says_who_what_why_and_which_request(alpha: Peer) -> None:
    sent = application.Meta(actor=event.Actor("awa", "officer"), client="awa", key="k", digest="d", correlation="c", occurred_on="2024-11",
                            causation="x", device="tablet-1", place="Kéniéba", reason="minutes")
    handle(alpha.log, sent, [STREAM], notes(STREAM, amount=1))
    e = event.decode(alpha.log.load(STREAM)[0].state)
    assert (e.actor, e.command, e.correlation, e.causation) == (event.Actor("awa", "officer"), event.Command("awa", "k", "d"), "c", "x")
    assert (e.occurred_on, e.device, e.place, e.reason, e.data, e.synthetic) == ("2024-11", "tablet-1", "Kéniéba", "minutes", {"amount": 1}, False)


def test_the_decider_sees_the_whole_history_of_each_stream(alpha: Peer) -> None:
    alpha.writer.appends(STREAM, n=1)
    alpha.writer.appends("unrelated", n=2)
    alpha.writer.appends(STREAM, n=3)
    seen: list[Any] = []
    handle(alpha.log, meta("k"), [STREAM, "empty"], lambda histories: seen.append({s: [e.data["n"] for e in h] for s, h in histories.items()}) or [])
    assert seen == [{STREAM: [1, 3], "empty": []}]


def test_what_only_a_history_names_is_looked_at_too(alpha: Peer) -> None:
    alpha.writer.appends(STREAM, holds="number/7")
    alpha.writer.appends("number/7", n=7)

    def held(histories: Histories) -> list[str]:
        return [e.data["holds"] for e in histories[STREAM]]

    answer = handle(alpha.log, meta("k"), [STREAM], lambda histories: [New("number/7", "alpha.Noted", {"of": len(histories["number/7"])})], held)
    assert [(e["stream"], e["version"]) for e in answer.events] == [("number/7", 2)]
    with pytest.raises(Conflict, match="gone"):
        handle(alpha.log, meta("l"), [STREAM], alpha.writer.interrupts("number/7", only_two), held)


def only_two(histories: Histories) -> Sequence[New]:
    if len(histories["number/7"]) > 2:
        raise Conflict("gone")
    return [New("number/7", "alpha.Noted", {})]


# the same key

def test_the_same_key_and_body_give_the_same_answer_and_no_event(alpha: Peer) -> None:
    first = handle(alpha.log, meta("k"), [STREAM], notes(STREAM, STREAM))
    again = handle(alpha.log, meta("k"), [STREAM], notes(STREAM, STREAM))
    assert again == Answer(events=first.events, position=first.position, repeated=True)
    assert len(alpha.log.load(STREAM)) == 2


def test_the_same_answer_is_given_after_others_have_written(alpha: Peer) -> None:
    first = handle(alpha.log, meta("k"), [STREAM, "other"], notes(STREAM, "other"))
    alpha.says(3)
    assert handle(alpha.log, meta("k"), [STREAM, "other"], notes()).events == first.events


def test_the_same_key_with_another_body_is_refused(alpha: Peer) -> None:
    handle(alpha.log, meta("k", "one body"), [STREAM], notes(STREAM))
    with pytest.raises(Unprocessable) as refused:
        handle(alpha.log, meta("k", "other body"), [STREAM], notes(STREAM))
    assert refused.value.field == "Idempotency-Key"
    assert len(alpha.log.load(STREAM)) == 1


def test_keys_of_two_clients_have_nothing_to_do_with_each_other(alpha: Peer) -> None:
    handle(alpha.log, meta("k", "one", client="awa"), [STREAM], notes(STREAM))
    assert not handle(alpha.log, meta("k", "other", client="ba"), [STREAM], notes(STREAM)).repeated
    assert len(alpha.log.load(STREAM)) == 2


def test_a_command_that_wrote_nothing_is_not_remembered(alpha: Peer) -> None:
    assert handle(alpha.log, meta("k"), [STREAM], notes()) == Answer()
    assert handle(alpha.log, meta("k", "other body"), [STREAM], notes(STREAM)).position == 2


def test_a_refused_command_is_not_remembered(alpha: Peer) -> None:
    def refuse(histories: Histories) -> Sequence[New]:
        raise Conflict("no")

    with pytest.raises(Conflict, match="no"):
        handle(alpha.log, meta("k"), [STREAM], refuse)
    assert handle(alpha.log, meta("k", "other body"), [STREAM], notes(STREAM)).position == 2


def test_twenty_requests_with_one_key_make_one_event_and_twenty_equal_answers(alpha: Peer) -> None:
    answers: list[Answer] = []
    barrier = threading.Barrier(20)

    def send() -> None:
        barrier.wait()
        answers.append(handle(alpha.log, meta("k"), [STREAM], notes(STREAM)))

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(alpha.log.load(STREAM)) == 1
    assert len(answers) == 20
    assert {(str(a.events), a.position) for a in answers} == {(str(answers[0].events), 2)}
    assert sorted(a.repeated for a in answers) == [False] + [True] * 19


# races and faults

def test_a_command_decides_again_when_another_was_quicker(alpha: Peer) -> None:
    seen: list[int] = []

    def decide(histories: Histories) -> Sequence[New]:
        seen.append(len(histories[STREAM]))
        return [New(STREAM, "alpha.Noted", {})]

    answer = handle(alpha.log, meta("k"), [STREAM], alpha.writer.interrupts(STREAM, decide))
    assert seen == [0, 1]
    assert answer.events[0]["version"] == 2


def test_a_rule_of_the_decider_holds_in_a_race(alpha: Peer) -> None:
    def only_first(histories: Histories) -> Sequence[New]:
        if histories[STREAM]:
            raise Conflict("taken")
        return [New(STREAM, "alpha.Noted", {})]

    with pytest.raises(Conflict, match="taken"):
        handle(alpha.log, meta("k"), [STREAM], alpha.writer.interrupts(STREAM, only_first))
    assert [r.name for r in alpha.log.load(STREAM)] == ["test.Noted"]


def test_who_keeps_losing_gives_up(alpha: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    def slower(histories: Histories) -> Sequence[New]:
        alpha.writer.appends(STREAM)
        return [New(STREAM, "alpha.Noted", {})]

    monkeypatch.setattr(application, "PATIENCE_S", 0.05)
    with pytest.raises(Conflict):
        handle(alpha.log, meta("k"), [STREAM], slower)
    assert {r.name for r in alpha.log.load(STREAM)} == {"test.Noted"}


def test_a_decider_may_only_write_what_it_looked_at(alpha: Peer) -> None:
    with pytest.raises(NotFound):
        handle(alpha.log, meta("k"), [STREAM], notes("elsewhere"))
    assert alpha.log.load("elsewhere") == []


def test_data_without_a_canonical_form_is_refused(alpha: Peer) -> None:
    with pytest.raises(BadRequest):
        handle(alpha.log, meta("k"), [STREAM], notes(STREAM, weight=1.5))
    assert alpha.log.load(STREAM) == []


def test_a_read_only_log_answers_what_it_did_before_and_takes_nothing_new(alpha: Peer) -> None:
    handle(alpha.log, meta("k"), [STREAM], notes(STREAM))
    alpha.log.read_only = "restoring"
    assert handle(alpha.log, meta("k"), [STREAM], notes(STREAM)).repeated
    with pytest.raises(Unavailable):
        handle(alpha.log, meta("k2"), [STREAM], notes(STREAM))


def test_the_digest_depends_on_client_command_body_and_secret_but_not_on_the_order_of_keys() -> None:
    base = application.digest(b"s", "c", "n", {"a": 1, "b": 2})
    assert application.digest(b"s", "c", "n", {"b": 2, "a": 1}) == base
    others = [application.digest(*args) for args in ((b"t", "c", "n", {"a": 1, "b": 2}), (b"s", "d", "n", {"a": 1, "b": 2}),
                                                     (b"s", "c", "m", {"a": 1, "b": 2}), (b"s", "c", "n", {"a": 1, "b": 3}))]
    assert len({base, *others}) == 5


def test_of_many_together_what_changes_nothing_is_answered_and_a_repeat_is_told(alpha: Peer) -> None:
    first = handle(alpha.log, meta("k"), [STREAM], notes(STREAM))

    def part(key: str, decide: Any, digest: str = "") -> Part:
        return Part(replace(meta(key), **({"digest": digest} if digest else {})), [STREAM], decide)

    nothing, repeat, other, new = handle_each(alpha.log, [
        part("none", lambda _: []), part("k", lambda _: []), part("k", lambda _: [], "another body"), part("new", notes(STREAM))])
    assert nothing == Answer()
    assert repeat is not None and (repeat.repeated, repeat.events) == (True, first.events)
    assert other is None
    assert new is not None and [e["version"] for e in new.events] == [2]
