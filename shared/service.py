"""One service of this process: its log, tables, feeds, views, processes and commands, wired by name."""
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache, partial
from typing import Any

import psycopg
from marshmallow import Schema

from . import access, application, auth, event, log, metrics, requests, sealing, tables
from .application import Answer, Ask, Histories, Meta, New, Part
from .config import SERVICES, Config
from .definition import CommandSpec, Definition
from .errors import BadRequest, NotFound, SanuError, Unavailable, Unprocessable
from .event import Actor
from .feed import Chain
from .inbox import Inbox
from .jwks import Keys
from .key_store import KeyStore
from .log import Log
from .port import deliver
from .process import Todo
from .projection import PAGE, Projection, Skips, View, current
from .relay import Relay
from .signing import Signer

SKIPPED = "ViewEventSkipped"
MOST_WAITERS, PATIENCE_S, FAR = 32, 5.0, 100_000


class Service:
    def __init__(self, config: Config, definition: Definition) -> None:
        self.config = config = config.of(definition.name)
        self.definition, self.name = definition, definition.name
        self.log, self.tables = Log(config, self.name), tables.open_tables(config, self.name)
        self.signer, self.keys = Signer.open(config, self.name), Keys(config)
        self.chain = Chain(self.log, self.tables)
        self.inbox = Inbox(config, self.log, self.tables, self.signer, self.keys)
        self.key_store = KeyStore(config)
        self.others = [s for s in SERVICES if s != self.name]
        self._waiters = 0
        self._secret = sealing.secret(config, "idempotency")
        # A transaction on SQLite never yields: small pages let the process's other work in.
        page = 200 if config.embedded else PAGE
        self.views = [self._projection(view(), page) for view in definition.views]
        self.processes = [self._projection(process(), page) for process in definition.processes]
        self.ports = {name: make(self) for name, make in definition.ports.items()}

    @property
    def projections(self) -> list[Projection]:
        return [*self.views, *self.processes]

    def relay(self) -> Relay:
        return Relay(self.config, self.log, self.tables, self.signer)

    def view(self, name: str) -> Projection:
        for p in self.projections:
            if p.view.name == name:
                return p
        raise NotFound(f"no view is called '{name}'", field="view")

    def _projection(self, view: View, page: int) -> Projection:
        def skips() -> Skips:
            decisions = [event.decode(r.state).data for r in self.log.load(_view_stream(view))]
            return {(d["stream"], d["version"]) for d in decisions}

        return Projection(self.log, self.tables, view, page, skips)

    def prepare(self) -> None:
        """Makes missing runs of views."""
        for p in self.projections:
            p.prepare()

    def handle(self, name: str, body: object, caller: auth.Caller, key: str, correlation: str, causation: str = "",
               expected: Collection[int] | None = None) -> Answer:
        """Reads, decides and appends one command. Raises NotFound, Forbidden, BadRequest and whatever application.handle raises."""
        spec = self._spec(name)
        return metrics.command(self.name, name, lambda: self._handle(spec, name, body, caller, key, correlation, causation, expected))

    def _spec(self, name: str) -> CommandSpec:
        if name not in self.definition.commands:
            raise NotFound(f"{self.name} has no command '{name}'", rule=", ".join(sorted(self.definition.commands)))
        return self.definition.commands[name]

    def handle_all(self, commands: Sequence[tuple[str, object]], caller: auth.Caller, key: str, correlation: str, also: Part) -> Answer:
        """Several commands as one, each decided upon those before it, and `also` behind them: all are appended, or none.

        Raises what `handle` raises.
        """
        digest = application.digest(self._secret, caller.client, "", {"commands": [event.plain(list(c)) for c in commands]})
        meta = replace(also.meta, actor=caller.actor, client=caller.client, key=key, digest=digest, correlation=correlation)
        parts = []
        for name, body in commands:
            part = self._part(self._spec(name), name, body, caller, key, correlation, "", None)
            parts.append(part._replace(meta=replace(part.meta, digest=digest)))
        return application.handle_all(self.log, meta, [*parts, also._replace(meta=meta)])

    def handle_each(self, commands: Sequence[Ask], caller: auth.Caller) -> list[Answer | None]:
        """Commands that do not depend on one another, together; None for one that `handle` has more to say of. Raises Unavailable."""
        parts: dict[int, Part] = {}
        for n, (name, body, key, correlation, causation) in enumerate(commands):
            with suppress(SanuError):
                parts[n] = self._part(self._spec(name), name, body, caller, key, correlation, causation, None)
        answers: list[Answer | None] = [None] * len(commands)
        for n, answer in zip(parts, application.handle_each(self.log, list(parts.values())), strict=True):
            if answer:
                answers[n] = metrics.command(self.name, commands[n].name, partial(replace, answer, stream=parts[n].streams[0]))
        return answers

    def _handle(self, spec: CommandSpec, name: str, body: object, caller: auth.Caller, key: str, correlation: str, causation: str,
                expected: Collection[int] | None) -> Answer:
        part = self._part(spec, name, body, caller, key, correlation, causation, expected)
        return replace(application.handle_all(self.log, part.meta, [part]), stream=part.streams[0])

    def _part(self, spec: CommandSpec, name: str, body: object, caller: auth.Caller, key: str, correlation: str, causation: str,
              expected: Collection[int] | None) -> Part:
        """The command, read and checked, and how it is decided."""
        caller.must(access.table().command(self.name, name))
        content = event.plain(body)
        checked = requests.read(_ready(spec.schema), content)
        synthetic = self.log.opened.kind == "synthetic"
        if checked.get("synthetic", synthetic) != synthetic:
            raise Unprocessable(f"this log is {self.log.opened.kind}", field="synthetic", rule="a log is born real or synthetic")
        meta = Meta(
            actor=caller.actor, client=caller.client, key=key, correlation=correlation, causation=causation,
            digest=application.digest(self._secret, caller.client, name, content),
            **{k: checked[k] for k in ("occurred_on", "device", "place", "reason") if k in checked})
        command = self._make(spec, checked, meta, caller)
        streams = spec.streams(command)

        def decide(histories: Histories) -> Sequence[New]:
            caller.within(spec.touches(histories, command))
            application.must_stand_at(expected, len(histories[streams[0]]))
            return spec.decide(self, histories, command)

        return Part(meta, streams, decide, lambda histories: spec.also(histories, command))

    def _make(self, spec: CommandSpec, checked: Mapping[str, Any], meta: Meta, caller: auth.Caller) -> Any:
        content = {k: v for k, v in checked.items() if k not in requests.META}
        if spec.by_caller:
            content["caller"] = caller
        return spec.make(occurred_on=meta.occurred_on, **content)

    def _append(self, stream: str, key: str, decide: Callable[[Histories], list[New]], causation: str = "") -> Answer:
        """What the service does of itself, under its own name."""
        meta = Meta(actor=Actor(self.name, "service"), client=self.name, key=f"{stream}:{key or event.new_id()}", digest="",
                    correlation=causation or event.new_id(), causation=causation)
        return application.handle(self.log, meta, [stream], decide)

    def do(self, todo: Todo) -> None:
        """Carries out what a process wrote: an own command, or a sending through a port."""
        if todo.kind == "command":
            itself = auth.Caller(subject=self.name, role="service", scopes=frozenset({access.table().command(self.name, todo.target)}))
            self.handle(todo.target, dict(todo.body), itself, todo.id, todo.cause, todo.cause)
        elif todo.target in self.ports:
            deliver(self.name, lambda s, k, d: self._append(s, k, d, todo.cause), self.ports[todo.target], todo)
        else:
            raise BadRequest(f"no port '{todo.target}'")

    def skip(self, view: str, reason: str, actor: str) -> int:
        """Records the decision to leave out the event at which `view` stopped; its position. Raises NotFound, BadRequest."""
        projection = self.view(view)
        run = projection.current()
        if not run.stopped_at:
            raise BadRequest(f"the view {view} is not stopped")
        if not reason.strip():
            raise BadRequest("a skipped event needs a reason", field="reason")
        row = self.log.at(run.stopped_at)
        if row is None:
            raise NotFound(f"nothing stands at {run.stopped_at}")
        data = {"view": view, "stream": row.stream, "version": row.version, "name": row.name, "why": run.why, "decision": reason, "by": actor}
        stream = _view_stream(projection.view)
        self._append(stream, f"{row.stream}@{row.version}", lambda h: [New(stream, f"{self.name}.{SKIPPED}", data)])
        projection.retry()
        return run.stopped_at

    def stands_at(self) -> tuple[Any, ...]:
        """What every answer of the views depends on."""
        return self.log.head(), *current(self.views).items()

    def wait_for(self, views: Sequence[Projection], source: str, version: int) -> None:
        """Until `views` have folded the event at `version` of `source`'s feed.

        Raises Unavailable after 5 s, for more than 32 waiters, and at once for a position far beyond what the source said.
        """
        known = self.log.head() if source == self.name else self._held(source)
        if version > known + FAR or self._waiters >= MOST_WAITERS:
            raise Unavailable(f"{source}:{version} is not here yet")
        self._waiters += 1
        try:
            give_up = time.monotonic() + PATIENCE_S
            while not all(view.reached(source, version) for view in views):
                if time.monotonic() > give_up:
                    raise Unavailable(f"{source}:{version} is not here yet")
                self.log.appended.wait(self.log.appended.count, 0.02)
        finally:
            self._waiters -= 1

    def _held(self, source: str) -> int:
        head = self.log.received_head(source)
        return head.version if head else 0

    def close(self) -> None:
        self.tables.close()
        self.log.recorder.datastore.close()
        self.key_store.close()


@cache
def _ready(schema: type[Schema]) -> Schema:
    """One for all commands of a kind: making a schema costs as much as reading a body by it, which changes nothing in it."""
    return schema()


def _view_stream(view: View) -> str:
    return f"view/{view.name}/{view.version}"


def migrate(config: Config, names: Sequence[str] = SERVICES) -> None:
    """Creates logs, tables and the key store where missing; may be repeated, one at a time per installation."""
    with _alone(config):
        for name in names:
            log.migrate(config, name)
            tables.migrate(config, name)
        KeyStore(config).migrate()


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    """CREATE … IF NOT EXISTS of two processes at once fails; the owner of `var/` is alone anyway."""
    if config.embedded:
        yield
        return
    with psycopg.connect(config.database, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('sanu.migrate'))")
        yield
