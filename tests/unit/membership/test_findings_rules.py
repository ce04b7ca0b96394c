"""The file of rules is read whole or refused with the rule's field named; what is not verified warns at most."""
from typing import Any

import pytest

from services.membership.application import DEFINITION
from services.membership.findings import rules
from services.membership.findings.checks import CHECKS
from shared.errors import BadRequest

RULE = {"article": "AUSCOOP 204", "severity": "B", "tag": "V", "check": "too-few-members", "levels": ["base"], "observed": ["base"],
        "parameters": {"least": 5, "kinds": ["miner"], "founders": True}, "effective_from": "2011-05-15",
        "fr": "{members} membres, {least} au moins", "en": "{members} members, {least} at least"}


def read(**more: Any) -> rules.Rules:
    return rules.read({"rules": {"OH-01": {**RULE, **more}}})


def test_the_rules_of_the_installation_are_read() -> None:
    table = rules.table()
    assert {"OH-01", "OH-02", "OH-03", "OH-05", "OH-20", "OH-21", "OH-23", "OH-24", "OH-31", "ML-02", "CMM-01"} <= set(table)
    assert {rule.check for rule in table.values()} == set(CHECKS)


def test_what_was_not_read_in_its_source_warns_at_most_and_is_to_check() -> None:
    unverified = [rule for rule in rules.table().values() if rule.tag != "V"]
    assert unverified and all(rule.severity != "B" and not rule.observed for rule in unverified)


def test_every_rule_says_in_two_languages_what_was_compared() -> None:
    example = {"members": 3, "name": "Dabia", "form": "SCOOPS", "register": "RCCM", "numbers": "N1, N2", "delegates": 2, "shares": 1}
    for rule in rules.table().values():
        text = rule.text(example)
        assert text["fr"] != text["en"] and "{" not in text["fr"] + text["en"]


@pytest.mark.parametrize(("more", "field"), [
    ({"tag": "V2"}, "severity"), ({"tag": "M"}, "severity"), ({"tag": "V2", "severity": "W"}, "observed"), ({"severity": "X"}, "severity"),
    ({"tag": "?"}, "tag"), ({"check": "guess"}, "check"), ({"parameters": {"least": 5, "kinds": ["miner"]}}, "parameters.founders"),
    ({"parameters": {"least": "5", "kinds": ["miner"], "founders": True}}, "parameters.least"),
    ({"parameters": {"least": True, "kinds": ["miner"], "founders": True}}, "parameters.least"),
    ({"parameters": {**RULE["parameters"], "most": 9}}, "parameters.most"), ({"effective_from": "2011"}, "effective_from"),  # type: ignore[dict-item]
    ({"effective_to": "2011-02-30"}, "effective_to"), ({"effective_to": "2010-01-01"}, "effective_to"), ({"levels": ["village"]}, "levels[0]"),
    ({"territory": ["Kéniéba"]}, "territory[0]"), ({"fr": "{owners}"}, "fr"), ({"en": "{}"}, "en"), ({"colour": "red"}, "fields"),
    ({"forms": ["GIE"]}, "forms[0]")], ids=str)
def test_a_faulty_rule_is_refused_and_its_field_named(more: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(**more)
    assert refused.value.field == f"OH-01.{field}" and refused.value.rule


def test_a_rule_without_a_field_or_with_an_odd_name_is_refused() -> None:
    with pytest.raises(BadRequest) as refused:
        rules.read({"rules": {"OH-01": {k: v for k, v in RULE.items() if k != "article"}}})
    assert (refused.value.field, "article" in refused.value.rule) == ("OH-01.fields", True)
    with pytest.raises(BadRequest) as refused:
        rules.read({"rules": {"first": RULE}})
    assert refused.value.field == "first.id"
    with pytest.raises(BadRequest) as refused:
        rules.read({})
    assert refused.value.field == "rules"


def test_another_rule_is_another_version_and_another_text_is_not() -> None:
    version = rules.version(read())
    assert version == rules.version(read(fr="{members} sociétaires"))
    assert len({version, *(rules.version(read(**more)) for more in (
        {"effective_to": "2030-01-01"}, {"territory": ["kenieba"]}, {"severity": "W"}, {"parameters": {**RULE["parameters"], "least": 6}}))}) == 5  # type: ignore[dict-item]
    assert 0 < version < 2**31


def test_no_command_offers_a_reason_that_discriminates() -> None:
    """OH-36 (AUSCOOP 6): neither sex nor ethnicity, religion or politics decide who is a member."""
    for name, spec in DEFINITION.commands.items():
        checks = [check for key, field in spec.schema().fields.items() if key in ("cause", "reason") for check in field.validators]
        offered = {str(choice) for check in checks for choice in getattr(check, "choices", ())}
        assert offered <= {"death", "exclusion", "other"}, name
