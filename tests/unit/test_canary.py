"""The search for a person in what was stored must find one that is there, and take no chance letters for one."""
import base64

import pytest

from tests.canary import SAID, looks


def test_no_look_is_so_short_that_chance_writes_it() -> None:
    assert min(map(len, looks())) >= 7             # of base64 text, a megabyte holds any three given bytes


@pytest.mark.parametrize("text", SAID)
@pytest.mark.parametrize("before", range(3))
def test_a_person_between_others_bytes_is_found_in_base64(text: str, before: int) -> None:
    stored = base64.b64encode(b"\0" * before + text.encode() + b"\xff\xff")
    assert any(look in stored for look in looks())
