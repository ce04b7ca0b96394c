"""What an installation wrote, read by the test itself and held against what was answered, told and shown."""
import json
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from installation.catalogue import open_service
from shared import tables
from shared.config import SERVICES, Config
from shared.projection import Projection
from shared.recorder import Recorded
from shared.service import Service
from tests.clients import PATIENCE_S, Kept

RECEIVED = "received/"
POISONED = "organisation/poison"               # a test appends an event to it that no view can apply


class Books:
    """The logs and tables of an installation, read by the test itself beside the running processes."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.services: dict[str, Service] = {name: open_service(config, name) for name in SERVICES}

    def close(self) -> None:
        for service in self.services.values():
            service.close()

    def rows(self, name: str) -> list[Recorded]:
        result: list[Recorded] = []
        while page := self.services[name].log.after(result[-1].position if result else 0, 5000):
            result += page
        return result

    def heads(self) -> dict[str, int]:
        return {name: s.log.head() for name, s in self.services.items()}

    def refused(self, name: str) -> list[tuple[str, str]]:
        """(source, why) of every envelope that `name` did not take."""
        return [(source, why) for source, why in self.services[name].tables.query("SELECT source, why FROM refused ORDER BY id")]

    def missing(self, stopped: Sequence[str] = ()) -> list[str]:
        """What has not arrived yet, in words; views named in `stopped` are not asked."""
        try:
            before = self.heads()
            result = [f"{s.name}: view {p.view.name} at {p.current().position} of {before[s.name]}" for s in self.services.values()
                      for p in s.projections if p.current().position < before[s.name] and p.view.name not in stopped]
            result += [f"{s.name}: {p.view.name} has things to do" for s in self.services.values() for p in s.processes
                       if p.tables.query(f"SELECT 1 FROM {p.view.table(p.current().number)('')} WHERE done = 0 LIMIT 1")]
            for source in self.services.values():
                own = source.log.own_head()
                for other in source.others:
                    held = self.services[other].log.received_head(source.name)
                    if not held or held.version != own:
                        result.append(f"{other}: holds {held.version if held else 0} of {source.name}'s {own}")
            return result or ([] if self.heads() == before else ["something was still written"])
        except Exception as e:
            return [repr(e)]

    def everything_arrived(self, seconds: float = PATIENCE_S, stopped: Sequence[str] = ()) -> float:
        """Seconds until every event had reached every service, view and process."""
        began = time.monotonic()
        while missing := self.missing(stopped):
            assert time.monotonic() - began < seconds, f"not arrived within {seconds} s: {missing}"
            time.sleep(0.05)
        return time.monotonic() - began

    def nothing_lost_none_twice(self, kept: Sequence[Kept], stopped: Sequence[str] = ()) -> None:
        """Acknowledged commands are in the logs once, received copies are the feeds, views are what the logs say."""
        rows = {name: self.rows(name) for name in SERVICES}
        own = {name: [r for r in rows[name] if not r.stream.startswith(RECEIVED)] for name in SERVICES}
        events = {name: [json.loads(r.state) for r in own[name]] for name in SERVICES}
        _acknowledged_once(own, events, kept)
        for name in SERVICES:
            _one_line_of_versions(own[name])
            for source in self.services[name].others:
                copy = [r for r in rows[name] if r.stream == RECEIVED + source]
                _copy_is_the_feed(name, source, events[source], own[source], copy)
            for p in self.services[name].projections:
                if p.view.name not in stopped:
                    _view_is_a_fresh_fold(self.services[name], p)
        _naive_recount(self.services["reporting"], rows["reporting"], events["membership"], stopped)
        _followed_up_once(self.config, events["membership"], events["training"])


def _acknowledged_once(own: Mapping[str, Sequence[Recorded]], events: Mapping[str, Sequence[dict[str, Any]]], kept: Sequence[Kept]) -> None:
    at = {name: {r.position: (r, e) for r, e in zip(own[name], events[name], strict=True)} for name in SERVICES}
    made: dict[str, Counter[tuple[str, str]]] = {}
    for name in SERVICES:
        ids = Counter(e["id"] for e in events[name])
        assert not [i for i, n in ids.items() if n > 1], f"an event stands twice in {name}"
        made[name] = Counter((e["command"]["client"], e["command"]["key"]) for e in events[name] if "command" in e)
    for k in kept:
        for line in k.answer["events"]:
            assert int(line["position"]) in at[k.service], f"{k.service} lost {line} of {k.key}"
            row, event = at[k.service][int(line["position"])]
            assert (event["id"], row.name, row.stream, row.version) == (line["id"], line["name"], line["stream"], line["version"]), k
        assert made[k.service][k.client, k.key] == len(k.answer["events"]), f"{k.key}: {k.answer} and {made[k.service][k.client, k.key]} events"


def _one_line_of_versions(own: Sequence[Recorded]) -> None:
    versions: Counter[str] = Counter()
    for row in own:
        versions[row.stream] += 1
        assert row.version == versions[row.stream], f"{row.stream} jumps to {row.version}"


def _copy_is_the_feed(name: str, source: str, events: Sequence[dict[str, Any]], feed: Sequence[Recorded], copy: Sequence[Recorded]) -> None:
    assert len(feed) == len(copy), f"{name} holds {len(copy)} of {source}'s {len(feed)} events"
    theirs = ours = sha256(source.encode() + events[0]["id"].encode()).digest()
    for sent, got in zip(feed, copy, strict=True):
        theirs = sha256(theirs + sent.position.to_bytes(8, "big") + sent.state).digest()
        ours = sha256(ours + got.version.to_bytes(8, "big") + got.state).digest()
        assert theirs == ours and sent.name == got.name, f"{name}'s copy of {source} differs at {sent.position}"


def _content(p: Projection) -> dict[str, list[Any]]:
    """The rows of a view's current run; what a process has done or put off by now is not part of its fold."""
    def rows(suffix: str) -> list[Any]:
        columns = "id, kind, target, body, cause" if "done INTEGER" in p.view.tables[suffix] else "*"
        return sorted(map(tuple, p.tables.query(f"SELECT {columns} FROM {p.view.table(p.current().number)(suffix)}")))

    return {suffix: rows(suffix) for suffix in p.view.tables}


def _view_is_a_fresh_fold(service: Service, live: Projection) -> None:
    """Folds the whole log again, elsewhere and in other pages."""
    folder = Path(tempfile.mkdtemp(prefix="sanu-fresh-"))
    config = Config(var=folder)
    tables.migrate(config, service.name)
    scratch = tables.open_tables(config, service.name)
    try:
        page = random.choice((7, 100, 1000)) if service.log.head() < 2000 else 1000
        decisions = [json.loads(r.state)["data"] for r in service.log.load(f"view/{live.view.name}/{live.view.version}")]
        fresh = Projection(service.log, scratch, type(live.view)(), page, lambda: {(d["stream"], d["version"]) for d in decisions})
        fresh.prepare()
        while fresh.step():
            pass
        assert _content(live) == _content(fresh), f"{service.name}: {live.view.name} is not what its log says"
    finally:
        scratch.close()
        shutil.rmtree(folder)


def _naive_recount(reporting: Service, rows: Sequence[Recorded], membership: Sequence[dict[str, Any]], stopped: Sequence[str]) -> None:
    """Reads the JSON of the log with no line of the views' code."""
    def table(view: str, columns: str) -> list[Any]:
        p = reporting.view(view)
        return [tuple(r) for r in reporting.tables.query(f"SELECT {columns} FROM {p.view.table(p.current().number)('')}")]

    decisions = [json.loads(r.state)["data"] for r in rows if r.name == "reporting.ViewEventSkipped"]
    at = {(r.stream, r.version): json.loads(r.state)["id"] for r in rows}
    left_out = {at[d["stream"], d["version"]] for d in decisions}
    facts = [e for e in membership if e["id"] not in left_out]
    counts: Counter[tuple[str, str, str]] = Counter()
    changes = 0
    for e in facts:
        for change in e["data"].get("counts", ()) if e["stream"] != POISONED else ():
            counts[change.get("district", ""), change["level"], change["from"]] += change["delta"]
            changes += 1
    standing = {}
    for e in facts:
        if e["name"].startswith("membership.Count"):
            said = e["data"].get("new", e["data"]) if not e["name"].endswith("Withdrawn") else {}
            standing[e["data"]["declaration"]] = said.get("count")
    if "district_counts" not in stopped:
        assert Counter({(d, lv, day): n for d, lv, day, n in table("district_counts", "district, level, day, delta")}) == counts
    if "presence" not in stopped:
        assert len(table("presence", "event")) == changes
    declared = {d: n for d, n, retracted in table("declarations", "declaration, count, retracted_at") if not retracted}
    assert declared == {d: n for d, n in standing.items() if n is not None}
    assert {d for (d,) in table("districts", "district")} == {e["data"]["district"] for e in membership if e["name"] == "membership.DistrictRegistered"}
    assert sorted(table("event_index", "id, position")) == sorted((json.loads(r.state)["id"], r.position) for r in rows)


def _followed_up_once(config: Config, membership: Sequence[dict[str, Any]], training: Sequence[dict[str, Any]]) -> None:
    """Each base society makes one need and each need one delivered notice, however often somebody died in between."""
    founded = {e["data"]["organisation"] for e in membership if e["name"] == "membership.OrganisationFounded" and e["data"]["level"] == "base"}
    needs = [e for e in training if e["name"] == "training.NeedRecorded"]
    assert Counter(e["data"]["organisation"] for e in needs) == Counter(founded)
    delivered = Counter(e["stream"] for e in training if e["name"] == "training.SendingDelivered")
    assert len(delivered) == len(needs) and set(delivered.values()) <= {1}, [s for s, n in delivered.items() if n > 1]
    files = {p.name for p in (config.var / "outbox" / "training-office").glob("*")}
    assert files == {f"{stream.removeprefix('sending/')}.json" for stream in delivered}
