"""What becomes of a month's receipts: handed over, melted, sealed, carried, assayed by both sides, refined, cast; some lost, some corrected."""
from calendar import monthrange
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, NamedTuple

from installation.season.places import SOURCE
from services.gold_trade import season
from services.gold_trade.assays.exchange import commitment

from .houses import REFINERY, TRANSPORTER, House
from .plan import Plan
from .receipts import Receipt

AT_ONCE = 500                           # lots of one handover or melt
SHARES = 100_000
BAR_MG, LARGE_BAR_MG, LARGE_FROM_MG = 1_000_000, 12_500_000, 200_000_000
STOLEN, FOUND, CORRECTED = 400, 3, 150     # one receipt of so many is stolen, one theft of so many cleared up, one receipt of so many was wrong
PURE = 99_950


class Step(NamedTuple):
    """A command, its key, and which of two people gives it: no one signs for both sides."""

    command: str
    body: dict[str, Any]
    key: str
    second: bool = False


class Melt(NamedTuple):
    """What a comptoir's month was melted into at the refinery."""

    lot: str
    gross_mg: int
    fine_mg: int


def _step(key: str, command: str, second: bool = False, /, **body: Any) -> Step:
    return Step(command, {**body, "source": SOURCE}, f"simulation.{key}", second)


def _some(plan: Plan, receipts: Sequence[Receipt], one_of: int, why: str) -> list[Receipt]:
    return [r for r in receipts if Random(f"{plan.seed}:{why}:{r.lot}").random() < 1 / one_of]        # noqa: S311


def last_day(month: str) -> str:
    """When all of a month's receipts are there: nothing is melted before it came."""
    year, number = map(int, month.split("-"))
    return f"{month}-{monthrange(year, number)[1]}"


def of_house(plan: Plan, house: House, month: str, receipts: Sequence[Receipt]) -> tuple[list[Step], Melt | None]:
    """All that happens to a comptoir's receipts until the refinery has melted and assayed them."""
    day, key = last_day(month), f"{house.id}-{month}"
    stolen = _some(plan, receipts, STOLEN, "stolen")
    rest = [r for r in receipts if r not in stolen and (r.extracted_on or not season.covering(r.day))]         # what the stop holds stays where it is
    steps = [*_thefts(plan, stolen, day), *_collected(house, key, day, rest)]
    if not rest:
        return steps, None
    choose = Random(f"{plan.seed}:{key}")                # noqa: S311
    pieces = []
    for n, some in enumerate(_in_pieces(rest)):
        gross = sum(r.gross_mg for r in some)
        piece = Melt(f"{key}-f{n}", gross - gross * choose.randint(100, 500) // SHARES, 0)
        pieces.append(piece._replace(fine_mg=min(piece.gross_mg, sum(r.fine_mg for r in some))))
        steps.append(_step(f"{piece.lot}.melt", "transform-lots", transformation=piece.lot, step="melt", custodian=house.id, inputs=[r.lot for r in some],
                           outputs=[{"lot": piece.lot, "gross_mg": piece.gross_mg}], tolerance_per_100k=600, occurred_on=day))
    steps += _carried(house, key, day, pieces, month)
    assayed, melt = _assayed(choose, house, key, day, pieces)
    return [*steps, *assayed], melt


def _in_pieces(receipts: Sequence[Receipt]) -> Iterator[Sequence[Receipt]]:
    return (receipts[n:n + AT_ONCE] for n in range(0, len(receipts), AT_ONCE))


def _thefts(plan: Plan, stolen: Sequence[Receipt], day: str) -> Iterator[Step]:
    found = _some(plan, stolen, FOUND, "found")
    for r in stolen:
        yield _step(f"{r.lot}.stolen", "report-loss", lot=r.lot, incident="stolen", reason="vol inventé", occurred_on=day)
        if r in found:
            yield _step(f"{r.lot}.found", "recover-lot", lot=r.lot, custodian=r.device.actor, occurred_on=day)


def _collected(house: House, key: str, day: str, receipts: Sequence[Receipt]) -> Iterator[Step]:
    """What the collectors bought goes to their comptoir, which weighs it; one handover of many does not weigh what was said."""
    for device in house.devices[1:]:
        mine = [r for r in receipts if r.device == device]
        for n, some in enumerate(_in_pieces(mine)):
            handover = f"{key}-{device.actor.rpartition('-')[2]}-{n}"
            gross = sum(r.gross_mg for r in some)
            off = gross // 50 if sum(map(ord, handover)) % 97 == 0 else 0
            yield from _handed(handover, device.actor, house.id, day, gross - off, lots=[r.lot for r in some])


def _handed(handover: str, giver: str, taker: str, day: str, weighed_mg: int, **what: Any) -> Iterator[Step]:
    yield _step(f"{handover}.offered", "offer-handover", handover=handover, giver=giver, taker=taker, occurred_on=day, **what)
    yield _step(f"{handover}.accepted", "accept-handover", True, handover=handover, weighed_mg=weighed_mg, tolerance_per_100k=100, occurred_on=day)


def _carried(house: House, key: str, day: str, pieces: Sequence[Melt], month: str) -> Iterator[Step]:
    """Sealed, by the transporter to the refinery, and opened there."""
    tag = f"{house.tags}{int(month[:4]) % 100 * 12 + int(month[5:])}"
    gross = sum(p.gross_mg for p in pieces)
    yield _step(f"{key}.sealed", "seal-parcel", parcel=f"{key}-colis", tag=tag, custodian=house.id, lots=[p.lot for p in pieces], occurred_on=day)
    yield from _handed(f"{key}-depart", house.id, TRANSPORTER, day, gross, parcel=f"{key}-colis")
    yield from _handed(f"{key}-arrivee", TRANSPORTER, REFINERY, day, gross, parcel=f"{key}-colis")
    yield _step(f"{key}.opened", "open-parcel", parcel=f"{key}-colis", tag_found=tag, occurred_on=day)


def _assayed(choose: Random, house: House, key: str, day: str, pieces: Sequence[Melt]) -> tuple[list[Step], Melt]:
    """Weighed, melted together, assayed by both blind; an umpire where they are too far apart."""
    gross = sum(p.gross_mg for p in pieces)
    after = gross - gross * choose.randint(20, 120) // SHARES
    consignment, lot = f"{key}-envoi", f"{key}-fonte"
    true = min(gross, sum(p.fine_mg for p in pieces)) * SHARES // gross
    results = {"seller": true + choose.randint(-20, 60), "buyer": true - choose.randint(-20, 60)}
    nonces = {party: f"{choose.getrandbits(128):032x}" for party in results}
    on: dict[str, Any] = {"consignment": consignment, "occurred_on": day}
    steps = [_step(f"{consignment}.sent", "send-consignment", contract=house.contract, lots=[p.lot for p in pieces], **on),
             _step(f"{consignment}.weighed", "weigh-consignment", True, weighed_mg=gross, **on),
             _step(f"{consignment}.melted", "melt-consignment", True, lot=lot, weighed_mg=after, **on)]
    for party, value in results.items():
        bound = commitment(consignment, party, value, nonces[party])
        steps.append(_step(f"{consignment}.{party}.bound", "commit-assay", party == "buyer", party=party, commitment=bound, **on))
    for party, value in results.items():
        steps.append(_step(f"{consignment}.{party}.told", "reveal-assay", party == "buyer", party=party, fineness_per_100k=value, nonce=nonces[party], **on))
    seller, buyer = results.values()
    fine = after * (seller + buyer) // (2 * SHARES)
    if abs(seller - buyer) > 50:
        steps.append(_step(f"{consignment}.umpire", "record-umpire", fineness_per_100k=true, umpire="sim-laboratoire", **on))
        fine = after * sorted((seller, buyer, true))[1] // SHARES
    return steps, Melt(lot, after, fine)


def refined(month: str, melts: Sequence[Melt]) -> list[Step]:
    """All of a month at the refinery as one lot of pure gold, cast into bars."""
    key, day = f"sim-affinage-{month}", last_day(month)
    pure = sum(m.fine_mg for m in melts) * SHARES // PURE
    pure -= pure // 2000
    bar = LARGE_BAR_MG if pure > LARGE_FROM_MG else BAR_MG if pure > BAR_MG else pure
    whole, rest = divmod(pure, bar)
    bars = [{"lot": f"sim-barre-{month}-{n}", "gross_mg": bar, "serial": f"SIM-{month}-{n:04}"} for n in range(1, whole + 1)]
    left = [{"lot": f"{key}-reste", "gross_mg": rest}] if rest else []
    return [_step(f"{key}.refined", "transform-lots", transformation=key, step="refine", custodian=REFINERY, inputs=[m.lot for m in melts],
                  outputs=[{"lot": f"{key}-or", "gross_mg": pure, "fineness_per_100k": PURE}], tolerance_per_100k=20_000, occurred_on=day),
            _step(f"{key}.cast", "transform-lots", transformation=f"{key}-coulee", step="cast", custodian=REFINERY, inputs=[f"{key}-or"],
                  outputs=[*bars, *left], occurred_on=day)]


def corrections(plan: Plan, receipts: Sequence[Receipt], day: str) -> list[Step]:
    """What was found wrong later, when the metal had long been in a bar."""
    return [_step(f"{r.lot}.corrected", "correct-collection", lot=r.lot, gross_mg=r.gross_mg - r.gross_mg // 100, reason="balance mal réglée, inventé",
                  occurred_on=day) for r in _some(plan, receipts, CORRECTED, "corrected")]
