"""Personal and confidential text is sealed before it reaches an event, and can be forgotten though the event stays."""
import os
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Mapping
from enum import Enum
from typing import ClassVar, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .config import Config
from .errors import Forbidden, SanuError
from .files import created_once, file_name
from .key_store import KeyStore, joined

__all__ = ["FORGOTTEN", "BrokenSeal", "Forgotten", "KeyStore", "mask", "open_", "seal", "sealed", "secret"]

NONCE_BYTES = 12        # NIST SP 800-38D, 8.2.2: 96 random bits, at most 2^32 texts under one key


class BrokenSeal(SanuError):
    """The text was changed or moved to another place, or the key store has lost a key nobody asked it to forget."""

    status, slug, title = 500, "broken-seal", {"fr": "Scellé rompu", "en": "Broken seal"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "La valeur scellée ne va pas avec son sujet ou son événement : elle a été déplacée ou modifiée. Dites-le à l'exploitant.",
        "en": "The sealed value does not belong to its subject or event: it was moved or changed. Tell the operator."}


class Forgotten(Enum):
    """What a sealed text is once its subject was forgotten: a value, for every reader to show as such."""

    FORGOTTEN = "forgotten"


FORGOTTEN: Final = Forgotten.FORGOTTEN


def seal(store: KeyStore, subject: str, kind: str, field: str, event_id: str, text: str) -> dict[str, str]:
    """`text` as event data that only opens at this field of this event (AES-256-GCM).

    Raises Conflict for a forgotten subject or one of another kind, BadRequest for a name holding U+001F.
    """
    return sealed(store.key(subject, kind), subject, kind, field, event_id, text)


def sealed(key: bytes, subject: str, kind: str, field: str, event_id: str, text: str) -> dict[str, str]:
    """The same with the subject's key at hand, for who seals much at once."""
    nonce = os.urandom(NONCE_BYTES)
    content = unicodedata.normalize("NFC", text).encode()
    ciphertext = AESGCM(key).encrypt(nonce, content, joined(subject, field, event_id))
    return {"sealed": urlsafe_b64encode(nonce + ciphertext).decode(), "subject": subject, "kind": kind}


def open_(store: KeyStore, text: Mapping[str, str], field: str, event_id: str, may_open: Collection[str]) -> str | Forgotten:
    """The text, or FORGOTTEN. The kind that counts is the store's, since the one in the event is not part of the seal.

    Raises Forbidden for a kind not in `may_open`, BrokenSeal for a text that does not belong here.
    """
    subject = text["subject"]
    found = store.known(subject)
    kind = found.kind if found and found.kind else text["kind"]
    if kind not in may_open:
        raise Forbidden(f"sealed data of the kind {kind} may not be opened here", rule=kind)
    if found is None:
        raise BrokenSeal("the key store does not know the subject")
    if found.key is None:
        return FORGOTTEN
    try:
        content = urlsafe_b64decode(text["sealed"])
        return AESGCM(found.key).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], joined(subject, field, event_id)).decode()
    except (InvalidTag, ValueError) as e:
        raise BrokenSeal() from e


def mask(text: str) -> str:
    """"Awa Diarra" → "A… D…": enough to tell neighbours on a list apart."""
    return " ".join(f"{_first_letter(word)}…" for word in unicodedata.normalize("NFC", text).split())


def _first_letter(word: str) -> str:
    """With its accents: ɛ̀ has no form of one code point."""
    end = 1
    while end < len(word) and unicodedata.combining(word[end]):
        end += 1
    return word[:end]


def secret(config: Config, name: str) -> bytes:
    """32 random bytes of the installation, made once: the key of the hashes that recognise a repeated command."""
    return created_once(config.keys / file_name(name, ".secret"), lambda: os.urandom(32))
