"""What a reader should know before trusting a figure: contradictions, sums, and structures to check. Findings are not verdicts."""
from collections.abc import Iterator, Sequence
from typing import Any

from shared.service import Service

from .district_table import LEVELS, Latest, latest_statements
from .projections.declarations import Statement

Finding = dict[str, Any]
FR = {"base": "sociétés de base", "union": "unions", "federation": "fédérations", "mining_district": "districts miniers"}
EN = {"base": "base societies", "union": "unions", "federation": "federations", "mining_district": "mining districts"}
LEAST_MEMBERS = 15         # AUSCOOP art. 267, of a COOP-CA
LEAST_UNIONS = 2           # AUSCOOP art. 141, about a federation's members: a district with fewer is to check, no more


def read(service: Service, as_of: str, known_at: str = "") -> list[Finding]:
    latest, names = latest_statements(service, as_of, known_at)
    return [*_contradictions(latest, names), *_few_unions(latest, names), *_sums(latest), *_legal_least(latest)]


def _finding(id_: str, rule: str, state: str, since: str, statements: Sequence[Statement], fr: str, en: str, **more: Any) -> Finding:
    return {"id": id_, "rule": rule, "state": state, "since": since, "text": {"fr": fr, "en": en}, **more,
            "statements": [{"value": s.value, "as_of": s.as_of, "measure": s.measure, "source": s.source, "event": s.event} for s in statements],
            "events": [s.event for s in statements]}


def _contradictions(latest: Latest, names: dict[str, str]) -> Iterator[Finding]:
    for (measure, district), statements in sorted(latest.items()):
        values = sorted({s.value for s in statements})
        if len(values) > 1:
            where = names.get(district, district)
            said = ", ".join(f"{v} ({'; '.join(s.source.get('section', '?') for s in statements if s.value == v)})" for v in values)
            yield _finding(
                f"contradiction:{measure}:{district or 'country'}:{statements[0].counts_from}", "one-figure-per-date", "to check",
                statements[0].counts_from, statements,
                f"{FR[measure].capitalize()}{f' ({where})' if where else ''} : les sources disent {said} à la même date.",
                f"{EN[measure].capitalize()}{f' ({where})' if where else ''}: the sources say {said} for the same date.", values=values)


def _few_unions(latest: Latest, names: dict[str, str]) -> Iterator[Finding]:
    for district, name in names.items():
        federations, unions = (latest.get((level, district), ()) for level in ("federation", "union"))
        if federations and unions and federations[-1].value >= 1 and unions[-1].value < LEAST_UNIONS:
            f, u = federations[-1], unions[-1]
            yield _finding(
                f"few-unions:{district}", "OH-23", "to check", max(f.counts_from, u.counts_from), (f, u),
                f"{name} : {_fr(f.value, 'fédération')}, {_fr(u.value, 'union')}. Une fédération réunit au moins deux unions, "
                "mais peut couvrir plusieurs districts ou des coopératives sans union.",
                f"{name}: {_en(f.value, 'federation')}, {_en(u.value, 'union')}. A federation joins two unions or more, "
                "but may span districts or take in cooperatives without a union.", article="AUSCOOP 141", district=district)


def _fr(n: int, noun: str) -> str:
    return f"{n} {noun}{'s' if n > 1 else ''}"


def _en(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _sums(latest: Latest) -> Iterator[Finding]:
    for level in LEVELS.values():
        national = latest.get((level, ""), ())
        rows = [statements[-1] for (measure, district), statements in sorted(latest.items()) if measure == level and district]
        if not rows or not national or {r.counts_from for r in rows} != {national[0].counts_from}:
            continue
        total = sum(r.value for r in rows)
        agree = sum(s.value == total for s in national)
        state = "observed" if agree == len(national) else "to check"
        yield _finding(
            f"sum:{level}:{national[0].counts_from}", "rows-sum-to-total", state, national[0].counts_from, (*national, *rows),
            f"{FR[level].capitalize()} : les {len(rows)} lignes font {total}, comme {agree} des {len(national)} totaux déclarés.",
            f"{EN[level].capitalize()}: the {len(rows)} rows sum to {total}, as do {agree} of {len(national)} declared totals.",
            sum=total, agree=agree, declared=[s.value for s in national])


def _legal_least(latest: Latest) -> Iterator[Finding]:
    """The country's federations beside what the Act asks of a confederation that is a COOP-CA, and of federations themselves."""
    federations, unions = (latest.get((level, ""), ())[-1:] for level in ("federation", "union"))
    for f in federations:
        if 0 < f.value < LEAST_MEMBERS:
            yield _finding(
                f"few-federations:{f.counts_from}", "OH-02", "to check", f.counts_from, (f,),
                f"Confédération : {_fr(f.value, 'fédération')}. Une COOP-CA compte au moins {LEAST_MEMBERS} membres : valable seulement si des unions "
                "ou des sociétés de base en sont membres aussi.",
                f"Confederation: {_en(f.value, 'federation')}. A COOP-CA has {LEAST_MEMBERS} members or more: valid only if unions "
                "or base societies are members too.", article="AUSCOOP 267")
        for u in unions:
            if f.value and u.counts_from == f.counts_from and u.value <= LEAST_UNIONS * f.value:
                fewer = u.value < LEAST_UNIONS * f.value
                yield _finding(
                    f"unions-per-federation:{f.counts_from}", "OH-23", "to check" if fewer else "observed", f.counts_from, (f, u),
                    f"{_fr(u.value, 'union')} pour {_fr(f.value, 'fédération')} : {'moins que' if fewer else 'exactement'} deux par fédération.",
                    f"{_en(u.value, 'union')} for {_en(f.value, 'federation')}: {'fewer than' if fewer else 'exactly'} two for each federation.",
                    article="AUSCOOP 141")
