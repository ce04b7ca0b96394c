"""Whatever is refused is said in French too: every text that shared/ and services/ raise has its French in data/french.toml."""
import ast
import re
import string
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema, fields

from shared import french, requests
from shared.config import SERVICES
from shared.errors import BadRequest, NotFound
from shared.french import HOLE

ROOT = Path(__file__).parents[3]
SOURCES = [path for part in ("shared", "services") for path in sorted((ROOT / part).rglob("*.py"))]


def errors() -> set[str]:
    """The names of every kind of error meant for a reader."""
    bases = {node.name: {getattr(base, "id", "") for base in node.bases}
             for path in SOURCES for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.ClassDef)}
    found = {"SanuError", "ValidationError"}
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    return found


ERRORS = errors()


def templates(node: ast.expr | None) -> list[str]:
    """The texts that an expression may be, with a hole for each value."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else HOLE for part in parts)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [a + b for a in templates(left) or [HOLE] for b in templates(right) or [HOLE]]
        case ast.IfExp(body=one, orelse=other):
            return [*templates(one), *templates(other)]
        case ast.BoolOp(values=values):
            return [text for value in values for text in templates(value)]
    return []


def said(path: Path) -> Iterator[tuple[int, str]]:
    """Every detail, every rule that is a sentence, and every text of a validator, with its line."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Call):
            raised = getattr(node.func, "id", getattr(node.func, "attr", "")) in ERRORS
            details = templates(node.args[0]) if raised and node.args else []
            rules = [text for k in node.keywords if k.arg == "rule" for text in templates(k.value) if " " in text]
            validators = [text for k in node.keywords if k.arg == "error" for text in templates(k.value)]
            yield from ((node.lineno, text) for text in (*details, *rules, *validators) if re.search("[a-z]", text))


def filled(template: str) -> str:
    return template.replace(HOLE, "x1")


def test_what_is_raised_has_its_french() -> None:
    missing = [f"{path.relative_to(ROOT)}:{line}: \"{text}\"" for path in SOURCES for line, text in said(path) if not french.of(filled(text))]
    assert missing == [], "give it a line in data/french.toml"


def test_the_search_finds_texts_however_they_are_put_together(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text('NotFound(f"no {a} in {b!r}", rule="one word" if a else f"{b} first")\nerrors.Conflict("this takes " + ", ".join(a))\n'
                    'Regexp("x", error="digits")\nprint("nothing")\nNotFound(e.detail, rule="scope")\nBadRequest(f"{a}: {b}")\n')
    assert [text for _, text in said(file)] == ["no {} in {}", "one word", "{} first", "this takes {}", "digits"]


def validators(schema: type[Schema]) -> Iterator[tuple[str, str]]:
    """What marshmallow says of a body, with holes."""
    yield from ((schema.__name__, text) for text in Schema._default_error_messages.values())
    waiting: list[Any] = list(schema().fields.values())
    while waiting:
        field = waiting.pop()
        yield from ((field.name, text) for text in field.error_messages.values())
        for v in field.validators:
            own = getattr(v, "error", None)
            texts = [own] if own else [t for name in dir(v) if "message" in name and isinstance(t := getattr(v, name), str) and t.endswith(".")]
            yield from ((field.name, re.sub(r"\{\w*\}", HOLE, text)) for text in texts if "{min_op}" not in text and "{max_op}" not in text)
        waiting += [field.inner] if isinstance(field, fields.List) else list(field.schema.fields.values()) if isinstance(field, fields.Nested) else []


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_field_may_be_told_has_its_french(service: str) -> None:
    commands = import_module(f"services.{service}.application").DEFINITION.commands
    missing = {f"{name} {at}: {text}" for name, spec in commands.items() for at, text in validators(spec.schema) if not french.of(filled(text))}
    assert missing == set()


@pytest.mark.parametrize(("english", "in_french"), sorted(french.catalogue().items()))
def test_every_french_text_can_be_said(english: str, in_french: str) -> None:
    """And uses each value of the English, which does not put two of them side by side."""
    holes = english.count(HOLE)
    assert {int(name) for _, name, _, _ in string.Formatter().parse(in_french) if name is not None} == set(range(holes))
    assert HOLE + HOLE not in english
    assert french.of(filled(english)) == in_french.format(*["x1"] * holes)


def test_no_french_is_left_of_an_english_text_that_is_gone() -> None:
    """What marshmallow says is its own affair. A text of the code counts if half of the English is its own letters, or it is one of those meant;
    a date's detail and rule are said together.
    """
    texts = {text for path in SOURCES for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.expr) for text in templates(node)}

    def written(english: str) -> bool:
        return any(french.held(text.split(HOLE), english) is not None for text in texts if 2 * len(text.replace(HOLE, "")) >= len(english)) or any(
            french.held(english.split(HOLE), filled(text)) is not None for text in texts)

    sections = tomllib.loads(french.CATALOGUE.read_text("utf-8"))
    assert [english for name in set(sections) - {"fields"} for english in sections[name]
            if not written(english) and not written(english.partition(": ")[0])] == []


def test_the_text_that_says_most_is_the_one_that_counts() -> None:
    assert french.of("no region is called 'x'") == "aucune région ne s'appelle « x »"
    assert french.of("no mine is called 'x'") == "aucun lieu (mine) ne s'appelle « x »"
    assert french.of("nobody translated this") == french.of("") == ""


@pytest.mark.parametrize(("template", "text", "values"), [
    ("a", "a", []), ("a", "b", None), ("no {} '{}'", "no a 'b'", ["a", "b"]), ("no {} '{}'", "no a b", None), ("{} is {}", "x is y is z", ["x", "y is z"]),
    ("aba{}aba", "ababa", None), ("{} first", " first", [""]), ("the {} of {} is", "the a of b is", ["a", "b"])])
def test_values_are_what_stands_between(template: str, text: str, values: list[str] | None) -> None:
    assert french.held(template.split(HOLE), text) == values


def test_a_problem_says_what_and_by_which_rule_in_both_languages() -> None:
    said = NotFound("you have no webhook 'x'", field="webhook", rule="register-webhook first").problem()
    assert (said["detail"], said["explication"]) == ("you have no webhook 'x'", "vous n'avez pas de webhook « x »")
    assert (said["rule"], said["regle"]) == ("register-webhook first", "d'abord register-webhook")
    assert {"explication", "regle"}.isdisjoint(NotFound("untranslated", rule="figures:read").problem())


def test_a_faulty_field_is_explained_in_both_languages() -> None:
    with pytest.raises(BadRequest) as refused:
        requests.read(requests.CommandSchema(), {"occurred_on": "2024-13", "reason": ""})
    said = refused.value.problem()
    assert said["explication"] == "occurred_on : « 2024-13 » n'est pas un jour du calendrier"
    assert said["errors"] == [
        {"field": "occurred_on", "rule": "'2024-13' is not a day of the calendar", "regle": "« 2024-13 » n'est pas un jour du calendrier"},
        {"field": "reason", "rule": "Length must be between 1 and 500.", "regle": "La longueur va de 1 à 500."}]
