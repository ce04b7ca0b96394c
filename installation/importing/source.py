"""A file of rows, told by what is in it: CSV of any usual separator and encoding, or XLSX. It is read as a stream, twice: once to know it."""
import csv
import hashlib
import os
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from shared.errors import BadRequest, Conflict, TooLarge

from . import xlsx

CHUNK = 1 << 20
MOST_BYTES = 1 << 30
MOST_ROWS = 1_048_576                      # as many as a sheet has; what is remembered of each row stays small
LONGEST_LINE = 64 * 1024                   # bytes
LONGEST_FIELD = 4_096
SEPARATORS = ";,\t|"
ZIP, OLD_EXCEL, BOM = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xef\xbb\xbf"


class Record(NamedTuple):
    """A row by its number in a spreadsheet, the first being 1; None for one that cannot be read."""

    number: int
    cells: list[str] | None


@dataclass(frozen=True, slots=True)
class Source:
    path: Path
    sha256: str
    kind: str                              # csv | xlsx
    encoding: str
    separator: str
    lines: int
    """About how many rows; 0 where nobody knows."""
    stamp: tuple[int, int]
    """Size and time of change, to notice when somebody saves it meanwhile."""

    def records(self) -> Iterator[Record]:
        """Raises BadRequest, TooLarge, and Conflict at the end when the file was changed meanwhile."""
        found = self._csv() if self.kind == "csv" else (Record(number, cells) for number, cells in xlsx.rows(self.path))
        for record in found:
            if record.number > MOST_ROWS:
                raise TooLarge(f"{self.path.name} has more than {MOST_ROWS:,} rows: part it", field="FILE")
            yield record
        if _stamp(self.path) != self.stamp:
            raise Conflict(f"{self.path.name} was changed while it was read: run it again", field="FILE")

    def _csv(self) -> Iterator[Record]:
        csv.field_size_limit(LONGEST_FIELD)
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.separator, strict=True)
            number, lines = 0, 0
            while True:
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    cells = None
                if cells is None or self._swallowed(cells):
                    yield from (Record(number + n, None) for n in range(1, reader.line_num - lines + 1))      # each was a row
                    number += reader.line_num - lines
                else:
                    number += 1
                    yield Record(number, cells)
                lines = reader.line_num

    def _swallowed(self, cells: list[str]) -> bool:
        """Whether a quotation mark without its end has made one cell of several rows."""
        return any(self.separator in cell and ("\n" in cell or "\r" in cell) for cell in cells)


def open_source(path: Path, is_heading: Callable[[str], bool]) -> Source:
    """Looks through the whole file. Raises BadRequest for what is no table, TooLarge, OSError."""
    stamp = _stamp(path)
    if stamp[0] > MOST_BYTES:
        raise TooLarge(f"{path.name} is larger than {MOST_BYTES >> 30} GiB: part it", field="FILE")
    with path.open("rb") as file:
        head = file.read(4)
    if head == OLD_EXCEL:
        raise BadRequest(f"{path.name} is an old or locked Excel file: save it as XLSX or CSV, without a password", field="FILE")
    if head == ZIP:
        return Source(path, _sha256(path), "xlsx", "", "", xlsx.about(path), stamp)
    looked = _Look(path)
    with path.open(encoding=looked.encoding, newline="") as text:
        first = next((line for line in text if line.strip()), "")
    if not first:
        raise BadRequest(f"{path.name} is empty", field="FILE")
    return Source(path, looked.sha256, "csv", looked.encoding, _separator(first, is_heading), looked.lines, stamp)


def _stamp(path: Path) -> tuple[int, int]:
    if not path.is_file():
        raise BadRequest(f"{path.name} is no file", field="FILE")
    found = os.stat(path)
    return found.st_size, found.st_mtime_ns


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Look:
    """One reading of a text file: its digest, its encoding, how many lines, and that it is text at all."""

    def __init__(self, path: Path) -> None:
        digest, decode = hashlib.sha256(), getincrementaldecoder("utf-8")("strict").decode
        utf8, since, self.lines, first = True, 0, 0, b""
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                first = first or chunk
                digest.update(chunk)
                self._must_be_text(chunk, path)
                since = self._longest(chunk, since, path)
                self.lines += chunk.count(b"\n") or chunk.count(b"\r")
                if utf8:
                    try:
                        decode(chunk)
                    except UnicodeDecodeError:
                        utf8 = False
        if utf8:
            try:
                decode(b"", True)
            except UnicodeDecodeError:
                utf8 = False
        self.sha256 = digest.hexdigest()
        self.encoding = ("utf-8-sig" if first.startswith(BOM) else "utf-8") if utf8 else "cp1252"
        if not utf8:
            _must_be_cp1252(path)

    @staticmethod
    def _must_be_text(chunk: bytes, path: Path) -> None:
        if b"\0" in chunk:
            raise BadRequest(f"{path.name} is no CSV file: it holds bytes that are no text", field="FILE", rule="CSV in UTF-8 or Windows-1252, or XLSX")

    @staticmethod
    def _longest(chunk: bytes, since: int, path: Path) -> int:
        """How many bytes have come since the last end of a line."""
        lines = chunk.replace(b"\r", b"\n").split(b"\n")
        lines[0] = b" " * since + lines[0]
        if max(map(len, lines)) > LONGEST_LINE:
            raise BadRequest(f"{path.name} has a line of more than {LONGEST_LINE >> 10} KiB: it is no list", field="FILE")
        return len(lines[-1])


def _must_be_cp1252(path: Path) -> None:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            try:
                chunk.decode("cp1252")
            except UnicodeDecodeError as e:
                raise BadRequest(f"{path.name} is neither UTF-8 nor Windows-1252", field="FILE", rule="save it as CSV UTF-8") from e


def _separator(line: str, is_heading: Callable[[str], bool]) -> str:
    """The one by which the first line falls into most headings that are known."""
    def known(separator: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([line], delimiter=separator), [])
        except csv.Error:
            cells = []
        return sum(map(is_heading, cells)), len(cells)

    return max(SEPARATORS, key=known)
