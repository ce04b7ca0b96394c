"""Whole records of people, where they work and few of them are for those who may see people; elsewhere pseudonyms are left out."""
from typing import Any

import pytest

from services.reporting.personal import PEOPLE, shown


@pytest.mark.parametrize(("data", "seen"), [
    ({"organisation": "dabia"}, {"organisation": "dabia"}),
    ({"miner": "m-aaaaaa", "sex": "female"}, None),
    ({"miners": ["m-aaaaaa", "m-bbbbbb"], "decision": "two people"}, None),
    ({"lot": "r1", "miners": [{"miner": "m-aaaaaa", "parts": 1}]}, {"lot": "r1"}),
    ({"lot": "r1", "miners": []}, {"lot": "r1"}),
    ({"lot": "r1", "old": {"gross_mg": 2, "miners": [{"miner": "m-aaaaaa", "parts": 1}]}, "new": {"miners": []}},
     {"lot": "r1", "old": {"gross_mg": 2}, "new": {}}),
    ({"site": "s1", "district": "kangaba", "latitude_e6": 12_123_456, "longitude_e6": -8_654_321}, {"site": "s1", "district": "kangaba"}),
    ({"site": "s1", "old": {"latitude_e6": 1, "name": "A"}, "new": {"longitude_e6": 2, "name": "B"}},
     {"site": "s1", "old": {"name": "A"}, "new": {"name": "B"}}),
    ({"rule": "OH-01", "breaches": [{"from": "2024-01-01", "facts": {"members": 1}}, {"from": "2025-01-01"}]},
     {"rule": "OH-01", "breaches": [{"from": "2024-01-01", "facts": {"members": "< 5"}}, {"from": "2025-01-01"}]}),
    ({"rule": "CMM-01", "breaches": [{"facts": {"members": 120}}]}, {"rule": "CMM-01", "breaches": [{"facts": {"members": 120}}]}),
    ({"rule": "OH-31", "breaches": [{"facts": {"shares": 1}}]}, {"rule": "OH-31", "breaches": [{"facts": {"shares": "< 5"}}]}),
    ({"rule": "OH-21", "breaches": [{"facts": {"delegates": 2}}]}, {"rule": "OH-21", "breaches": [{"facts": {"delegates": 2}}]}),
    ({"rule": "XX-99", "breaches": [{"facts": {"members": 2}}]}, {"rule": "XX-99", "breaches": [{"facts": {"members": "< 5"}}]}),
    ({"rule": "OH-20", "breaches": [{"facts": {"members": 1}}]}, {"rule": "OH-20", "breaches": [{"facts": {"members": 1}}]})])
def test_a_caller_without_the_right_sees_no_person(data: dict[str, Any], seen: dict[str, Any] | None) -> None:
    assert shown(data, {"events:read"}) == seen
    assert shown(data, {"events:read", PEOPLE}) == data
