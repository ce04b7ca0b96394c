"""A service put together: decisions about views, waiting for what one wrote, and doing what its processes want."""
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from marshmallow import fields

from shared import auth, event, service
from shared.application import Histories, New
from shared.definition import CommandSpec, Definition
from shared.errors import BadRequest, NotFound, Unavailable, Unprocessable
from shared.port import Port
from shared.process import Process, Todo
from shared.projection import View
from shared.rebuild import rebuild
from shared.recorder import Recorded
from shared.requests import CommandSchema
from shared.service import Service
from shared.tables import Transaction
from shared.testing import OFFICER
from tests.peers import Together


class Note(CommandSchema):
    text = fields.String(required=True)


class Texts(View):
    name = "texts"
    names = frozenset({"alpha.Noted"})
    tables: ClassVar[dict[str, str]] = {"": "position INTEGER, text TEXT"}

    def fold(self, page: Sequence[Recorded]) -> list[tuple[int, str]]:
        data = [(r.position, event.decode(r.state).data["text"]) for r in page]
        if any(text == "poison" for _, text in data):
            raise ValueError("poison")
        return data

    def write(self, tx: Transaction, table: Callable[[str], str], change: list[tuple[int, str]]) -> None:
        tx.load(table(""), ("position", "text"), change)


class Echoes(Process):
    """Noted → note it again, once; and tell the office."""

    name = "echoes"
    names = frozenset({"alpha.Noted"})

    def act(self, row: Recorded) -> Iterable[Todo]:
        e = event.decode(row.state)
        if not e.causation:
            yield Todo(self.step_id(e.id, "echo"), "command", "note", {"text": e.data["text"] + "!"}, e.id)
            yield Todo(self.step_id(e.id, "tell"), "sending", "office", {"text": e.data["text"]}, e.id)


class Office(Port):
    def __init__(self) -> None:
        self.taken: list[str] = []

    def send(self, id: str, body: Any) -> str:
        self.taken.append(body["text"])
        return "ok"


def decide(service: Service, histories: Histories, command: Any) -> Sequence[New]:
    return [New("notes", "alpha.Noted", {"text": command["text"]})]


NOTE = CommandSpec(schema=Note, make=dict, streams=lambda command: ["notes"], decide=decide)


def definition(**more: Any) -> Any:
    return partial(Service, definition=Definition(name="alpha", commands={"note": NOTE}, **more))


@pytest.fixture
def together(tmp_path: Path) -> Iterator[Together]:
    with Together(tmp_path, definition(views=[Texts])) as opened:
        yield opened


@pytest.fixture
def acting(tmp_path: Path) -> Iterator[Together]:
    with Together(tmp_path, definition(processes=[Echoes], ports={"office": lambda config: Office()})) as opened:
        yield opened


def texts(s: Service) -> list[str]:
    with s.view("texts").reading() as (tx, table, _):
        return [text for (text,) in tx.execute(f"SELECT text FROM {table('')} ORDER BY position").fetchall()]


def noted(together: Together) -> list[str]:
    return [event.decode(r.state).data["text"] for r in together["alpha"].log.load("notes")]


# commands

def test_a_command_is_read_decided_and_appended(together: Together) -> None:
    answer = together.command("alpha", "note", text="one", occurred_on="2024-11", reason="minutes")
    (row,) = together["alpha"].log.load("notes")
    e = event.decode(row.state)
    assert (e.id, e.data, e.occurred_on, e.reason, e.actor.subject) == (answer.events[0]["id"], {"text": "one"}, "2024-11", "minutes", "officer-1")


@pytest.mark.parametrize(("body", "field"), [
    ({}, "text"), ({"text": 1}, "text"), ({"text": "x", "more": 1}, "more"), ({"text": "x", "occurred_on": "soon"}, "occurred_on"),
    ({"text": "x", "synthetic": "yes"}, "synthetic"), ([], ""), ({"text": 1.5}, "text")])
def test_a_body_that_does_not_fit_is_refused_naming_the_field(together: Together, body: object, field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        together["alpha"].handle("note", body, OFFICER, "k", "c")
    assert refused.value.field == field
    assert noted(together) == []


def test_a_command_nobody_knows_is_refused(together: Together) -> None:
    with pytest.raises(NotFound):
        together.command("alpha", "sing", text="one")


def test_a_real_log_takes_no_synthetic_command(together: Together) -> None:
    with pytest.raises(Unprocessable) as refused:
        together.command("alpha", "note", text="one", synthetic=True)
    assert refused.value.field == "synthetic"


def test_every_event_of_a_synthetic_log_says_so(tmp_path: Path) -> None:
    with Together(tmp_path, definition(), kind="synthetic") as opened:
        opened.command("alpha", "note", text="one", synthetic=True)
        assert event.decode(opened["alpha"].log.load("notes")[0].state).synthetic is True


def test_the_same_key_from_two_callers_makes_two_events(together: Together) -> None:
    other = auth.Caller(subject="officer-2", role="officer", scopes=OFFICER.scopes)
    together.command("alpha", "note", "k", text="one")
    together["alpha"].handle("note", {"text": "two"}, other, "k", "c")
    assert noted(together) == ["one", "two"]


def test_the_same_key_with_another_body_is_refused(together: Together) -> None:
    together.command("alpha", "note", "k", text="one")
    with pytest.raises(Unprocessable):
        together.command("alpha", "note", "k", text="two")


def test_the_same_text_in_another_spelling_is_the_same_body(together: Together) -> None:
    together.command("alpha", "note", "k", text="S\u00e9gou")
    assert together.command("alpha", "note", "k", text="Se\u0301gou").repeated


# decisions about views

def poisoned(together: Together) -> Service:
    for text in ("one", "poison", "two"):
        together.command("alpha", "note", text=text)
    together.fold()
    return together["alpha"]


def test_a_skipped_event_is_a_recorded_decision_and_the_view_goes_on(together: Together) -> None:
    alpha = poisoned(together)
    position = alpha.view("texts").current().stopped_at
    assert alpha.skip("texts", "known mistake", "officer-1") == position
    together.fold()
    assert texts(alpha) == ["one", "two"]
    (row,) = alpha.log.load("view/texts/1")
    data = event.decode(row.state).data
    assert row.name == "alpha.ViewEventSkipped"
    assert (data["stream"], data["version"], data["decision"], data["by"], data["why"]) == ("notes", 2, "known mistake", "officer-1", "ValueError: poison")


def test_a_skip_survives_a_rebuild(together: Together) -> None:
    alpha = poisoned(together)
    alpha.skip("texts", "known mistake", "officer-1")
    together.fold()
    elsewhere = Service(alpha.config, alpha.definition)
    rebuild(elsewhere.views)
    elsewhere.close()
    assert alpha.view("texts").current().number == 2
    assert texts(alpha) == ["one", "two"]


def test_a_skip_decided_by_another_process_reaches_the_running_view(together: Together) -> None:
    alpha = poisoned(together)
    elsewhere = Service(alpha.config, alpha.definition)
    elsewhere.skip("texts", "known mistake", "officer-1")
    elsewhere.close()
    together.fold()
    assert texts(alpha) == ["one", "two"]


def test_skipping_one_event_skips_no_other(together: Together) -> None:
    alpha = poisoned(together)
    alpha.skip("texts", "known mistake", "officer-1")
    together.command("alpha", "note", text="poison")
    together.fold()
    assert alpha.view("texts").current().stopped_at == alpha.log.load("notes")[3].position


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_skip_needs_a_reason(together: Together, reason: str) -> None:
    alpha = poisoned(together)
    with pytest.raises(BadRequest):
        alpha.skip("texts", reason, "officer-1")


def test_a_view_that_runs_has_nothing_to_skip(together: Together) -> None:
    with pytest.raises(BadRequest):
        together["alpha"].skip("texts", "for fun", "officer-1")


def test_a_view_nobody_knows_is_not_found(together: Together) -> None:
    with pytest.raises(NotFound):
        together["alpha"].skip("dreams", "reason", "officer-1")


# waiting

def test_waiting_ends_when_the_view_has_folded_what_was_written(together: Together) -> None:
    alpha = together["alpha"]
    answer = together.command("alpha", "note", text="one")
    later = threading.Timer(0.05, together.fold)
    later.start()
    alpha.wait_for(alpha.views, "alpha", answer.position)
    assert texts(alpha) == ["one"]
    later.join()


def test_waiting_for_what_does_not_come_gives_up(together: Together, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PATIENCE_S", 0.05)
    alpha = together["alpha"]
    with pytest.raises(Unavailable):
        alpha.wait_for(alpha.views, "alpha", alpha.log.head() + 1)


@pytest.mark.parametrize("source", ["alpha", "membership"])
def test_a_position_far_beyond_what_is_known_is_refused_at_once(together: Together, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    alpha = together["alpha"]
    monkeypatch.setattr(alpha.views[0], "reached", lambda *a: pytest.fail("looked"))
    with pytest.raises(Unavailable):
        alpha.wait_for(alpha.views, source, 10**9)


def test_too_many_waiters_are_refused_at_once(together: Together, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_WAITERS", 0)
    with pytest.raises(Unavailable):
        together["alpha"].wait_for([], "alpha", 1)


# processes and ports

def test_a_process_gives_its_command_once_and_names_its_cause(acting: Together) -> None:
    first = acting.command("alpha", "note", text="one")
    acting.settle()
    assert noted(acting) == ["one", "one!"]
    assert event.decode(acting["alpha"].log.load("notes")[1].state).causation == first.events[0]["id"]
    assert acting["alpha"].ports["office"].taken == ["one"]  # type: ignore[attr-defined]


def test_a_rebuilt_process_gives_no_command_and_sends_nothing_again(acting: Together) -> None:
    for text in ("one", "two"):
        acting.command("alpha", "note", text=text)
    acting.settle()
    head = acting["alpha"].log.head()
    for _ in range(2):
        rebuild(acting["alpha"].processes)
        acting.settle()
    assert acting["alpha"].log.head() == head
    assert sorted(acting["alpha"].ports["office"].taken) == ["one", "two"]  # type: ignore[attr-defined]


def test_a_sending_to_a_port_nobody_has_is_a_refusal(acting: Together) -> None:
    with pytest.raises(BadRequest):
        acting["alpha"].do(Todo("t", "sending", "pigeon", {}, "cause"))


def test_a_command_of_a_process_names_its_cause_and_happens_once(acting: Together) -> None:
    alpha = acting["alpha"]
    for todo in (Todo("a", "command", "note", {"text": "one"}, "cause-a"), Todo("b", "command", "note", {"text": "two"}, "cause-b")):
        alpha.do(todo)
        alpha.do(todo)
    noted_by = [event.decode(row.state) for row in alpha.log.load("notes")]
    assert [(e.data["text"], e.causation, e.correlation, e.actor.subject) for e in noted_by] == [
        ("one", "cause-a", "cause-a", "alpha"), ("two", "cause-b", "cause-b", "alpha")]
