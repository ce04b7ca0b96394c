"""A log restored from an old copy takes its own missing events back from those who received them, before it appends again.

One put in place by the restore command is marked: it waits for every peer, however long, unless somebody accepts the loss.
"""
import logging
import time
from collections.abc import Callable, Sequence

from . import event, feed
from .application import New
from .errors import Conflict, HistoryRewritten, SanuError, Unavailable
from .feed import Chain, Item
from .inbox import fetch
from .log import Log
from .recorder import CommandRow, Recorded
from .service import Service

logger = logging.getLogger(__name__)
PATIENCE_S = 10.0
MOST_EVENTS = 100_000                             # of one command
EPOCH_STARTED = "EpochStarted"
Ask = Callable[[str, int], Sequence[Item]]        # (peer, after) -> what the peer holds of our feed behind that position


def ask_over_http(service: Service) -> Ask:
    def ask(peer: str, after: int) -> Sequence[Item]:
        return feed.decode(fetch(service.config, service.signer, peer, f"/{peer}/v1/received/{service.name}?after={after}&limit={feed.PAGE}"))
    return ask


def ask_in_process(peers: dict[str, Service], name: str) -> Ask:
    return lambda peer, after: Chain(peers[peer].log, peers[peer].tables, name).read(after)


def catch_up(service: Service, ask: Ask) -> int:
    """Takes back what any peer holds beyond our head, at the old positions; how many events.

    Raises HistoryRewritten if a peer's copy does not continue ours: then two histories exist, and a person must decide.
    """
    taken = 0
    for peer in service.others:
        while items := _beyond(service, ask, peer):
            head = service.log.own_head()
            digest = service.chain.digest_at(head)
            for item in items:
                if item.previous != head or feed.link(digest, item.position, item.state) != item.digest:
                    raise HistoryRewritten(f"{peer} holds another history of {service.name} behind position {head}")
                head, digest = item.position, item.digest
            service.log.restore(*_rows(service.log, items))
            taken += len(items)
            logger.warning("%s took %d of its own events back from %s", service.name, len(items), peer)
    if taken:
        service.chain = Chain(service.log, service.tables)
        for projection in service.projections:     # received facts will stand at other positions than the views have seen
            projection.restart()
    return taken


def _beyond(service: Service, ask: Ask, peer: str) -> Sequence[Item]:
    """What the peer holds beyond our head. Nothing if it does not answer: a peer that is away cannot keep us from working."""
    try:
        held = ask(peer, service.log.own_head())
    except Unavailable:
        return ()
    head = service.log.own_head()                  # again: what we said meanwhile was told meanwhile
    return [item for item in held if item.position > head]


def _rows(log: Log, items: Sequence[Item]) -> tuple[list[Recorded], list[CommandRow]]:
    rows, commands = [], dict[tuple[str, str], CommandRow]()
    for item in items:
        e = event.decode(item.state)
        rows.append(Recorded(item.position, e.stream, e.version, e.name, item.state))
        if e.command:
            key = (e.command.client, e.command.key)
            first = commands.get(key) or (_begun(log, *key) if len(rows) == 1 else None) or CommandRow(*key, e.command.digest, e.stream, e.version, 0)
            commands[key] = first._replace(events=first.events + 1)
    return rows, list(commands.values())


def _begun(log: Log, client: str, key: str) -> CommandRow | None:
    """A command that the end of a page, or of what another peer holds, has cut in two: the log ends with its first events, which count with the others."""
    known = log.command(client, key)
    first = next((row for row in log.load(known.stream) if row.version == known.version), None) if known else None
    return known._replace(events=log.count_own(first.position - 1, MOST_EVENTS)) if known and first else None


def guard(service: Service, ask: Ask, mend: bool) -> None:
    """Makes the log read-only while a peer is ahead of it. With `mend` (the worker) the missing events are taken back."""
    try:
        if mend:
            catch_up(service, ask)
        ahead = [peer for peer in service.others if _beyond(service, ask, peer)]
        silent = [peer for peer in service.others if not _answers(service, ask, peer)] if is_marked(service) else []
        why = ""
        if ahead:
            why = f"restoring: {', '.join(ahead)} hold events of {service.name} that its log lacks"
        elif silent:
            why = f"restored from a backup: {', '.join(silent)} cannot say yet what they hold of it; restore --accept-loss goes on without them"
        why = why or _cut_short(service)
        if mend and not why:
            unmark(service)
    except HistoryRewritten as e:
        why = e.detail
    if why != service.log.read_only:
        logger.log(logging.ERROR if why else logging.INFO, "%s: %s", service.name, why or "the log takes events")
        service.log.read_only = why


def _cut_short(service: Service) -> str:
    """Whether our own notes know of more than the log holds, and nobody could give it back."""
    # What was told is read first: an event appended and told between the two must not look like one the log lacks.
    told = service.tables.query("SELECT max(position) FROM (SELECT position FROM relay UNION ALL SELECT max(position) FROM checkpoint WHERE source = ?) AS t",
                                (service.name,))[0][0] or 0
    head = service.log.own_head()
    return f"the log ends at {head}, but {told} was told to others: restore it, or go on with restore --accept-loss" if told > head else ""


def _answers(service: Service, ask: Ask, peer: str) -> bool:
    try:
        ask(peer, service.log.own_head())
    except Unavailable:
        return False
    return True


def mark(service: Service) -> None:
    with service.tables.transaction() as tx:
        tx.execute("INSERT INTO restored VALUES (1, ?) ON CONFLICT DO NOTHING", (event.now(),))


def is_marked(service: Service) -> bool:
    return bool(service.tables.query("SELECT 1 FROM restored"))


def unmark(service: Service) -> None:
    if is_marked(service):
        with service.tables.transaction() as tx:
            tx.execute("DELETE FROM restored")


def start_epoch(service: Service, ask: Ask, by: str, reason: str) -> int:
    """Says in the log that what came behind its head may be lost, and lets it go on; the event's position.

    Raises Conflict while a peer holds more: the start takes that back, and nothing is lost.
    """
    head = service.log.own_head()
    for peer in service.others:
        if held := _beyond(service, ask, peer):
            raise Conflict(f"{peer} holds {service.name} up to {held[-1].position} at least, the log ends at {head}: start it, and it takes them back")
    data = {"head": str(head), "digest": service.chain.digest_at(head).hex(), "by": by, "decision": reason}
    with service.tables.transaction() as tx:          # what our notes know beyond the head is what is lost
        tx.execute("UPDATE relay SET position = ? WHERE position > ?", (head, head))
        tx.execute("DELETE FROM checkpoint WHERE source = ? AND position > ?", (service.name, head))
    answer = service._append("log", "", lambda h: [New("log", f"{service.name}.{EPOCH_STARTED}", data)])
    unmark(service)
    return answer.position


def hold(service: Service) -> None:
    """Before anything is taken from outside: a fact received now could stand at a position that a lost event of ours must have again."""
    service.log.read_only = "starting: asking the other services what they hold of this log"


def begin(service: Service, mend: bool) -> None:
    """The first comparison. Read-only until every peer has answered, or for PATIENCE_S: then we work without those who are away."""
    hold(service)
    ask = ask_over_http(service)
    give_up = time.monotonic() + PATIENCE_S
    for peer in service.others:
        while time.monotonic() < give_up:
            try:
                ask(peer, service.log.own_head())
                break
            except Unavailable:
                time.sleep(0.2)
    guard(service, ask, mend)


def watch(service: Service, mend: bool, stopping: Callable[[], bool]) -> None:
    """At every heartbeat, and every second while read-only."""
    ask = ask_over_http(service)
    last = time.monotonic()
    while not stopping():
        if time.monotonic() - last >= (1.0 if service.log.read_only else service.config.heartbeat_s):
            try:
                guard(service, ask, mend)
            except SanuError as e:
                logger.warning("%s cannot compare its log with its peers' copies: %s", service.name, e)
            last = time.monotonic()
        time.sleep(0.2)
