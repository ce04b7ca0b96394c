"""Who a miner is, sealed before it reaches an event, opened again for who may, and found by name and card without being told."""
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.membership import events
from shared import event, sealing
from shared.application import New
from shared.key_store import Entry, KeyStore
from shared.sealing import Forgotten

from . import spelling
from .facts import SEALED, Fact
from .miner import Miner, stream

KIND = "person"
NAME, CARD, LIKENESS = "name-word", "card", "likeness"
FIELDS = {"name": "name", "phone": "phone", "photo": "photo", "number": "card"}        # field of the event's data -> of the seal


def subject(miner: str) -> str:
    return stream(miner)


def seal(store: KeyStore, decided: Sequence[New], before: Miner | None = None) -> list[New]:
    """What is decided, with nobody's name in clear; people become findable by what was said of them. `before`: whose fact is corrected.

    They do so before the events are appended: should the process die in between, the index knows a little more than the log, which
    a search leaves out. The other way round a person would be in the log and never found again.
    """
    clear = [(n, new, fields) for n, new in enumerate(decided) if (fields := _clear(new))]
    keys = store.keys([subject(new.data["miner"]) for _, new, _ in clear], KIND) if clear else {}
    result = list(decided)
    for n, new, fields in clear:
        of = subject(new.data["miner"])
        id_ = event.new_id()
        seals = {k: sealing.sealed(keys[of], of, KIND, FIELDS[k], id_, text) for k, text in fields.items()}
        result[n] = new._replace(id=id_, data=_with(new, seals))
    if entries := [entry for new in decided for entry in _entries(store, new, before)]:
        store.remember_many(KIND, entries)
    return result


def _clear(new: New) -> dict[str, str]:
    """The fields of an event that are to be sealed, with their text."""
    said = new.data["new"] if new.name == events.MINER_FACT_CORRECTED else new.data
    fact = new.data["fact"] if new.name == events.MINER_FACT_CORRECTED else new.name
    return {k: said[k] for k in SEALED.get(fact, ()) if said.get(k)}


def _with(new: New, seals: Mapping[str, Any]) -> dict[str, Any]:
    if new.name == events.MINER_FACT_CORRECTED:
        return {**new.data, "new": {**new.data["new"], **seals}}
    return {**new.data, **seals}


def _entries(store: KeyStore, new: New, before: Miner | None) -> Iterator[Entry]:
    match new.name:
        case events.MINER_REGISTERED if "name" in new.data:
            yield from _of_name(new.data)
        case events.MINER_CARD_RECORDED:
            yield _of_card(new.data["miner"], new.data["number"])
        case events.MINER_FACT_CORRECTED if before and not before.forgotten:
            changed = new.data["new"]
            if new.data["fact"] == events.MINER_REGISTERED and {"name", "birth_year", "village"} & set(changed):
                registered = before.facts[0]
                said = {**registered.data, "name": open_field(store, registered, "name"), **changed}
                yield from _of_name(said) if said["name"] else ()          # a child's was never kept
            elif "number" in changed:
                yield _of_card(new.data["miner"], changed["number"])


def _of_name(said: Mapping[str, Any]) -> Iterator[Entry]:
    of = subject(said["miner"])
    for word in spelling.word_keys(said["name"]):
        yield Entry(of, NAME, word)
    if alike := spelling.likeness(said["name"], said.get("birth_year"), said.get("village")):
        yield Entry(of, LIKENESS, alike, shared=True)


def _of_card(miner: str, number: str) -> Entry:
    return Entry(subject(miner), CARD, spelling.card_key(number), shared=True)


def open_field(store: KeyStore, fact: Fact, field: str) -> str | Forgotten | None:
    """None where nobody said it."""
    if field not in fact.data:
        return None
    return sealing.open_(store, fact.data[field], FIELDS[field], fact.sealed_in.get(field, fact.event), {KIND})


def numbers(store: KeyStore, *miners: Miner) -> dict[str, str]:
    """The numbers of their cards, by the event that tells of them; those of the forgotten are left out."""
    cards = [f for miner in miners for f in miner.facts if f.name == events.MINER_CARD_RECORDED]
    return {f.event: number for f in cards if isinstance(number := open_field(store, f, "number"), str)}


def places(store: KeyStore, miner: Miner) -> set[str]:
    """Where in the index (as `Sharing.entry`) stands what is known of the miner now: it holds also what was corrected or withdrawn since."""
    entries = [_of_card(miner.id, number) for number in numbers(store, miner).values()]
    for registered in miner.facts[:1]:
        if isinstance(name := open_field(store, registered, "name"), str):
            entries += _of_name({**registered.data, "name": name})
    return {store.place(KIND, entry) for entry in entries}


def search(store: KeyStore, name: str, card: str) -> list[str]:
    """The ids of miners remembered by all words of `name`, or by the number of a card, in order; also by what was corrected since."""
    if card:
        found = store.find(KIND, CARD, spelling.card_key(card))
    else:
        words = spelling.word_keys(name)
        found = store.find_all(KIND, NAME, words) if words else []
    return [subject_.removeprefix("miner/") for subject_ in found if subject_.startswith("miner/")]


def card_place(store: KeyStore, number: str) -> str:
    return store.place(KIND, _of_card("", number))
