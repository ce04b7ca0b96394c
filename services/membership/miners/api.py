"""The addresses about miners, which membership answers beside its others."""
from typing import Any

from services.membership import parameters as p
from shared import requests
from shared.edge.api import next_page, serving, wait
from shared.edge.http_entrypoint import http, json_body
from shared.errors import BadRequest, Conflict, NotFound, Unsupported
from shared.parameters import PAGE_OF, slug, today
from shared.route import JSON, About, Param, one_of

from . import answers, lists, reading

ID = {"type": "string", "pattern": "^m-[0-9a-z]{6,40}$"}
NO_STORE = {"Cache-Control": "no-store"}


def an_id(text: str, name: str) -> str:
    """Raises BadRequest."""
    if not (text.startswith("m-") and text[2:].isalnum() and text.isascii() and text == text.lower() and 8 <= len(text) <= 42):
        raise BadRequest(f"{name} is no id of a miner", field=name, rule="m- and 6 to 40 letters a-z or digits")
    return text


MINER = Param(name="miner", fr="Le pseudonyme de l'orpailleur", en="The miner's pseudonym", schema=ID, example="m-exemple1")
AFTER = Param(name="after", fr="L'orpailleur derrière lequel la page commence", en="The miner behind whom the page begins", read=an_id, schema=ID)
AFTER_ENTRY = Param(name="after", fr="Ce que la page précédente appelle « next »", en="What the page before called “next”", read=p.a_text,
                    schema={"type": "string", "maxLength": 200})
OF = slug("organisation", "Membres d'une organisation", "Members of one organisation", example="niena")
SEX = Param(name="sex", fr="De ce sexe", en="Of this sex", read=one_of("female", "male"), schema={"enum": ["female", "male"]})


class MinersApi:
    @http("GET", "/membership/v1/miners", about=About(
        fr="Les orpailleurs, sous leur pseudonyme", en="The miners, under their pseudonyms", params=(OF, p.DISTRICT, SEX, AFTER, PAGE_OF, p.MIN_POSITION),
        answer=answers.MinerList, paged=True))
    def miners(self, request: Any) -> Any:
        service = serving(p.NAME)
        wait(service, request, "miners")
        asked = {k: v for k, v in request.asked.items() if k != "min_position"}
        found = lists.listed(service, today(), request.caller.territory, **asked)
        after = found[-1]["miner"] if len(found) == asked["limit"] else None
        return 200, {"miners": found, "next": after}, {"Link": next_page(request, after)} if after else {}

    @http("GET", "/membership/v1/miners/<miner>", about=About(
        fr="Un orpailleur : adhésions, cartes, situation ; jamais son nom", en="One miner: memberships, cards, standing; never the name", path=(MINER,),
        params=(p.MIN_POSITION,), answer=answers.Miner, errors=(NotFound,)))
    def miner(self, request: Any, miner: str) -> Any:
        wait(serving(p.NAME), request, "miners")
        return lists.one(serving(p.NAME), miner, today(), request.caller.territory)

    @http("POST", "/membership/v1/miners/search", about=About(
        fr="Chercher par nom ou par carte ; la réponse ne donne que des pseudonymes", en="Search by name or card; the answer holds pseudonyms only",
        params=(p.MIN_POSITION,), takes={JSON: answers.SearchFor}, answer=answers.Found, errors=(Unsupported,)))
    def search_miners(self, request: Any) -> Any:
        wait(serving(p.NAME), request, "miners")
        asked = requests.read(answers.SearchFor(), json_body(request))
        return 200, lists.search(serving(p.NAME), today(), request.caller.territory, asked.get("name", ""), asked.get("card", "")), NO_STORE

    @http("POST", "/membership/v1/miners/<miner>/identity", about=About(
        fr="Lire qui c'est ; qui lit, et pourquoi, est enregistré d'abord", en="Read who it is; who reads, and why, is recorded first", path=(MINER,),
        takes={JSON: answers.ReadIdentity}, answer=answers.Identity, errors=(NotFound, Conflict, Unsupported)))
    def identity(self, request: Any, miner: str) -> Any:
        asked = requests.read(answers.ReadIdentity(), json_body(request))
        fields = list(dict.fromkeys(asked["fields_"]))
        return 200, reading.read(serving(p.NAME), request.caller, request.correlation, miner, fields, asked["purpose"]), NO_STORE

    @http("GET", "/membership/v1/duplicates", about=About(
        fr="Inscriptions qui se ressemblent : même carte, ou mêmes nom, année de naissance et village",
        en="Records that look alike: the same card, or the same name, birth year and village", params=(AFTER_ENTRY, PAGE_OF, p.MIN_POSITION),
        answer=answers.Duplicates, paged=True))
    def duplicates(self, request: Any) -> Any:
        asked = request.asked
        wait(serving(p.NAME), request, "miners")
        found = lists.duplicates(serving(p.NAME), today(), request.caller.territory, asked["after"], asked["limit"])
        return 200, found, {"Link": next_page(request, found["next"])} if found["next"] else {}
