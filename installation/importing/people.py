"""The rows of a file as people under pseudonyms: the same row gives the same one, in whatever file, whenever and however often it is read."""
import hmac
import json
from base64 import b32encode
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from services.membership.miners import spelling
from shared.errors import BadRequest

from .columns import Layout, Mapped, layout, plain
from .faults import Fault, fault
from .source import Source
from .values import read


class Person(NamedTuple):
    """A row that may be sent; `size`: how many bytes of a body it takes."""

    row: int
    body: dict[str, Any]
    size: int


class Row(NamedTuple):
    """A person, or what is wrong; with a person, remarks."""

    person: Person | None
    faults: list[Fault]


@dataclass(slots=True)
class Names:
    """Makes what a client makes up, from what a row says. Only with the installation's secret can anybody else."""

    secret: bytes

    def miner(self, content: bytes) -> str:
        """Of a row wherever it stands: a list saved again, with rows mended or more of them, registers nobody twice."""
        return f"m-{b32encode(self._digest('miner', content)[:20]).decode().lower()}"

    def key(self, body: bytes) -> str:
        """The Idempotency-Key of the command with this body."""
        return f"import-{self._digest('key', body).hex()}"

    def _digest(self, what: str, content: bytes) -> bytes:
        return hmac.digest(self.secret, f"{what}/".encode() + content, "sha256")


@dataclass(slots=True)
class Likenesses:
    """Which earlier row of the file a row is like. It remembers hashes of this process only."""

    _rows: dict[int, int] = field(default_factory=dict)

    def same(self, row: int, content: bytes) -> int:
        """The earlier row with the same content; 0 for none."""
        return self._earlier(row, content)

    def alike(self, row: int, body: Mapping[str, Any]) -> Iterator[Fault]:
        card = body.get("card")
        if card and (earlier := self._earlier(row, (card["card_type"], spelling.card_key(card["number"])))):
            yield fault(row, "number", "the same card as in row {}", earlier, imported=True)
        likeness = spelling.likeness(body["name"], body.get("birth_year"), body.get("village"))
        if likeness and (earlier := self._earlier(row, likeness)):
            yield fault(row, "name", "the same name, birth year and village as in row {}", earlier, imported=True)

    def _earlier(self, row: int, what: object) -> int:
        earlier = self._rows.setdefault(hash(what), row)
        return 0 if earlier == row else earlier


@dataclass(slots=True)
class List:
    """A file and how it is read."""

    source: Source
    layout: Layout
    mapped: Mapped
    names: Names
    only: Collection[int] | None = None
    """The rows to take, if not all; the others are read for what they are like."""

    def rows(self) -> Iterator[Row]:
        """All below the headings, but for empty ones."""
        records = iter(self.source.records())
        next(r for r in records if _is_something(r.cells))
        likenesses = Likenesses()
        for number, cells in records:
            if cells is None:
                row = Row(None, [fault(number, "", "cannot be read: a quotation mark without its end?")])
            elif not _is_something(cells):
                continue
            else:
                row = self._row(number, cells, likenesses)
            if self.only is None or number in self.only:
                yield row

    def _row(self, number: int, cells: list[str], likenesses: Likenesses) -> Row:
        body, faults = read(number, cells, self.layout, self.mapped)
        if faults:
            return Row(None, faults)
        content = _content(body)
        if earlier := likenesses.same(number, content):
            return Row(None, [fault(number, "", "the same as row {}", earlier)])
        miner = self.names.miner(content)
        return Row(Person(number, {"miner": miner, **body}, len(json.dumps(body)) + len(miner) + 20), list(likenesses.alike(number, body)))


def open_list(source: Source, mapped: Mapped, secret: bytes, only: Collection[int] | None = None) -> List:
    """Raises BadRequest for a file without headings, or with nothing below them."""
    records = iter(source.records())
    headings = next((r.cells for r in records if _is_something(r.cells)), None)
    if not headings:
        raise BadRequest(f"{source.path.name} is empty", field="FILE")
    found = layout(headings, mapped)
    if not any(_is_something(r.cells) or r.cells is None for r in records):
        raise BadRequest(f"{source.path.name} holds headings and nothing below them", field="FILE")
    return List(source, found, mapped, Names(secret), only)


def _content(body: Mapping[str, Any]) -> bytes:
    """What a row says, however it is typed: capitals, accents and strokes do not make another person of somebody."""
    said = {**{k: v for k, v in body.items() if k != "card"}, **body.get("card", {})}
    return json.dumps({k: plain(v) if isinstance(v, str) else v for k, v in said.items()}, sort_keys=True).encode()


def _is_something(cells: list[str] | None) -> bool:
    return any(cell.strip() for cell in cells or ())
