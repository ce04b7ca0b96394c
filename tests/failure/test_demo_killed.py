"""The demo killed at any moment and started again on the same var/: the report's figures, and no event twice."""
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from installation import demo
from installation.up import PROJECT
from shared.config import Config
from tests.books import Books
from tests.clients import Kept
from tests.servers import free_port


def start(var: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-W", "ignore", "-m", "installation", "demo", "--once", "--json", "--var", str(var), "--port", str(free_port())]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(PROJECT)})


def test_the_demo_killed_five_times_still_ends_with_the_reports_figures(tmp_path: Path) -> None:
    var = tmp_path / "var"
    for _ in range(5):
        with start(var) as running:
            time.sleep(random.uniform(0.4, 1.8))
            running.send_signal(signal.SIGKILL)
    with start(var) as last:
        out, err = last.communicate(timeout=60)
    assert last.returncode == 0, err
    for table in json.loads(out)["tables"]:
        assert {k: table["totals"][k] for k in demo.COLUMNS} == demo.EXPECTED[table["as_of"]]
    books = Books(Config(var=var))
    try:
        books.everything_arrived(5)
        made = Counter(e["command"]["key"] for name in books.services for r in books.services[name].log.own_after(0, 10_000)
                       if "command" in (e := json.loads(r.state)))
        facts = demo.records()
        assert {fact["id"] for fact in facts} <= set(made)
        books.nothing_lost_none_twice([answered(books, fact) for fact in facts])
    finally:
        books.close()


def answered(books: Books, fact: dict[str, object]) -> Kept:
    """What the log says that a fact's command was answered."""
    service, key = str(fact["service"]), str(fact["id"])
    row = books.services[service].log.command("report-loader", key)
    assert row
    first = next(r for r in books.services[service].log.load(row.stream) if r.version == row.version)
    rows = books.services[service].log.own_after(first.position - 1, row.events)
    events = [{"id": json.loads(r.state)["id"], "name": r.name, "stream": r.stream, "version": r.version, "position": str(r.position)} for r in rows]
    return Kept("report-loader", key, service, str(fact["command"]), {}, {"events": events, "position": str(rows[-1].position)})
