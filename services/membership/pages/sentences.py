"""Each event of an organisation's timeline as a sentence, in French and in English; every value in it is escaped."""
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from services.membership import events
from services.membership.findings import rules

from .words import STANDINGS, STATES, WHY, code, day

Both = dict[str, Markup]
TEXTS = {
    events.ORGANISATION_FOUNDED: ("{organisation} est fondée sous le nom « {name} ».", "{organisation} is founded as “{name}”."),
    events.ORGANISATION_REGISTERED: ("{organisation} est immatriculée sous le numéro {number} ({register}).",
                                     "{organisation} is registered, number {number} ({register})."),
    events.ORGANISATION_AFFILIATED: ("{organisation} s'affilie à {parent}.", "{organisation} is affiliated to {parent}."),
    events.ORGANISATION_DETACHED: ("{organisation} quitte {parent}.", "{organisation} leaves {parent}."),
    events.ORGANISATION_RENAMED: ("{organisation} prend le nom « {name} ».", "{organisation} takes the name “{name}”."),
    events.ORGANISATION_ALIAS_RECORDED: ("On la rencontre aussi sous le nom « {alias} » ({evidence}).", "It is also met as “{alias}” ({evidence})."),
    events.ORGANISATION_MOVED: ("{organisation} passe au district {district}.", "{organisation} moves to the district {district}."),
    events.ORGANISATION_SUSPENDED: ("{organisation} est suspendue.", "{organisation} is suspended."),
    events.ORGANISATION_REINSTATED: ("La suspension de {organisation} prend fin.", "The suspension of {organisation} ends."),
    events.ORGANISATION_DISSOLVED: ("{organisation} est dissoute.", "{organisation} is dissolved."),
    events.ORGANISATION_MERGED: ("{organisation} était un doublon de {into} : {decision}.{number_fr}",
                                 "{organisation} was a duplicate of {into}: {decision}.{number_en}"),
    events.SEAT_RECORDED: ("{organisation} a son siège à {seat}.", "{organisation} has its seat at {seat}."),
    events.CONSTITUTIVE_ASSEMBLY_HELD: ("L'assemblée constitutive de {organisation} se tient{venue_fr}{founders_fr}.",
                                        "The constitutive assembly of {organisation} is held{venue_en}{founders_en}."),
    events.STATUTES_RECORDED: ("Les statuts de {organisation} : {objects} ; {missions}.", "The statutes of {organisation}: {objects}; {missions}."),
    events.REPRESENTATIVE_FORGOTTEN: ("Le nom d'un représentant est oublié.", "The name of a representative is forgotten."),
    events.REPRESENTATIVE_NAMED: ("Une personne est nommée : {function} (nom scellé).", "A person is named: {function} (name sealed)."),
    events.FACT_CORRECTED: ("Un fait de {organisation} est corrigé.", "A fact about {organisation} is corrected."),
    events.FACT_WITHDRAWN: ("Un fait noté par erreur sur {organisation} est retiré.", "A fact about {organisation} recorded by mistake is withdrawn."),
    events.STANDING_CHANGED: ("{organisation} : {standing_fr}.", "{organisation}: {standing_en}."),
    events.FINDING_RECORDED: ("Règle {rule} ({article}) : {breaches_fr}.", "Rule {rule} ({article}): {breaches_en}."),
    events.FINDING_ANSWERED: ("Réponse de {organisation} sur {rule} : {answer}", "Answer of {organisation} about {rule}: {answer}"),
    events.FINDING_DECIDED: ("Décision sur {rule} : {state_fr} – {decision}", "Decision about {rule}: {state_en} – {decision}"),
    events.CORRIDOR_ASSIGNED: ("Le couloir {corridor} est attribué à {organisation}{until_fr}.",
                               "The corridor {corridor} is assigned to {organisation}{until_en}."),
    events.CORRIDOR_ASSIGNMENT_ENDED: ("L'attribution du couloir {corridor} à {organisation} prend fin.",
                                       "The assignment of the corridor {corridor} to {organisation} ends."),
    events.CORRIDOR_EXTENDED: ("Le couloir {corridor} est prolongé{until_fr}.", "The corridor {corridor} is extended{until_en}."),
    events.CORRIDOR_CLOSED: ("Le couloir {corridor} est fermé.", "The corridor {corridor} is closed."),
    events.AGREEMENT_FACT_WITHDRAWN: ("Un accord noté par erreur est retiré.", "An agreement recorded by mistake is withdrawn."),
    events.AGREEMENT_SIGNED: ("Accord « {title} »{until_fr}.", "Agreement “{title}”{until_en}.")}


# What follows from facts, and was not reported as one: it has no date but that of its recording.
FOLLOWS = (events.FACT_CORRECTED, events.FACT_WITHDRAWN, events.AGREEMENT_FACT_WITHDRAWN, events.STANDING_CHANGED, events.FINDING_RECORDED,
           events.FINDING_ANSWERED, events.FINDING_DECIDED)
# What the system finds by itself, again with every fact: a page shows it where it stands now.
FOUND = (events.STANDING_CHANGED, events.FINDING_RECORDED)
FOUNDERS = 6


OF_MINERS = {
    events.MINER_REGISTERED: ("Inscription au registre.", "Entered in the register."),
    events.MINER_CARD_RECORDED: ("Carte notée : {card_type}.", "Card recorded: {card_type}."),
    events.MINER_ADMITTED: ("Admission à {organisation}.", "Admitted to {organisation}."),
    events.WITHDRAWAL_NOTICED: ("Retrait de {organisation}, effectif le {effective_on}.", "Withdrawal from {organisation}, effective on {effective_on}."),
    events.REFUND_EXTENDED: ("Remboursement des parts reporté au {due_by} : {decision}.", "Refund of shares extended to {due_by}: {decision}."),
    events.REFUND_RECORDED: ("Parts remboursées par {organisation}.", "Shares repaid by {organisation}."),
    events.MEMBERSHIP_ENDED: ("Fin de l'adhésion à {organisation} ({cause}).", "Membership of {organisation} ends ({cause})."),
    events.MINER_MOVED: ("Travaille ailleurs : {village}, {site}.", "Works elsewhere: {village}, {site}.")}


class _Values(dict[str, Any]):
    """What an event does not say is a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def sentence(line: Mapping[str, Any], organisation: Callable[[str], Markup], district: Callable[[str], str]) -> Both:
    """`organisation` makes a link of a slug, `district` a name. An event without a text of its own is named."""
    fr, en = TEXTS.get(line["name"], (line["name"], line["name"]))
    data = line["data"]
    values = _Values({k: v for k, v in data.items() if isinstance(v, str | int)})
    values |= {key: organisation(data[key]) for key in ("organisation", "parent", "into") if key in data}
    values |= _extra(line["name"], data, line["recorded_at"][:10], organisation)
    if "district" in data:
        values["district"] = district(data["district"])
    unlinked = _Values({k: v.striptags() if isinstance(v, Markup) else v for k, v in values.items()})
    return {"fr": Markup(fr).format_map(values), "en": Markup(en).format_map(unlinked)}     # noqa: S704 - texts of this file; format_map escapes the values


def miner_sentence(line: Mapping[str, Any], organisation: Callable[[str], Markup]) -> Both:
    """A fact of a miner's history; whom it is about is never in it."""
    fr, en = OF_MINERS.get(line["name"], (line["name"], line["name"]))
    values = _Values({k: v for k, v in line.items() if isinstance(v, str | int)})
    plain = _Values(values)
    if "organisation" in line:
        values["organisation"] = organisation(line["organisation"])
        plain["organisation"] = values["organisation"].striptags()
    return {"fr": Markup(fr).format_map(values), "en": Markup(en).format_map(plain)}      # noqa: S704 - texts of this file; format_map escapes the values


def _extra(name: str, data: Mapping[str, Any], told: str, organisation: Callable[[str], Markup]) -> dict[str, Any]:
    until = data.get("until") or data.get("valid_until") or data.get("new", {}).get("valid_until")
    values: dict[str, Any] = {"until_fr": f", jusqu'au {day(until)}" if until else "", "until_en": f", until {until}" if until else ""}
    match name:
        case events.CONSTITUTIVE_ASSEMBLY_HELD:
            n, venue = data.get("founder_count") or len(data.get("founders", ())), data.get("venue", "")
            named = data.get("founders", ())
            founders = Markup(", ").join(organisation(slug) for slug in named[:FOUNDERS]) + (Markup(", …") if len(named) > FOUNDERS else Markup(""))
            fr = Markup(", avec {} fondateurs").format(n) if n else Markup("")
            en = Markup(", with {} founders").format(n) if n else Markup("")
            who = Markup(" ({})").format(founders) if founders else Markup("")
            values |= {"founders_fr": fr + who, "founders_en": en + who, "venue_fr": f" ({venue})" if venue else "", "venue_en": f" ({venue})" if venue else ""}
        case events.STATUTES_RECORDED:
            values |= {key: ", ".join(code(c) for c in data[key]) or "–" for key in ("objects", "missions")}
        case events.STANDING_CHANGED:
            held = [step for step in data["standing"] if step["from"] <= told] or data["standing"][:1]
            value, why = (held[-1]["value"], held[-1]["why"]) if held else ("good", [])
            for n, language in enumerate(("fr", "en")):
                because = ", ".join(WHY[w][n] if w in WHY else w for w in why)
                values[f"standing_{language}"] = STANDINGS[value][n] + (f" ({because})" if because else "")
        case events.FINDING_RECORDED:
            now = [b for b in data["breaches"] if b["from"] <= told and told < b.get("until", "9999")]
            text = finding_text(data["rule"], now[-1].get("facts", {})) if now else {"fr": "respectée", "en": "kept"}
            values |= {f"breaches_{language}": text[language].rstrip(".") for language in ("fr", "en")}
        case events.ORGANISATION_MERGED:
            number = data.get("number", "")
            values |= {"number_fr": f" Le numéro {number} lui est gardé ; son immatriculation reste à noter." if number else "",
                       "number_en": f" The number {number} is kept for it; its registration is still to be recorded." if number else ""}
        case events.FINDING_DECIDED:
            values |= {"state_fr": STATES[data["state"]][0], "state_en": STATES[data["state"]][1]}
    return values


def finding_text(rule: str, facts: Mapping[str, Any]) -> dict[str, str]:
    """What the rule says of a breach; its id, where it is not known any more or wants facts that are not there."""
    known = rules.table().get(rule)
    try:
        return known.text(facts) if known else {"fr": rule, "en": rule}
    except KeyError:
        return {"fr": rule, "en": rule}
