"""Who belongs to an organisation, and how a subject stands, day by day: what an event changes, so that no view has to look back (ADR 2)."""
from typing import Literal, NotRequired, TypedDict

from shared.told import Day, Slug

# What an event adds to the members of `organisation` from a day on. Of a miner also what is known of the person, so that figures need no look-up.
MemberChange = TypedDict("MemberChange", {
    "organisation": Slug, "kind": Literal["miner", "base", "union", "federation"], "from": Day, "delta": int,
    "sex": NotRequired[Literal["female", "male"]], "birth_year": NotRequired[int]})

# A standing from a day on, until the next step; `why` holds codes such as card-expired or OH-01, none for a good one.
Step = TypedDict("Step", {"from": Day, "value": Literal["good", "to check", "suspended"], "why": list[str]})
