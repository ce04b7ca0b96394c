"""The rules an organisation is looked at by: data/rules.toml, read and checked."""
import string
import tomllib
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from shared import dates
from shared.errors import BadRequest
from shared.told import Slug

from .checks import CHECKS

FILE = Path(__file__).parents[3] / "data" / "rules.toml"
APPLIED = 2                        # the version of the code: of the checks, and of the tables that the process keeps for them
ID = "^[A-Z]{2,8}-[0-9]{2}[a-z]?$"
Level = Literal["base", "union", "federation", "confederation"]


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`effective_from` and `effective_to` are the first and the last day it is in force; without territory it is in the whole country.

    At the levels `observed` a breach is a matter of arithmetic; at all others, and where facts are missing, it is to check (principle 2).
    """

    id: Annotated[str, msgspec.Meta(pattern=ID)]
    article: str
    severity: Literal["B", "W", "C"]
    tag: Literal["V", "V2", "M"]
    check: str
    levels: tuple[Level, ...]
    effective_from: str
    fr: str
    en: str
    effective_to: str = ""
    forms: tuple[Literal["SCOOPS", "COOP-CA"], ...] = ()
    observed: tuple[Level, ...] = ()
    territory: tuple[Slug, ...] = ()
    parameters: dict[str, Any] = {}
    source: str = ""

    def text(self, facts: Mapping[str, Any]) -> dict[str, str]:
        """What is said of a breach, in both languages."""
        values = {**self.parameters, **facts}
        return {"fr": self.fr.format(**values), "en": self.en.format(**values)}


Rules = Mapping[str, Rule]


@cache
def table() -> Rules:
    return read(tomllib.loads(FILE.read_text("utf-8")))


def read(content: Mapping[str, Any]) -> Rules:
    """By id, in the order of the file. Raises BadRequest naming the rule's field (`OH-01.severity`) and what is wrong."""
    rules = {id_: _rule(id_, fields) for id_, fields in content.get("rules", {}).items()}
    if not rules:
        raise BadRequest("there are no rules", field="rules")
    return rules


def version(rules: Rules) -> int:
    """Another for every change that may change a finding, of the rules or of how they are applied; texts may be mended without."""
    deciding = [msgspec.structs.replace(rule, fr="", en="", source="") for rule in rules.values()]
    return zlib.crc32(msgspec.json.encode([APPLIED, sorted(deciding, key=lambda rule: rule.id)], order="sorted")) & 0x7FFFFFFF


def _rule(id_: str, fields: Any) -> Rule:
    def wrong(field: str, rule: str) -> BadRequest:
        return BadRequest(f"{id_}.{field}: {rule}", field=f"{id_}.{field}", rule=rule)

    try:
        rule = msgspec.convert({"id": id_, **fields}, Rule)
    except msgspec.ValidationError as e:
        what, _, where = str(e).partition(" - at `$.")
        raise wrong(where.rstrip("`") or "fields", what) from e
    for field in ("effective_from", "effective_to"):
        day = getattr(rule, field)
        if day and (len(day) != 10 or not _is_day(day)):
            raise wrong(field, "a day: YYYY-MM-DD")
    if rule.effective_to and rule.effective_to < rule.effective_from:
        raise wrong("effective_to", "what ends has begun")
    if rule.tag != "V" and rule.severity == "B":
        raise wrong("severity", "[V2] and [M] warn at most")
    if rule.tag != "V" and rule.observed:
        raise wrong("observed", "[V2] and [M] are to check")
    check = CHECKS.get(rule.check)
    if check is None:
        raise wrong("check", f"one of {', '.join(sorted(CHECKS))}")
    for name, kind in check.parameters.items():
        if type(rule.parameters.get(name)) is not kind:
            raise wrong(f"parameters.{name}", f"of the kind {kind.__name__}")
    if unknown := sorted(set(rule.parameters) - set(check.parameters)):
        raise wrong(f"parameters.{unknown[0]}", f"{rule.check} has no such parameter")
    for field in ("fr", "en"):
        named = {name for _, name, _, _ in string.Formatter().parse(getattr(rule, field)) if name is not None}
        if unknown := sorted(named - set(check.parameters) - check.gives):
            raise wrong(field, f"{rule.check} knows nothing of {{{unknown[0]}}}")
    return rule


def _is_day(text: str) -> bool:
    try:
        return dates.parse(text).precision == "day"
    except BadRequest:
        return False
