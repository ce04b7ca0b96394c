"""What the spellings of a name have in common: Kulibali is Coulibaly, Jara is Diarra, Ture is Touré."""
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# Each turns a way of writing a sound into one form; the order matters. French and Bambara (1982 orthography) spellings of Mali meet.
RULES: Sequence[tuple[re.Pattern[str], str]] = [(re.compile(pattern), form) for pattern, form in (
    ("ç", "s"), ("ñ|ɲ|gn|ni(?=[aeou])|ny(?=[aeou])", "ny"), ("ŋ", "ng"), ("ɛ", "e"), ("ɔ", "o"), ("ɓ", "b"), ("ɗ", "d"), ("ƴ", "y"),
    ("n(?=[bp])", "m"), ("ph", "f"), ("th", "t"), ("kh", "k"), ("gh", "g"), ("ck", "k"), ("[cs]h", "s"), ("c(?=[eiy])", "s"), ("c|qu?", "k"),
    ("gu(?=[eiy])", "g"),
    ("dj|d[iy](?=[aeou])", "j"), ("ou|oo|w", "u"), ("y", "i"),
    ("^h|h$|(?<![aeiou])h|h(?![aeiou])", ""),
    (r"([a-z])\1+", r"\1"), ("(?<=..)e$", ""))]
_LETTERS = "çñɲŋɛɔɓɗƴ"                       # not accents: their letters stand for sounds of their own


@lru_cache(maxsize=50_000)                   # a list of 100,000 people has a few hundred names
def word_key(word: str) -> str:
    """Of one word; "" for one without a letter or digit."""
    key = "".join(_bare(letter) for letter in unicodedata.normalize("NFC", word).casefold())
    for pattern, form in RULES:
        key = pattern.sub(form, key)
    return key


def _bare(letter: str) -> str:
    if letter in _LETTERS:
        return letter
    base = unicodedata.normalize("NFKD", letter)[0]
    if base in _LETTERS or (base.isascii() and base.isalnum()):
        return base
    # The letters of another script – N'Ko, Arabic – stand for themselves: nothing is known here of how they may be spelt.
    return "".join(c for c in unicodedata.normalize("NFKC", letter) if c.isalnum())


def word_keys(name: str) -> list[str]:
    """Of all words, in no order; a hyphen parts words, an apostrophe does not."""
    bare = "".join(c for c in unicodedata.normalize("NFC", name) if not unicodedata.category(c).startswith("M"))      # tones and vowel signs part no word
    words = re.split(r"[^\w'’ʼ`´]+", bare)
    return sorted({key for word in words if (key := word_key(word))})


def name_key(name: str) -> str:
    return " ".join(word_keys(name))


def card_key(number: str) -> str:
    """Letters and digits only: who copies a number adds spaces and strokes as they like."""
    return "".join(c for c in unicodedata.normalize("NFKC", number).upper() if c.isalnum())


def likeness(name: str, birth_year: int | None, village: str | None) -> str:
    """Alike for who may be one person: name, birth year and village; "" where one of them is missing and everybody would be alike."""
    parts = (name_key(name), str(birth_year or ""), name_key(village or ""))
    return "/".join(parts) if all(parts) else ""
