"""Whole records of people are for those who may see people; elsewhere only their pseudonyms are left out."""
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
     {"lot": "r1", "old": {"gross_mg": 2}, "new": {}})])
def test_a_caller_without_the_right_sees_no_person(data: dict[str, Any], seen: dict[str, Any] | None) -> None:
    assert shown(data, {"events:read"}) == seen
    assert shown(data, {"events:read", PEOPLE}) == data
