"""What an inbox refused: kept with its reason, marked when somebody has decided about it, never deleted."""
import json
from hashlib import sha256
from typing import Any, NamedTuple

from . import event, feed
from .application import New
from .errors import BadRequest, Conflict, NotFound
from .jwks import BadSignature
from .service import Service

DISCARDED = "DeadLetterDiscarded"
_ROWS = ("SELECT r.id, r.source, r.refused_at, r.why, r.headers, r.body, s.at, s.how FROM refused r LEFT JOIN settled s ON s.refused = r.id ")


class DeadLetter(NamedTuple):
    """`settled_at` empty: nobody has decided yet."""

    id: int
    source: str
    refused_at: str
    why: str
    headers: str
    body: bytes
    settled_at: str
    how: str

    @property
    def digest(self) -> str:
        return sha256(self.body).hexdigest()


def listed(service: Service, settled: bool = False) -> list[DeadLetter]:
    """The open ones, or all, oldest first."""
    where = "" if settled else "WHERE s.refused IS NULL "
    return [_letter(row) for row in service.tables.query(_ROWS + where + "ORDER BY r.id")]


def one(service: Service, id: int) -> DeadLetter:
    """Raises NotFound."""
    rows = service.tables.query(_ROWS + "WHERE r.id = ?", (id,))
    if not rows:
        raise NotFound(f"{service.name} has no dead letter {id}", field="id")
    return _letter(rows[0])


def retry(service: Service, id: int) -> str:
    """Verifies the letter again and hands it to the inbox; what came of it.

    Raises BadRequest, with the reason, when it still cannot be taken; Unavailable when its source would have to be asked and is away.
    """
    letter = _open(service, id)
    try:
        headers: dict[str, Any] = json.loads(letter.headers)
        service.inbox.check(letter.source, headers, letter.body)
        feed.decode(letter.body)
    except (BadSignature, BadRequest, ValueError) as e:
        raise BadRequest(f"still refused: {e}", rule="discard it with a reason, or mend what is wrong first") from e
    before = service.inbox.held(letter.source).position
    service.inbox.take(letter.source, [(headers, letter.body)])
    taken = service.inbox.held(letter.source).position - before
    how = f"taken: the copy of {letter.source} grew from {before} to {before + taken}" if taken else "taken: everything in it was held already"
    _settle(service, letter, how)
    return how


def discard(service: Service, id: int, reason: str, by: str) -> str:
    """Records the decision that a letter stays out; the id of the event. Raises NotFound, Conflict, BadRequest without a reason."""
    letter = _open(service, id)
    if not reason.strip():
        raise BadRequest("to discard needs a reason", field="reason")
    stream = f"dead-letter/{letter.digest[:32]}"
    data = {"source": letter.source, "refused_at": letter.refused_at, "why": letter.why, "sha256": letter.digest, "decision": reason, "by": by}
    answer = service._append(stream, f"{id}:{letter.refused_at}", lambda h: [New(stream, f"{service.name}.{DISCARDED}", data)])
    _settle(service, letter, f"discarded by {by}: {reason}")
    return str(answer.events[0]["id"])


def _letter(row: Any) -> DeadLetter:
    id_, source, refused_at, why, headers, body, at, how = row
    return DeadLetter(id_, source, refused_at, why, headers, bytes(body), at or "", how or "")


def _open(service: Service, id: int) -> DeadLetter:
    letter = one(service, id)
    if letter.settled_at:
        raise Conflict(f"dead letter {id} of {service.name} was settled at {letter.settled_at}: {letter.how}", field="id")
    return letter


def _settle(service: Service, letter: DeadLetter, how: str) -> None:
    with service.tables.transaction() as tx:
        tx.execute("INSERT INTO settled VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (letter.id, event.now(), how))
