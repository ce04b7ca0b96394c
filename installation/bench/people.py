"""import, query and miners: 2,000 organisations, and 100,000 miners who come in as a list, are read again by many at once."""
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any

from installation.importing import sample, server
from installation.up import Installation
from shared.config import Config

from . import material
from .http import READERS, TABLES, Load, fill, plan, tidy, token, told
from .load import request
from .measure import Figure
from .place import Place
from .visible import ports, ready, until

ORGANISATIONS = 2000
LEAST_A_SECOND = 834                   # 100,000 rows in less than 120 s
LONGEST_S = 1800
MINERS = "/membership/v1/miners?limit=50"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """An installation with everybody in it, stopped, and how they came there."""

    config: Config
    rows: int
    seconds: float                     # of the whole command, from its start to its end
    seen_s: float                      # until all views of all services had them, too
    peak_mib: float


@lru_cache(maxsize=1)
def imported(place: Place) -> Imported:
    """Taken once, for all figures of a run. Raises AssertionError if a row was not registered."""
    config = Config(var=place.base / "people", broker=place.rabbit.new_vhost(), database=place.postgres.new_database(), port=ports(), rate_per_s=0)
    rows, file = 10_000 if place.quick else 100_000, place.base / "people.csv"
    sample.write(file, rows, [f"requete-{n}" for n in range(ORGANISATIONS)])
    with Installation(config, say=place.say):
        until(lambda: ready(config), "the services")
        fill(config)
        settle(config)
        place.say(f"  importing {rows:,} miners ...")
        began = time.monotonic()
        process = subprocess.Popen([sys.executable, "-P", "-m", "installation", "import", "miners", str(file), "--json"], env=place.environment(config),
                                   stdout=subprocess.PIPE, text=True)
        peak = watched(process)
        seconds = time.monotonic() - began
        assert process.stdout  # noqa: S101 - it was asked for
        said = json.loads(process.stdout.read() or "{}")
        if process.returncode or said["new"] != rows:
            raise AssertionError(f"the import ended with {process.returncode}: {said}")
        settle(config)
        place.say(f"  {rows:,} rows in {seconds:.1f} s, {peak:.0f} MiB at most; in all views after {time.monotonic() - began:.0f} s")
        return Imported(config=config, rows=rows, seconds=seconds, seen_s=time.monotonic() - began, peak_mib=peak)


def watched(process: "subprocess.Popen[str]") -> float:
    """The most memory a process had until it ended, in MiB."""
    peak = 0.0
    while process.poll() is None:
        try:
            said = Path(f"/proc/{process.pid}/status").read_text().partition("VmHWM:")[2].split()
        except OSError:
            said = []
        peak = max(peak, int(said[0]) / 1024 if said else 0.0)
        time.sleep(0.2)
    return peak


def settle(config: Config) -> None:
    give_up = time.monotonic() + LONGEST_S
    while server.behind(config):
        if time.monotonic() > give_up:
            raise TimeoutError("the views do not catch up")
        time.sleep(1)


def import_(place: Place) -> Figure:
    done = imported(place)
    return Figure(ours=done.rows / done.seconds, stock=None, ratio=None, unit="rows/s", floor=LEAST_A_SECOND,
                  runs=[{"rows": done.rows, "seconds": round(done.seconds, 1), "seen_s": round(done.seen_s, 1), "peak_mib": round(done.peak_mib)}], note=(
        f"{done.rows:,} rows of a CSV file in {done.seconds:.1f} s, from the start of ./sanu import to its end; every name, phone and card sealed; in all "
        f"views of all services after {done.seen_s:.0f} s; {done.peak_mib:.0f} MiB at most in the importing process; twelve processes on RabbitMQ and "
        f"PostgreSQL; {ORGANISATIONS:,} organisations"))


def query(place: Place) -> Figure:
    """The floor holds for each basis by itself and for both in turns."""
    asked = {"declared": TABLES[:1], "derived": TABLES[1:], "both": TABLES}
    return read(place, "reporting", asked, 40, "the district table, declared, derived and in turns, the slowest of the three")


def miners(place: Place) -> Figure:
    """The floor holds for each kind of page by itself."""
    districts = material.SLUGS[:5]                             # those of the organisations that `fill` founds
    asked = {"first": [MINERS], "middle": [f"{MINERS}&after=m-mmmmmm"], "organisation": [f"{MINERS}&organisation=requete-{n}" for n in range(20)],
             "district": [f"{MINERS}&district={slug}" for slug in districts], "women": [f"{MINERS}&district={districts[0]}&sex=female"]}
    return read(place, "membership", asked, 80, f"50 miners a page: {', '.join(asked)}, the slowest of these")


def read(place: Place, service: str, asked: dict[str, Any], most_ms: float, what: str) -> Figure:
    done = imported(place)
    config, seconds, runs = done.config, 4 if place.quick else 10, []
    with Installation(config, say=place.say):
        until(lambda: ready(config), "the services")
        settle(config)
        reader = token(config, "auditor")
        requests = {name: [request("GET", path, reader) for path in paths] for name, paths in asked.items()}
        Load(place, config, plan(config.port_of(service), READERS, 2, [r for some in requests.values() for r in some])).wait()
        for _ in range(place.runs):
            runs.append({name: Load(place, config, plan(config.port_of(service), READERS, seconds, some)).wait() for name, some in requests.items()})
            place.say("  " + "; ".join(f"{name} {told(run)}" for name, run in runs[-1].items()))
    worst = max(runs[0], key=lambda name: median(r[name]["p99"] for r in runs))
    return Figure(ours=median(r[worst]["p99"] for r in runs), stock=None, ratio=None, unit="ms (p99)", floor=most_ms, at_most=True, runs=tidy(runs), note=(
        f"{what} ({worst}): p50 {median(r[worst]['p50'] for r in runs):.0f} ms, {median(r[worst]['rate'] for r in runs):,.0f} answers/s; {READERS} clients "
        f"without pause; the report's facts, {ORGANISATIONS:,} organisations and {done.rows:,} miners"))
