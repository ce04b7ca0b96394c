"""French for what an error says, found by its English: where it is raised stands one sentence, in data/french.toml the other."""
import tomllib
from collections.abc import Sequence
from pathlib import Path

CATALOGUE = Path(__file__).parent.parent / "data" / "french.toml"
HOLE = "{}"                             # stands in an English text for a value; the French says {0}, {1}, … in its own order


def of(english: str) -> str:
    """Empty for a text without one. Of several templates that fit, the one that says most itself."""
    for parts, french in _templates:
        values = held(parts, english)
        if values is not None:
            return french.format(*values)
    return ""


def held(parts: Sequence[str], text: str) -> list[str] | None:
    """What `text` holds between `parts`; None if it is made of others. In time linear in the text, which may hold what a stranger sent."""
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return [] if text == first else None
    if not (text.startswith(first) and text.endswith(last) and len(text) >= len(first) + len(last)):
        return None
    rest, values = text[len(first):len(text) - len(last)], []
    for part in parts[1:-1]:
        value, found, rest = rest.partition(part)
        if not found:
            return None
        values.append(value)
    return [*values, rest]


def catalogue() -> dict[str, str]:
    """English to French; the file's headings are for its readers."""
    return {english: french for part in tomllib.loads(CATALOGUE.read_text("utf-8")).values() for english, french in part.items()}


# Read at once: a broken file must keep a service from starting, not from answering.
_templates = sorted(((english.split(HOLE), french) for english, french in catalogue().items()), key=lambda entry: -sum(map(len, entry[0])))
