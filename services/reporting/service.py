"""reporting at the edge: nameko classes that parse, call and answer."""
import datetime as dt
from typing import Any

from werkzeug.wrappers import Response

from services.reporting import district_table, event_card, findings, pages
from shared import dates
from shared.config import SERVICES
from shared.edge.api import service_api, service_inbox, serving, whole
from shared.edge.http_entrypoint import http
from shared.errors import BadRequest

NAME = "reporting"


def day(request: Any, name: str, default: str) -> str:
    """A query parameter that is a date; a month or year means its last day. Raises BadRequest."""
    return dates.counts_from(request.args[name], name) if request.args.get(name) else default


def moment(request: Any, name: str) -> str:
    """An ISO time or date with zone UTC, '' when not given. Raises BadRequest."""
    text = request.args.get(name, "")
    try:
        parsed = dt.datetime.fromisoformat(text) if text else None
    except ValueError as e:
        raise BadRequest(f"'{text}' is no time", field=name, rule="ISO 8601, such as 2026-11-24T08:00:00Z") from e
    if parsed is None:
        return ""
    utc = parsed.replace(tzinfo=parsed.tzinfo or dt.UTC).astimezone(dt.UTC)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()


class Api(service_api(NAME)):  # type: ignore[misc]
    name = "reporting_api"

    @http("GET", "/reporting/v1/tables/districts")
    def districts(self, request: Any) -> Any:
        service, basis = serving(NAME), request.args.get("basis", "declared")
        if basis not in ("declared", "derived"):
            raise BadRequest("basis is declared or derived", field="basis")
        wait(request)
        table = district_table.read(service, day(request, "as_of", today()), basis, moment(request, "known_at"))
        return csv(pages.districts_csv(table)) if wants_csv(request) else table

    @http("GET", "/reporting/v1/tables/districts/events")
    def district_events(self, request: Any) -> Any:
        column = request.args.get("column", "base")
        if column not in district_table.LEVELS:
            raise BadRequest(f"column is one of {', '.join(district_table.LEVELS)}", field="column")
        return district_table.events_behind(
            serving(NAME), day(request, "as_of", today()), request.args.get("district", ""), column, moment(request, "known_at"),
            whole(request, "after", 0, 2**62), whole(request, "limit", 500, 1000))

    @http("GET", "/reporting/v1/findings")
    def findings(self, request: Any) -> Any:
        wait(request)
        found = findings.read(serving(NAME), day(request, "as_of", today()), moment(request, "known_at"))
        if wants_csv(request):
            return csv(pages.findings_csv(found))
        return {"as_of": day(request, "as_of", today()), "findings": found, "feeds": district_table.feeds(serving(NAME))}

    @http("GET", "/reporting/v1/events/<id_>")
    def event(self, request: Any, id_: str) -> Any:
        wait(request)
        return event_card.read(serving(NAME), id_)

    @http("GET", "/")
    def front(self, request: Any) -> Response:
        service, as_of = serving(NAME), day(request, "as_of", today())
        table, found = district_table.read(service, as_of, "declared"), findings.read(service, as_of)
        shown = request.args.get("event", "")          # what stands behind a figure of this page is as open as the figure
        card = event_card.read(service, shown) if shown in pages.behind(table, found) else None
        return Response(pages.front(table, found, card), mimetype="text/html")


def wait(request: Any) -> None:
    """Honours min_position=<source>:<N>: the caller reads what it wrote. Raises BadRequest, Unavailable."""
    wanted = request.args.get("min_position", "")
    if not wanted:
        return
    source, _, number = wanted.rpartition(":")
    if source not in SERVICES or not number.isdigit() or len(number) > 18:
        raise BadRequest("min_position is <service>:<position>", field="min_position")
    serving(NAME).wait_for(serving(NAME).views, source, int(number))


def wants_csv(request: Any) -> bool:
    return bool(request.args.get("format") == "csv" or request.accept_mimetypes.best == "text/csv")


def csv(text: str) -> Response:
    return Response(text, mimetype="text/csv")


Inbox = service_inbox(NAME, [s for s in SERVICES if s != NAME])
