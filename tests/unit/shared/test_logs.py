"""Log lines are JSON, say what they belong to, and hold no personal value."""
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from shared import logs
from shared.errors import Unavailable

CANARY = "Zanmara Keïta-Canari"


@pytest.fixture
def lines() -> Iterator[Any]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    import sys
    import threading
    hooks = sys.excepthook, threading.excepthook
    logs.to_stderr("INFO", stream=stream, role="api", service="x")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], level = before
    root.setLevel(level)
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(False)


def test_a_line_says_when_who_and_what(lines: Any) -> None:
    logging.getLogger("a.b").warning("waits: %s", "broker away")
    (line,) = lines()
    assert line.pop("at").startswith("20")
    assert line == {"event": "waits: broker away", "level": "warning", "logger": "a.b", "role": "api", "service": "x"}


def test_lines_carry_the_correlation_of_what_is_done(lines: Any) -> None:
    with logs.correlation("c-1"):
        logging.getLogger("a").info("within")
    logging.getLogger("a").info("without")
    assert [line.get("correlation") for line in lines()] == ["c-1", None]


def test_values_under_known_names_are_hidden_however_deep(lines: Any) -> None:
    logging.getLogger("a").info("x", extra={"body": {"any": CANARY}, "asked": {"person": {"x": CANARY}, "list": [{"phone": CANARY}], "id": "7"}, "raw": b"abc"})
    (line,) = lines()
    assert CANARY not in json.dumps(line, ensure_ascii=False)
    assert line["asked"] == {"person": "[hidden]", "list": [{"phone": "[hidden]"}], "id": "7"} and line["raw"] == "3 bytes"


def test_logins_and_tokens_in_texts_are_hidden(lines: Any) -> None:
    logging.getLogger("a").warning("no connection to amqp://sanu:s3cret@mq:5672/v with Authorization: Bearer eyJhbGciOi.eyJzdWIi.c2ln")
    assert lines()[0]["event"] == "no connection to amqp://sanu:[hidden]@mq:5672/v with Authorization: [hidden]"


def test_an_error_is_told_by_kind_and_place_not_by_its_text(lines: Any) -> None:
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as e:
            raise Unavailable("the database did not answer") from e
    except Unavailable:
        logging.getLogger("a").exception("failed")
    (line,) = lines()
    assert [e["kind"] for e in line["error"]] == ["Unavailable", "KeyError"]
    assert line["error"][0]["says"] == "the database did not answer" and "says" not in line["error"][1]
    assert "test_logs.py" in line["error"][1]["through"][0] and CANARY not in json.dumps(line, ensure_ascii=False)


def test_what_nobody_catches_is_a_line_too(lines: Any) -> None:
    import sys
    sys.excepthook(ValueError, ValueError(CANARY), None)
    (line,) = lines()
    assert line["level"] == "critical" and line["error"] == [{"kind": "ValueError", "through": []}]
