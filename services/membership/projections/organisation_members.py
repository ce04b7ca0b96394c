"""How many members of each kind an organisation has from each day on: miners by sex, and organisations affiliated to it."""
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec

from services.membership import events
from shared.projection import View
from shared.recorder import Recorded
from shared.tables import Transaction

from .streams import Table, marks


class _Change(msgspec.Struct, gc=False):
    organisation: str
    kind: str
    day: str = msgspec.field(name="from")
    delta: int
    sex: str = ""


class _Data(msgspec.Struct, gc=False):
    members: list[_Change] = []


class _Event(msgspec.Struct, gc=False):
    data: _Data


_decode = msgspec.json.Decoder(_Event).decode
Key = tuple[str, str, str, str]           # organisation, kind, sex, day


class OrganisationMembers(View):
    name = "organisation_members"
    names = frozenset({
        events.ORGANISATION_AFFILIATED, events.ORGANISATION_DETACHED, events.ORGANISATION_DISSOLVED, events.ORGANISATION_MERGED, events.FACT_CORRECTED,
        events.FACT_WITHDRAWN, events.MINER_ADMITTED, events.WITHDRAWAL_NOTICED, events.MEMBERSHIP_ENDED, events.MINER_FACT_CORRECTED,
        events.MINER_FACT_WITHDRAWN, events.MINER_MERGED})
    joins = True
    tables: ClassVar[dict[str, str]] = {
        "": "organisation TEXT, kind TEXT, sex TEXT, day TEXT, delta BIGINT, PRIMARY KEY (organisation, kind, sex, day)"}

    def fold(self, page: Sequence[Recorded]) -> Counter[Key]:
        result: Counter[Key] = Counter()
        for row in page:
            for change in _decode(row.state).data.members:
                result[change.organisation, change.kind, change.sex, change.day] += change.delta
        return result

    def join(self, change: Counter[Key], more: Mapping[Key, int]) -> Counter[Key]:
        change.update(more)
        return change

    def write(self, tx: Transaction, table: Table, change: Mapping[Key, int]) -> None:
        name = table("")
        tx.merge(name, [(*key, delta) for key, delta in change.items()],
                 f"ON CONFLICT (organisation, kind, sex, day) DO UPDATE SET delta = {name}.delta + excluded.delta")


def counts(tx: Transaction, table: Table, organisations: Sequence[str], today: str) -> dict[str, dict[str, int]]:
    """Organisation → kind → members on that day; of miners whose sex is known, also `miner/female` and `miner/male`."""
    if not organisations:
        return {}
    rows = tx.execute(f"SELECT organisation, kind, sex, sum(delta) FROM {table('')} WHERE organisation IN ({marks(organisations)}) AND day <= ? "
                      "GROUP BY organisation, kind, sex", [*organisations, today]).fetchall()
    result: dict[str, Counter[str]] = {}
    for organisation, kind, sex, n in rows:
        of = result.setdefault(organisation, Counter())
        of[kind] += int(n)
        if sex:
            of[f"{kind}/{sex}"] += int(n)
    return {organisation: {kind: n for kind, n in of.items() if n} for organisation, of in result.items()}
