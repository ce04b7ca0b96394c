"""Who sees whose metal: stocks are targets, so a holder sees its own, the authority and the secretariat all, others sums alone (principle 7)."""
from collections.abc import Collection

from shared.auth import Caller

WHOLE = "lots:read"                     # the scope that sees every holder, receipt and pseudonym
ALL, OWN, SUMS = "all", "own", "sums"


def holders(caller: Caller) -> list[str] | None:
    """Those whose metal and consignments the caller sees; None for all."""
    if caller.territory:
        return sorted(t.partition(":")[2] for t in caller.territory if t.startswith("actor:"))
    return None if WHOLE in caller.scopes else []


def shown(seen: Collection[str] | None) -> str:
    return ALL if seen is None else OWN if seen else SUMS
