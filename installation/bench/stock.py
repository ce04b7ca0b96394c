"""The other side: the same events and the same view with eventsourcing's own parts, used as its documentation shows them."""
import json
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, AggregateEvent
from eventsourcing.domain import event as aggregate_event
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


class Counting(AggregateEvent):
    """An event of membership which changes a count."""

    content: dict[str, Any]


class Passing(AggregateEvent):
    """One that changes none."""

    content: dict[str, Any]


class Organisations(Application[UUID]):
    name = "organisations"


def same(stored: Iterable[StoredEvent], application: Organisations) -> Iterator[tuple[UUID, int, str, bytes]]:
    """The rows of `stored` as a stock application has them: a UUID, a path to the class, JSON of its own transcoder."""
    for s in stored:
        whole = json.loads(s.state)
        cls = Counting if s.topic in received.COUNTING else Passing
        made = cls(originator_id=uuid5(NAMESPACE_URL, str(s.originator_id)), originator_version=s.originator_version,
                   timestamp=cls.create_timestamp(), content={"name": s.topic, **{k: whole[k] for k in CONTENT if k in whole}})
        as_stored = application.mapper.to_stored_event(made)
        yield as_stored.originator_id, as_stored.originator_version, as_stored.topic, as_stored.state      # type: ignore[misc]


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

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.add(domain_event.content["data"]["counts"], tracking)
