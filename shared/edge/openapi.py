"""OpenAPI 3.1 of one service, made of its addresses, its schemas and the table of who may do what; nothing is written twice."""
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema
from werkzeug.http import HTTP_STATUS_CODES

from shared import access
from shared.answers import CommandAnswer, Problem
from shared.definition import Definition
from shared.errors import BadRequest, Forbidden, SanuError, TooLarge, TooManyRequests, Unauthenticated, Unavailable
from shared.route import JSON, About, Param, Route

from .problems import HeadTooLarge, TooSlow

VERSION = "1.0.0"
EVERYWHERE = (BadRequest, TooSlow, TooLarge, HeadTooLarge, SanuError, Unavailable)
CORRELATION = {"X-Correlation-Id": {"$ref": "#/components/headers/X-Correlation-Id"}}
ETAG = {"ETag": {"$ref": "#/components/headers/ETag"}}
LINK = {"Link": {"description": 'The page that follows, rel="next"; absent on the last', "schema": {"type": "string"}}}
CORRELATION_IN = {"name": "X-Correlation-Id", "in": "header", "schema": {"type": "string"},
                  "description": "Identifiant de bout en bout, renvoyé et enregistré · End-to-end id, returned and recorded; one is made when absent or odd"}
IF_NONE_MATCH = {"name": "If-None-Match", "in": "header", "schema": {"type": "string"},
                 "description": "L'ETag d'une réponse reçue : 304 si rien n'a changé · The ETag of an answer you have: 304 if nothing changed"}
KEY = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 200},
       "description": "Même clé et même corps : la même réponse, pour toujours · Same key and body: the same answer, for ever", "example": "exemple-1"}
IF_MATCH = {"name": "If-Match", "in": "header", "schema": {"type": "string", "pattern": r'^((W/)?"[!#-~]*"|[0-9]{1,15}|\*)(, *((W/)?"[!#-~]*"|[0-9]{1,15}))*$'},
            "description": "La version attendue du premier flux de la commande ; sinon 412 · The version expected of the command's first stream; else 412"}


def both(fr: str, en: str) -> str:
    return f"{fr} · {en}"


def document(definition: Definition, routes: Sequence[Route]) -> dict[str, Any]:
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: (schema if isinstance(schema, type) else type(schema)).__name__)
    spec = APISpec(title=f"Sanu · {definition.name}", version=VERSION, openapi_version="3.1.0", plugins=[plugin],
                   info={"description": both(definition.fr, definition.en)},
                   servers=[{"url": "/"}])
    if plugin.converter:                           # there since the spec was made
        plugin.converter.add_attribute_function(_anchored)
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    spec.components.header("X-Correlation-Id", {"schema": {"type": "string"}, "required": True})
    spec.components.header("ETag", {"schema": {"type": "string"}})
    for error in _errors(SanuError):
        spec.components.response(error.slug, _problem(error))
    for route in sorted(routes, key=lambda r: (r.url, r.method)):
        for path, operation in _operations(definition, route):
            spec.path(path, operations={route.method.lower(): operation})
    return spec.to_dict()


def _operations(definition: Definition, route: Route) -> Iterator[tuple[str, dict[str, Any]]]:
    if route.scope != access.COMMAND:
        yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.url), _query(route, route.scope)
        return
    for name, command in definition.commands.items():
        yield route.url.replace("<command>", name), _command(name, command.schema, route.about, access.table().command(definition.name, name))


def _query(route: Route, scope: str) -> dict[str, Any]:
    about = route.about
    content: dict[str, Any] = {} if about.answer is None else {about.kind: {"schema": about.answer}}
    content |= {kind: {"schema": {"type": "string"}, "example": example} for kind, example in about.others.items()}
    headers = {**CORRELATION, **(ETAG if about.conditional else {}), **(LINK if about.paged else {})}
    answers: dict[str, Any] = {str(about.status): {"description": HTTP_STATUS_CODES[about.status], "headers": headers, "content": content}}
    if about.conditional:
        answers["304"] = {"description": "Rien de nouveau · Nothing new", "headers": {**CORRELATION, **ETAG}}
    parameters = [*(_param(p, "path") for p in about.path), *(_param(p, "query") for p in about.params),
                  *([IF_NONE_MATCH] if about.conditional else [])]
    id_ = re.sub(r"[^a-z0-9]+", "-", f"{route.method} {route.url}".lower()).strip("-")
    tag = "Système · system" if scope in (access.OPEN, "feed:read", "operations:read") else "Requêtes · queries"
    operation = _operation(tag, id_, about, scope, answers, parameters)
    body = {"requestBody": {"required": True, "content": {kind: {"schema": schema} for kind, schema in about.takes.items()}}}
    return {**operation, **(body if about.takes else {})}


def _command(name: str, schema: type[Schema], about: About, scope: str) -> dict[str, Any]:
    said: Any = schema
    done = {"headers": {**CORRELATION, **ETAG}, "content": {JSON: {"schema": CommandAnswer}}}
    answers = {"201": {"description": "Enregistré · Recorded", **done},
               "200": {"description": "Rien à changer, ou déjà fait avec cette clé · Nothing to change, or done already with this key", **done}}
    operation = _operation("Commandes · commands", name, About(fr=said.fr, en=said.en, errors=about.errors), scope, answers, [KEY, IF_MATCH])
    body = {"required": True, "content": {JSON: {"schema": schema, "example": dict(said.example)}}}
    return {**operation, "requestBody": body}


def _operation(tag: str, id_: str, about: About, scope: str, answers: Mapping[str, Any], parameters: Sequence[Any]) -> dict[str, Any]:
    errors = [*EVERYWHERE, *about.errors, *((TooManyRequests,) if about.limited else ())]
    result: dict[str, Any] = {"operationId": id_, "tags": [tag], "summary": both(about.fr, about.en), "parameters": [CORRELATION_IN, *parameters]}
    if scope == access.OPEN:
        result |= {"security": [], "description": "Ouvert à tous · open to all"}
    else:
        errors += [Unauthenticated, Forbidden]
        roles = ", ".join(sorted(r.name for r in access.table().roles.values() if scope in r.scopes))
        result |= {"security": [{"bearer": [scope]}], "description": both(f"Droit `{scope}` ; rôles : {roles}", f"scope `{scope}`; roles: {roles}")}
    refused = {str(e.status): {"$ref": f"#/components/responses/{e.slug}"} for e in sorted(errors, key=lambda e: e.status)}
    return {**result, "responses": {**answers, **refused}}


def _param(param: Param, where: str) -> dict[str, Any]:
    example = {} if param.example is None else {"example": param.example}
    return {"name": param.name, "in": where, "description": both(param.fr, param.en), "schema": dict(param.schema),
            **({"required": True} if where == "path" else {}), **example}


def _errors(error: type[SanuError]) -> Iterator[type[SanuError]]:
    """It and its kinds that have a name of their own."""
    if "slug" in vars(error):
        yield error
    for kind in error.__subclasses__():
        yield from _errors(kind)


def catalogue() -> list[type[SanuError]]:
    return sorted(_errors(SanuError), key=lambda e: (e.status, e.slug))


def _problem(error: type[SanuError]) -> dict[str, Any]:
    headers = dict(CORRELATION)
    if error.status in (429, 503):
        headers["Retry-After"] = {"schema": {"type": "integer"}, "description": "seconds"}  # type: ignore[dict-item]
    if error is Unauthenticated:
        headers["WWW-Authenticate"] = {"schema": {"type": "string"}}  # type: ignore[dict-item]
    return {"description": both(error.title["fr"], error.title["en"]) + f" – [{error.address()}]({error.address()})", "headers": headers,
            "content": {"application/problem+json": {"schema": Problem}}}


def _anchored(self: Any, field: Any, ret: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Python's patterns begin where the text begins and end with \\Z; JSON Schema's say so themselves."""
    pattern = ret.get("pattern", "")
    return {"pattern": "^" + pattern.removeprefix("^").removesuffix(r"\Z").removesuffix("$") + "$"} if pattern else {}
