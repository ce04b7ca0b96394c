"""The command line, in this process, since to start one takes longer than most of what it does."""
import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from installation.__main__ import main


class Done(NamedTuple):
    stdout: str
    stderr: str


def sanu(var: Path, *arguments: str, code: int = 0, **environment: str) -> Done:
    """What it said; it ended with `code`, and an error that nobody caught is raised."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with (patch.dict(os.environ, {"SANU_PORT": "1", **environment}), patch.object(sys, "argv", ["sanu", *arguments, "--var", str(var)]),
          redirect_stdout(out), redirect_stderr(err)):
        try:
            ended = main()
        except SystemExit as e:
            ended = int(e.code or 0)
    done = Done(*(stream.buffer.getvalue().decode() for stream in (out, err)))  # type: ignore[attr-defined]
    assert ended == code, f"{arguments}: {ended}\n{done.stdout}\n{done.stderr}"
    return done
