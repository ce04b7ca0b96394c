"""The other side: the same events and the same view with eventsourcing's own parts, used as its documentation shows them."""
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, AggregateEvent
from eventsourcing.domain import event as aggregate_event
from eventsourcing.persistence import IntegrityError as IntegrityError
from eventsourcing.persistence import StoredEvent, Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from services.reporting import received

NARROW = "district_counts"
CONTENT = ("actor", "command", "correlation", "data", "occurred_on", "device", "place", "reason")


def environment(database: str, **more: str) -> dict[str, str]:
    """Settings of an application on `database`, in a schema of its own; the pool holds a connection for each of 64 threads."""
    uri = conninfo_to_dict(database)
    return {"PERSISTENCE_MODULE": "eventsourcing.postgres", "POSTGRES_DBNAME": str(uri["dbname"]), "POSTGRES_HOST": str(uri["host"]),
            "POSTGRES_PORT": str(uri["port"]), "POSTGRES_USER": str(uri["user"]), "POSTGRES_PASSWORD": "", "POSTGRES_SCHEMA": "stock",
            "POSTGRES_POOL_SIZE": "4", "POSTGRES_MAX_OVERFLOW": "60", **more}


class Organisation(Aggregate):
    """Membership's organisation: each event has the content that ours has."""

    class Recorded(Aggregate.Event):
        name: str
        content: dict[str, Any]

    class Founded(Aggregate.Created):
        name: str
        content: dict[str, Any]

    @aggregate_event(Founded)
    def __init__(self, name: str, content: dict[str, Any]) -> None:
        self.facts = [(name, content)]

    @aggregate_event(Recorded)
    def record(self, name: str, content: dict[str, Any]) -> None:
        self.facts.append((name, content))


ORGANISATION = f"{Organisation.__module__}:{Organisation.__qualname__}"


class Counting(AggregateEvent):
    """An event of membership which changes a count."""

    name: str
    content: dict[str, Any]


class Passing(AggregateEvent):
    """One that changes none."""

    name: str
    content: dict[str, Any]


class Organisations(Application[UUID]):
    name = "organisations"


Row = tuple[UUID, int, str, bytes]


def content(state: bytes) -> dict[str, Any]:
    whole = json.loads(state)
    return {key: whole[key] for key in CONTENT if key in whole}


def identity(stream: str) -> UUID:
    return uuid5(NAMESPACE_URL, stream)


def of_view(made: Iterable[StoredEvent], application: Organisations) -> Iterator[Row]:
    """Events told apart by whether they count: a UUID, a path to the class, JSON of the stock transcoder."""
    for s in made:
        cls: Any = Counting if s.topic in received.COUNTING else Passing
        yield _row(application, cls(originator_id=identity(str(s.originator_id)), originator_version=s.originator_version,
                                    timestamp=cls.create_timestamp(), name=s.topic, content=content(s.state)))


def of_aggregates(made: Iterable[StoredEvent], application: Organisations) -> Iterator[Row]:
    """Events of Organisation aggregates."""
    for s in made:
        common: dict[str, Any] = {"originator_id": identity(str(s.originator_id)), "originator_version": s.originator_version,
                                  "timestamp": Organisation.Event.create_timestamp(), "name": s.topic, "content": content(s.state)}
        first = s.originator_version == 1
        yield _row(application, Organisation.Founded(originator_topic=ORGANISATION, **common) if first else Organisation.Recorded(**common))


def _row(application: Organisations, made: Any) -> Row:
    s = application.mapper.to_stored_event(made)
    return s.originator_id, s.originator_version, s.topic, s.state      # type: ignore[return-value]


class CountsRecorder(PostgresTrackingRecorder):
    """The view's table; a row's change and the position in one transaction."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        table = SQL("{}.{}").format(Identifier(datastore.schema), Identifier(NARROW))
        self.sql_create_statements.append(SQL(
            "CREATE TABLE IF NOT EXISTS {} (district TEXT, level TEXT, day TEXT, delta BIGINT, PRIMARY KEY (district, level, day))").format(table))
        self.add_statement = SQL("INSERT INTO {0} AS t VALUES (%s, %s, %s, %s) ON CONFLICT (district, level, day) "
                                 "DO UPDATE SET delta = t.delta + excluded.delta").format(table)

    def add(self, counts: list[dict[str, Any]], tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            for c in counts:
                cursor.execute(self.add_statement, (c.get("district", ""), c["level"], c["from"], c["delta"]), prepare=True)


class DistrictCounts(Projection[CountsRecorder]):
    """Only what counts is subscribed to, as ours reads only that."""

    name = "counts"
    topics = (f"{Counting.__module__}:{Counting.__qualname__}",)
    until = 0                          # the last event; `reached` is set after it, for the runner's own wait sleeps up to 0.8 s
    reached = threading.Event()
    began = seconds = 0.0

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.began = self.began or time.perf_counter()
        self.view.add(domain_event.content["data"]["counts"], tracking)
        if tracking.notification_id == self.until:
            self.seconds = time.perf_counter() - self.began
            self.reached.set()


def fill(database: str, made: Iterable[StoredEvent], rows: Callable[[Iterable[StoredEvent], Organisations], Iterator[Row]]) -> int:
    """Makes the stock log of `made`; the position of the last event that counts, 0 for aggregates."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS stock")
        application = Organisations(env=environment(database))
        table = f"stock.{application.recorder.events_table_name}"      # type: ignore[attr-defined]
        connection.execute(f"TRUNCATE {table} RESTART IDENTITY")
        with connection.cursor().copy(f"COPY {table} (originator_id, originator_version, topic, state) FROM STDIN (FORMAT binary)") as out:
            out.set_types(["uuid", "int8", "text", "bytea"])
            for line in rows(made, application):
                out.write_row(line)
        connection.execute(f"VACUUM ANALYZE {table}")
        row = connection.execute(f"SELECT max(notification_id) FROM {table} WHERE topic = %s", DistrictCounts.topics).fetchone()
        application.close()
    return int(row[0] or 0) if row else 0


def counts(database: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(f'SELECT district, level, day, delta FROM stock.{NARROW} ORDER BY district, level, day').fetchall()


def drop_view(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"DROP TABLE IF EXISTS stock.{NARROW}, stock.counts_tracking")
