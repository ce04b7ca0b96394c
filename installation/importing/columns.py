"""Which column of a list is what: by its French or English name, or by a file that says so."""
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from shared.errors import BadRequest

COLUMNS: Mapping[str, tuple[str, str]] = {
    "name": ("nom", "name"), "sex": ("sexe", "sex"), "birth_year": ("annee_naissance", "birth_year"), "village": ("village", "village"),
    "site": ("site", "site"), "phone": ("telephone", "phone"), "organisation": ("societe", "organisation"),
    "admitted_on": ("date_adhesion", "admitted_on"), "card_type": ("type_carte", "card_type"), "issuer": ("emetteur", "issuer"),
    "number": ("numero_carte", "card_number"), "valid_from": ("valable_du", "valid_from"), "valid_until": ("valable_au", "valid_until")}


@lru_cache(maxsize=20_000)                 # a list says the same few words again and again
def plain(text: str) -> str:
    """Letters and digits, without accents, in lower case; anything else parts words: "Année naissance" → annee_naissance."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "_", bare).strip("_")


BY_NAME = {name: field for field, names in COLUMNS.items() for name in names}


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a mapping file says: headings that mean a column, and words that mean a value of it."""

    headings: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def column(self, heading: str) -> str:
        """The field that a heading means; "" for none."""
        return self.headings.get(plain(heading)) or BY_NAME.get(plain(heading), "")


def mapping(path: Path) -> Mapped:
    """A TOML file: [columns] "Nom et prénoms" = "nom", and [societe] "Les Amis de Niéna" = "niena". Raises BadRequest."""
    try:
        said = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise BadRequest(f"{path.name} is no TOML file", field="--mapping") from e
    if not all(isinstance(part, dict) and all(isinstance(v, str) for v in part.values()) for part in said.values()):
        raise BadRequest(f"{path.name}: [columns], or a column's name in brackets, and lines \"…\" = \"…\"", field="--mapping")
    headings = said.pop("columns", {})
    if unknown := [name for name in (*headings.values(), *said) if plain(name) not in BY_NAME]:
        raise BadRequest(f"{path.name}: no column is called '{unknown[0]}'", field="--mapping", rule=", ".join(BY_NAME))
    return Mapped({plain(heading): BY_NAME[plain(name)] for heading, name in headings.items()},
                  {BY_NAME[plain(name)]: {plain(word): value for word, value in words.items()} for name, words in said.items()})


@dataclass(frozen=True, slots=True)
class Layout:
    """The field of each column, "" for one that is left out."""

    fields: tuple[str, ...]

    @property
    def left_out(self) -> list[str]:
        """As a spreadsheet letters them: what stands in an unknown heading may be a person, where a list has no headings."""
        return [letters(n) for n, name in enumerate(self.fields) if not name]


def layout(headings: Sequence[str], mapped: Mapped) -> Layout:
    """Raises BadRequest where the first row has no name, or one column twice."""
    fields = tuple(mapped.column(heading) for heading in headings)
    if "name" not in fields:
        names = ", ".join(french if french == english else f"{french} ({english})" for french, english in COLUMNS.values())
        raise BadRequest("the first row names no column 'nom' (name)", field="nom", rule=f"headings: {names}; or --mapping FILE")
    for name in filter(None, fields):
        if fields.count(name) > 1:
            raise BadRequest(f"two columns are '{COLUMNS[name][0]}' ({COLUMNS[name][1]})", field=COLUMNS[name][0])
    return Layout(fields)


def letters(number: int) -> str:
    """0 → A, 26 → AA."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text
