"""The keys of personal data, one per subject, and the blind index to find a subject by what is sealed."""
import hmac
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from .config import Config
from .errors import BadRequest, Conflict
from .key_database import PostgresSchema, SqliteFile
from .recorder import SEALING

KEY_BYTES = 32
SEPARATOR = "\x1f"
RIGHTS = ("USAGE ON SCHEMA sealing", "SELECT, INSERT, UPDATE ON sealing.subject_key", "SELECT, INSERT, DELETE ON sealing.lookup", "SELECT ON sealing.secret")
TABLES = (
    "CREATE TABLE IF NOT EXISTS sealing.subject_key (subject text PRIMARY KEY, kind text NOT NULL, key bytea)",
    "CREATE TABLE IF NOT EXISTS sealing.lookup (hmac text, subject text, PRIMARY KEY (hmac, subject))",
    "CREATE TABLE IF NOT EXISTS sealing.secret (name text PRIMARY KEY, value bytea NOT NULL)",
)
INDEXES = (
    "lookup_subject ON {schema}lookup (subject)",                           # a forgetting need not read the whole index
    "lookup_shared ON {schema}lookup (hmac) WHERE substr(hmac, 1, 1) = '='",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectKey:
    """`key` is None once the subject was forgotten."""

    kind: str
    key: bytes | None = field(repr=False)


class Entry(NamedTuple):
    """One value that a subject is found by. `shared`: it is of interest who has the same, see `sharing`."""

    subject: str
    field: str
    value: str
    shared: bool = False


class Sharing(NamedTuple):
    """Subjects with the same value of a field; `entry` is the place of the value in the index."""

    entry: str
    field: str
    subjects: list[str]


def joined(*parts: str) -> bytes:
    """Raises BadRequest for a part holding the separator, which could pass for two."""
    if any(SEPARATOR in part for part in parts):
        raise BadRequest("a name holds the separator U+001F")
    return SEPARATOR.join(parts).encode()


def _usable(found: SubjectKey, kind: str) -> bytes:
    if found.key is None:
        raise Conflict("the subject was forgotten", rule="a forgotten key is never made again")
    if found.kind != kind:
        raise Conflict(f"the subject is of the kind {found.kind}")
    return found.key


def _place(field: str, entry: str) -> str:
    """Of a shared value: it shows the field, so that sharers are found by who does not know the value."""
    return f"={field}:{entry}"


def _folded(value: str) -> str:
    """Names are found whatever their case, spacing and Unicode form."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold()).split())


class KeyStore:
    """One per installation: `var/keys.db`, or the schema `sealing` of the database. `migrate` makes it, nothing else does."""

    def __init__(self, config: Config) -> None:
        self._file = config.var / "keys.db" if config.embedded else None
        self._database = SqliteFile(self._file) if self._file else PostgresSchema(config.database)
        self._transaction = self._database.transaction
        self.close = self._database.close

    def migrate(self) -> None:
        """Makes what is missing; may be repeated, and run by two processes at once."""
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600))
        with self._transaction() as run:
            if not self._file:
                run("SELECT pg_advisory_xact_lock(hashtext('sealing.migrate'))")
                run("CREATE SCHEMA IF NOT EXISTS sealing")
            for table in TABLES:
                run(table)
            for index in INDEXES:                            # SQLite wants the schema before the index, PostgreSQL before the table
                schema = ("sealing.", "") if self._file else ("", "sealing.")
                run(f"CREATE INDEX IF NOT EXISTS {schema[0]}{index.format(schema=schema[1])}")
            run("INSERT INTO sealing.secret VALUES ('index', %s) ON CONFLICT DO NOTHING", os.urandom(KEY_BYTES))
            if not self._file and run("SELECT 1 FROM pg_roles WHERE rolname = %s", SEALING):
                for right in RIGHTS:
                    run(f"GRANT {right} TO {SEALING}")

    def known(self, subject: str) -> SubjectKey | None:
        with self._transaction() as run:
            rows = run("SELECT kind, key FROM sealing.subject_key WHERE subject = %s", subject)
        return SubjectKey(kind=rows[0][0], key=rows[0][1]) if rows else None

    def existing(self, subject: str) -> bytes | None:
        """The key, or None when there never was one or it was forgotten."""
        found = self.known(subject)
        return found.key if found else None

    def key(self, subject: str, kind: str) -> bytes:
        """The key, made at first use. Raises Conflict for a forgotten subject and for one of another kind."""
        return _usable(self.known(subject) or self._created(subject, kind), kind)

    def _created(self, subject: str, kind: str) -> SubjectKey:
        with self._transaction() as run:
            run("INSERT INTO sealing.subject_key VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                subject, kind, os.urandom(KEY_BYTES))
            rows = run("SELECT kind, key FROM sealing.subject_key WHERE subject = %s", subject)
        return SubjectKey(kind=rows[0][0], key=rows[0][1])

    def keys(self, subjects: Sequence[str], kind: str) -> dict[str, bytes]:
        """As `key` for many, in one transaction; in one order, so that two who make the same ones do not wait for each other."""
        wanted = list(dict.fromkeys(subjects))
        sql = "SELECT subject, kind, key FROM sealing.subject_key WHERE subject {among}"
        with self._transaction() as run:
            found = {subject: SubjectKey(kind=known, key=key) for subject, known, key in run.among(sql, wanted)}
            if missing := [subject for subject in wanted if subject not in found]:
                run.insert("sealing.subject_key", [(subject, kind, os.urandom(KEY_BYTES)) for subject in sorted(missing)])
                found |= {subject: SubjectKey(kind=known, key=key) for subject, known, key in run.among(sql, missing)}
        return {subject: _usable(key, kind) for subject, key in found.items()}

    def forget(self, subject: str) -> None:
        """For ever, also for a subject that has no key yet. Backups of the store must be short-lived for this to be true."""
        with self._transaction() as run:
            run("INSERT INTO sealing.subject_key VALUES (%s, '', NULL)"
                " ON CONFLICT (subject) DO UPDATE SET key = NULL", subject)
            run("DELETE FROM sealing.lookup WHERE subject = %s", subject)

    @cached_property
    def _index_secret(self) -> bytes:
        with self._transaction() as run:
            return bytes(run("SELECT value FROM sealing.secret WHERE name = 'index'")[0][0])

    def index(self, kind: str, field: str, value: str) -> str:
        """Keyed HMAC-SHA256 in hex: tells that two values are equal, and nothing else to who lacks the secret."""
        return hmac.digest(self._index_secret, joined(kind, field, _folded(value)), "sha256").hex()

    def remember(self, subject: str, kind: str, field: str, value: str) -> None:
        """Makes `subject` findable by `value`. Raises Conflict for a forgotten subject."""
        self.key(subject, kind)
        entry = self.index(kind, field, value)
        with self._transaction() as run:
            # The UPDATE holds the row, so that a forgetting at the same moment comes wholly before or wholly after.
            if not run("UPDATE sealing.subject_key SET kind = kind WHERE subject = %s AND key IS NOT NULL RETURNING subject",
                       subject):
                raise Conflict("the subject was forgotten")
            run("INSERT INTO sealing.lookup VALUES (%s, %s) ON CONFLICT DO NOTHING", entry, subject)

    def remember_many(self, kind: str, entries: Sequence[Entry]) -> None:
        """As `remember` for subjects that have their keys, in one transaction. Raises Conflict for a forgotten one."""
        subjects = list(dict.fromkeys(e.subject for e in entries))
        rows = sorted({(self.place(kind, e), e.subject) for e in entries})
        with self._transaction() as run:
            # The rows are held, so that a forgetting at the same moment comes wholly before or wholly after.
            known = run.among(f"SELECT subject FROM sealing.subject_key WHERE subject {{among}} AND key IS NOT NULL{run.row_lock}", subjects)
            if len(known) < len(subjects):
                raise Conflict("the subject was forgotten")
            run.insert("sealing.lookup", rows)

    def place(self, kind: str, entry: Entry) -> str:
        """Where in the index its value stands, whoever has it."""
        index = self.index(kind, entry.field, entry.value)
        return _place(entry.field, index) if entry.shared else index

    def find(self, kind: str, field: str, value: str) -> list[str]:
        """The subjects remembered by `value`, in the order of their names."""
        return self.find_all(kind, field, [value])

    def find_all(self, kind: str, field: str, values: Sequence[str]) -> list[str]:
        """The subjects remembered by each of `values`, in the order of their names."""
        wanted = {self.index(kind, field, value) for value in values}
        with self._transaction() as run:
            rows = run.among("SELECT hmac, subject FROM sealing.lookup WHERE hmac {among}", [*wanted, *(_place(field, entry) for entry in wanted)])
        met: dict[str, set[str]] = {}
        for entry, subject in rows:
            met.setdefault(subject, set()).add(entry.rpartition(":")[2])
        return sorted(subject for subject, entries in met.items() if entries == wanted)

    def sharing(self, after: str = "", limit: int = 100) -> list[Sharing]:
        """Values that more than one subject has, in the order of their places behind `after`."""
        with self._transaction() as run:
            rows = run("SELECT hmac, subject FROM sealing.lookup WHERE substr(hmac, 1, 1) = '=' AND hmac IN ("
                       "SELECT hmac FROM sealing.lookup WHERE substr(hmac, 1, 1) = '=' AND hmac > %s GROUP BY hmac HAVING count(*) > 1 "
                       "ORDER BY hmac LIMIT %s) ORDER BY hmac, subject", after, limit)
        found: dict[str, list[str]] = {}
        for entry, subject in rows:
            found.setdefault(entry, []).append(subject)
        return [Sharing(entry, entry[1:].partition(":")[0], subjects) for entry, subjects in found.items()]
