"""People who are nobody, told to an installation in every way there is, and looked for in every byte that it stored."""
import base64
import json
import unicodedata
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from installation.client import Client, Refused
from services.membership.miners import spelling
from shared.config import Config

NAME = "Zzyqvara Konakry-Ndouba"
PHONE, PHOTO, CARD = "+223 79-990-0417", "fotos/zzyqvara-0417.jpeg", "zq-0417/KNR 88"
SAID = (NAME, PHONE, PHOTO, CARD)
MINER, SOCIETY = "m-canary01", "canary"


def looks() -> list[bytes]:
    """How they might stand somewhere: as they were said, cut, normalised, escaped, encoded."""
    keys = [key for key in (*spelling.word_keys(NAME), spelling.name_key(NAME), spelling.card_key(CARD)) if len(key) > 6]
    return list({look for text in (*SAID, *keys) for look in _looks(text)} | {NAME.split()[0].encode()})


def _looks(text: str) -> Iterator[bytes]:
    for form in {text, text.lower(), text.upper(), text.casefold(), unicodedata.normalize("NFD", text), "".join(c for c in text if c.isalnum())}:
        raw = form.encode()
        yield from (raw, raw.hex().encode(), raw.hex().upper().encode(), form.encode("utf-16-le"), urllib.parse.quote(form, safe="").encode())
        for shift in range(3):                         # the characters that no neighbour has a bit in
            whole = slice(-(-8 * shift // 6), 8 * (shift + len(raw)) // 6)
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                yield encode(b"x" * shift + raw)[whole]


def nowhere(*places: Path) -> int:
    """Bytes searched."""
    searched, sought = 0, looks()
    for path in (p for place in places for p in ([place] if place.is_file() else place.rglob("*"))):
        try:
            content = path.read_bytes() if path.is_file() else b""
        except OSError:                            # a server's file that came and went
            continue
        searched += len(content)
        assert not [look for look in sought if look in content], f"{path} holds a person in clear"
    return searched


def in_answers(answers: list[bytes]) -> list[bytes]:
    """Those of the answers that say who somebody is."""
    return [answer for answer in answers if any(look in answer for look in looks())]


def tell(config: Config) -> list[bytes]:
    """A representative and miners, each once as it should be, and in every wrong way; what was answered."""
    client = Client(config, "loader", "loader")
    client.command("membership", "found-organisation", {"organisation": SOCIETY, "level": "base", "name": "Société"}, "canary-1")
    named: dict[str, Any] = {"organisation": SOCIETY, "function": "presidente", "name": NAME}
    card = {"card_type": "orpailleur", "number": CARD}
    miner: dict[str, Any] = {"miner": MINER, "name": NAME, "phone": PHONE, "photo": PHOTO, "birth_year": 1990, "village": "Niéna", "organisation": SOCIETY,
                             "card": card}
    other = {**miner, "miner": "m-canary02"}
    good = (("name-representative", named), ("register-miner", miner), ("register-miners", {"rows": [other, {**other, "miner": "m-canary03"}]}),
            ("record-miner-card", {"miner": MINER, **card}))
    wrong = (*(("name-representative", body) for body in (
                 {**named, "organisation": "nobody"}, {**named, "more": NAME}, {**named, "function": NAME}, {**named, "name": NAME * 50}, {"name": NAME})),
             *(("register-miner", body) for body in (
                 miner, {**miner, "miner": NAME}, {**other, "more": CARD}, {**other, "organisation": NAME}, {**other, "birth_year": PHONE},
                 {**other, "sex": NAME}, {**other, "name": NAME * 50}, {**other, "card": CARD}, {**other, "card": {**card, "valid_from": PHONE}})),
             ("register-miners", {"rows": [{**other, "birth_year": 3}, other, NAME]}),
             ("register-miners", {"rows": [other, {**other, "organisation": "nobody"}]}),
             ("record-miner-card", {"miner": "m-nobody00", **card}), ("record-miner-card", {"miner": MINER, "card_type": CARD, "number": CARD}))
    answers = [json.dumps(client.command("membership", command, body, f"good-{n}")).encode() for n, (command, body) in enumerate(good)]
    for n, (command, body) in enumerate(wrong):
        try:
            client.command("membership", command, body, f"wrong-{n}")
        except Refused as refused:
            answers.append(json.dumps(refused.problem, ensure_ascii=False).encode())
        else:
            raise AssertionError(f"{command} took {body}")
    return answers
