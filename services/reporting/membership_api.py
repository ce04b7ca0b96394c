"""The figures about membership at the edge: parse, ask, and answer in the format that was asked for."""
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from services.reporting.figures import answers, completeness, findings, growth, members, standings
from services.reporting.figures import parameters as p
from services.reporting.figures.asked import Asked, Table
from services.reporting.figures.sheet import CSV, FORMATS, XLSX, Sheet
from shared.edge.api import next_page, serving, wait
from shared.edge.conditional import fresh
from shared.edge.http_entrypoint import http
from shared.edge.kept import Kept
from shared.edge.problems import encode
from shared.errors import Forbidden
from shared.parameters import KNOWN_AT
from shared.route import AFTER, LIMIT, About
from shared.service import Service

from .parameters import AS_OF, MIN_POSITION
from .territory import places

NAME, PEOPLE, LOTS = "reporting", "people:read", "lots:read"
DATES = (AS_OF, KNOWN_AT, MIN_POSITION)
_kept = Kept()
Make = Callable[[Service, Asked], tuple[Table, str]]
Narrow = Callable[[Asked], Asked]

MEMBERS = Sheet("members", ("district", "district_name", "level", "organisation", "sex", "age_band", "count", "suppressed", "events", "all"))
GROWTH = Sheet("growth", ("of", "month", "opening", "new", "left", "closing", "events", "all"))
COMPLETENESS = Sheet("completeness", ("of", "what", "recorded", "total", "percent", "events", "all"))
RECORDS = Sheet("records", ("organisation", "district", "event"))
FINDINGS = Sheet("findings", ("finding", "organisation", "level", "district", "rule", "article", "severity", "tag", "state", "since", "until", "facts",
                              "events"), "findings")
ARTICLES = Sheet("findings-by-article", ("rule", "article", "state", "count", "events", "all"))
STANDINGS = Sheet("standings", ("district", "district_name", "value", "count", "events", "all"))
STANDING_LIST = Sheet("standings-of-organisations", ("organisation", "level", "district", "value", "why", "since", "events"))


def others(sheet: Sheet) -> dict[str, str]:
    return {CSV: ",".join(("as_of", *sheet.columns)), XLSX: "PK…"}


def asked_by(request: Any) -> Asked:
    asked, scopes = request.asked, request.caller.scopes
    return Asked(as_of=asked["as_of"], known_at=asked["known_at"], territory=places(request.caller.territory), people=PEOPLE in scopes, lots=LOTS in scopes)


def table(request: Any, sheet: Sheet, make: Make, narrow: Narrow = lambda asked: asked) -> Response:
    """The answer as JSON, CSV or XLSX, kept while nothing moves; with the Link to the next page where there is one.

    `narrow` cuts what was asked to what the caller may see.
    """
    service, asked = serving(NAME), request.asked
    wait(service, request)
    of = narrow(asked_by(request))
    form = asked["format"] or next((name for name, kind in FORMATS.items() if kind == request.accept_mimetypes.best), "json")
    question = service.log.opened.log_id, sheet.name, of, form, tuple((k, v) for k, v in sorted(asked.items()) if k not in ("min_position", "format"))
    at = service.stands_at()
    fresh(request, of.as_of, of.people, of.lots, form, question[-1], at)

    def answered() -> tuple[bytes, str]:
        answer, behind = make(service, of)
        match form:
            case "csv":
                return sheet.csv(answer), behind
            case "xlsx":
                return sheet.xlsx(answer), behind
        return encode(answer), behind

    body, behind = _kept.answer(question, at, answered)
    answer = Response(body, mimetype=FORMATS[form])
    if form != "json":
        answer.headers["Content-Disposition"] = f'attachment; filename="sanu-{sheet.name}-{of.as_of}.{form}"'
    if behind:
        answer.headers["Link"] = next_page(request, behind)
    return answer


def whole(make: Callable[[Service, Asked], Table]) -> Make:
    """A table that has no pages."""
    return lambda service, asked: (make(service, asked), "")


def events(request: Any, make: Make) -> Any:
    found, behind = make(serving(NAME), asked_by(request))
    fresh(request, found, weak=False)
    return 200, found, {"Link": next_page(request, behind)} if behind else {}


class MembershipFigures:
    """The addresses under /reporting/v1/tables but that of the districts."""

    @http("GET", "/reporting/v1/tables/members", about=About(
        fr="Les mineurs membres d'organisations, selon une ou deux dimensions", en="Miners who belong to organisations, by one or two dimensions",
        params=(*DATES, p.BY, p.AFTER_ORGANISATION, p.LIMIT, p.FORMAT), answer=answers.MemberTable, others=others(MEMBERS), conditional=True, paged=True))
    def members(self, request: Any) -> Any:
        a = request.asked
        return table(request, MEMBERS, lambda service, asked: members.read(service, asked, a["by"], a["after"], a["limit"]))

    @http("GET", "/reporting/v1/tables/members/events", about=About(
        fr="Tous les événements derrière un nombre de membres", en="All events behind a count of members",
        params=(AS_OF, KNOWN_AT, p.DISTRICT, p.LEVEL, p.ORGANISATION, p.SEX, p.AGE_BAND, AFTER, LIMIT), answer=answers.EventPage, errors=(Forbidden,),
        conditional=True, paged=True))
    def member_events(self, request: Any) -> Any:
        a = request.asked
        key = {d: a[d] for d in members.DIMENSIONS}
        return events(request, lambda service, asked: members.events_behind(service, asked, key, a["after"], a["limit"]))

    @http("GET", "/reporting/v1/tables/growth", about=About(
        fr="Organisations et mineurs, mois par mois : au début, nouveaux, partis, à la fin",
        en="Organisations and miners month by month: opening, new, left, closing",
        params=(*DATES, p.FROM, p.TO, p.FORMAT), answer=answers.GrowthTable, others=others(GROWTH), conditional=True))
    def growth(self, request: Any) -> Any:
        a = request.asked
        return table(request, GROWTH, whole(lambda service, asked: growth.read(service, asked, a["from"], a["to"])))

    @http("GET", "/reporting/v1/tables/growth/events", about=About(
        fr="Tous les événements d'un mois", en="All events of a month", params=(AS_OF, KNOWN_AT, p.OF, p.MONTH, AFTER, LIMIT), answer=answers.EventPage,
        conditional=True, paged=True))
    def growth_events(self, request: Any) -> Any:
        a = request.asked
        return events(request, lambda service, asked: growth.events_behind(service, asked, a["of"], a["month"], a["after"], a["limit"]))

    @http("GET", "/reporting/v1/tables/completeness", about=About(
        fr="Ce qui est enregistré, de ce qu'il y aurait à savoir", en="What is on record, of what there is to know",
        params=(*DATES, p.FORMAT), answer=answers.CompletenessTable, others=others(COMPLETENESS), conditional=True))
    def completeness(self, request: Any) -> Any:
        return table(request, COMPLETENESS, whole(completeness.read))

    @http("GET", "/reporting/v1/tables/completeness/organisations", about=About(
        fr="Les organisations dont une donnée est enregistrée, ou manque", en="The organisations of which a datum is on record, or missing",
        params=(*DATES, p.OF_LEVEL, p.WHAT, p.RECORDED, p.AFTER_ORGANISATION, p.LIMIT, p.FORMAT), answer=answers.RecordList, others=others(RECORDS),
        conditional=True, paged=True))
    def records(self, request: Any) -> Any:
        a = request.asked
        return table(request, RECORDS, lambda service, asked: completeness.organisations(
            service, asked, a["level"], a["what"], a["recorded"] == "yes", a["after"], a["limit"]))

    @http("GET", "/reporting/v1/tables/findings/organisations", about=About(
        fr="Les constats sur les organisations", en="Findings about organisations",
        params=(*DATES, p.RULE, p.ARTICLE, p.STATE, p.DISTRICT, p.ORGANISATION, p.AFTER_FINDING, p.LIMIT, p.FORMAT),
        answer=answers.OrganisationFindingList, others=others(FINDINGS), conditional=True, paged=True))
    def organisation_findings(self, request: Any) -> Any:
        a = request.asked
        only = {name: a[name] for name in findings.FILTERS}
        return table(request, FINDINGS, lambda service, asked: findings.read(service, asked, only, a["after"], a["limit"]))

    @http("GET", "/reporting/v1/tables/findings/by-article", about=About(
        fr="Combien de constats par règle, article et état", en="How many findings by rule, article and state",
        params=(*DATES, p.FORMAT), answer=answers.ArticleTable, others=others(ARTICLES), conditional=True))
    def findings_by_article(self, request: Any) -> Any:
        return table(request, ARTICLES, whole(findings.by_article))

    @http("GET", "/reporting/v1/tables/standings", about=About(
        fr="Combien d'organisations sont en règle, à vérifier ou suspendues, par district",
        en="How many organisations are in good standing, to check or suspended, by district",
        params=(*DATES, p.FORMAT), answer=answers.StandingTable, others=others(STANDINGS), conditional=True))
    def standings(self, request: Any) -> Any:
        return table(request, STANDINGS, whole(standings.read))

    @http("GET", "/reporting/v1/tables/standings/organisations", about=About(
        fr="La situation de chaque organisation, et pourquoi", en="How each organisation stands, and why",
        params=(*DATES, p.VALUE, p.DISTRICT, p.AFTER_ORGANISATION, p.LIMIT, p.FORMAT), answer=answers.OrganisationStandingList,
        others=others(STANDING_LIST), conditional=True, paged=True))
    def organisation_standings(self, request: Any) -> Any:
        a = request.asked
        only = {name: a[name] for name in standings.FILTERS}
        return table(request, STANDING_LIST, lambda service, asked: standings.organisations(service, asked, only, a["after"], a["limit"]))
