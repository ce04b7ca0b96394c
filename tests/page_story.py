"""A story told over HTTP in which every kind of thing that membership's pages show comes about, with markup in every text that people write."""
import http.client
import itertools
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from shared.config import Config
from tests import stranger
from tests.books import Books
from tests.stranger import Reply, bearer, command, get

EVIL = "<script>alert(1)</script> & \"fils\" d'or"
PERSON = "Awa <i>Exemple</i>"
HTML = {"Accept": "text/html"}
FORM = "application/x-www-form-urlencoded"
SOURCE = {"document": f"procès-verbal {EVIL}", "section": "3"}


class Told:
    """Sends commands as the secretariat, and remembers the ids of what they made."""

    def __init__(self, config: Config) -> None:
        self.config, self.token, self.ids = config, bearer(config, "secretariat"), {}
        self.position, self._numbers = "0", itertools.count(1)

    def say(self, command_: str, /, _as: str = "", **body: Any) -> None:
        done = command(self.config, "membership", command_, self.token, body, f"story-{next(self._numbers)}")
        assert done.status == 201, (command_, done.body)
        self.position, self.ids[_as] = done.json["position"], done.json["events"][0]["id"]

    def seen(self) -> None:
        """Waits until membership's own views have everything, and reporting too."""
        for path in (f"/membership/v1/organisations/dabia?min_position=membership:{self.position}",
                     f"/membership/v1/miners?min_position=membership:{self.position}",
                     f"/reporting/v1/findings?min_position=membership:{self.position}"):
            assert get(self.config, path, self.token).status == 200


def tell(config: Config) -> Told:
    told = Told(config)
    say = told.say
    say("found-organisation", organisation="fed", level="federation", name=f"Fédération {EVIL}", district="Kangaba", occurred_on="2019-12")
    say("affiliate-organisation", organisation="fed", parent="cnscom", occurred_on="2020-01-02")
    for n in (1, 2):
        say("found-organisation", organisation=f"union-{n}", level="union", name=f"Union {n} {EVIL}", district="Kangaba", occurred_on="2020-02")
        say("affiliate-organisation", organisation=f"union-{n}", parent="fed", occurred_on="2020-03-01")
    say("found-organisation", organisation="dabia", level="base", name=f"Dabia {EVIL}", form="SCOOPS", acronym="D<b>", aliases=["Dabya"], district="Kangaba",
        commune="Minidian", occurred_on="2020-05", source=SOURCE)
    say("hold-constitutive-assembly", organisation="union-1", venue=f"Mairie {EVIL}", founders=["dabia"], founder_count=9, occurred_on="2020-02-28")
    say("record-statutes", organisation="dabia", objects=["orpaillage"], missions=["assistance-juridique"], occurred_on="2020-06")
    say("record-seat", organisation="dabia", seat=f"Près du puits {EVIL}", occurred_on="2020-07")
    say("register-organisation", organisation="dabia", number="N2021 D1/0042/B", occurred_on="2021-09-01")
    say("affiliate-organisation", organisation="dabia", parent="union-1", occurred_on="2020-06-01")
    say("rename-organisation", organisation="dabia", name=f"Dabia Kènèya {EVIL}", occurred_on="2022-01-01", reason=EVIL)
    say("record-organisation-alias", organisation="dabia", alias=f"Dabiya {EVIL}", evidence=EVIL)
    say("move-organisation", "moved", organisation="dabia", district="Kéniéba", occurred_on="2022-03-01")
    say("correct-organisation-fact", "correction", organisation="dabia", event=told.ids["moved"], new_occurred_on="2022-06")
    say("dissolve-organisation", "ended", organisation="dabia", occurred_on="2023-01-01")
    say("withdraw-organisation-fact", organisation="dabia", event=told.ids["ended"], reason=EVIL)
    say("name-representative", organisation="dabia", function="presidente", name=PERSON)
    say("suspend-organisation", organisation="union-2", occurred_on="2024-01-01")
    say("reinstate-organisation", organisation="union-2", occurred_on="2024-02-01")
    say("suspend-organisation", organisation="union-2", occurred_on="2024-03-01")
    say("found-organisation", organisation="gone", level="base", name=f"Partie {EVIL}", occurred_on="2020-05")
    say("affiliate-organisation", organisation="gone", parent="union-2", occurred_on="2020-06-01")
    say("detach-organisation", organisation="gone", parent="union-2", occurred_on="2021-06-01")
    say("dissolve-organisation", organisation="gone", occurred_on="2022-01-01")
    say("found-organisation", organisation="copy", level="base", name=f"Dabia II {EVIL}", district="Kangaba", occurred_on="2020-05")
    say("merge-organisations", organisation="copy", into="dabia", decision=EVIL)
    say("register-site", site="puits", name=f"Placer {EVIL}", district="Kangaba", commune="Minidian", village="Dabia", latitude="11.9333", longitude="-8.4167")
    say("grant-corridor", corridor="c-1", name=f"Couloir {EVIL}", district="Kangaba", order=EVIL, collectivity=EVIL, valid_from="2024-01-01",
        valid_until="2099-12-31", sites=["puits"], occurred_on="2024-01-01")
    say("assign-corridor", corridor="c-1", organisation="dabia", valid_until="2098-06-30", occurred_on="2024-02-01")
    say("grant-corridor", corridor="c-2", name="Ancien couloir", district="Kangaba", valid_until="2023-12-31", occurred_on="2020-01-01")
    say("assign-corridor", corridor="c-2", organisation="dabia", occurred_on="2020-02-01")
    say("extend-corridor", corridor="c-2", valid_until="2024-01-31", occurred_on="2020-03-01")
    say("end-corridor-assignment", corridor="c-2", organisation="dabia", occurred_on="2021-01-01")
    say("close-corridor", corridor="c-2", occurred_on="2022-01-01")
    say("register-partner", partner="partner-1", name=f"Partenaire {EVIL}", kind="company")
    say("sign-agreement", agreement="a-1", title=f"Convention {EVIL}", parties=[{"partner": "partner-1"}, {"organisation": "dabia"}], state="signed",
        purpose=EVIL, valid_from="2024-01-01", valid_until="2099-12-31", deliverables=[EVIL], occurred_on="2024-01-01")
    say("record-deliverable", agreement="a-1", deliverable=f"80 kits {EVIL}")
    say("sign-agreement", agreement="a-2", title="Accord prévu", parties=[{"partner": "partner-1"}, {"organisation": "fed"}], state="planned")
    say("register-miner", miner="m-awa0001", name=PERSON, sex="female", birth_year=1987, village=f"Dabia {EVIL}", site="puits", phone="+223 70 00 00 01",
        organisation="dabia", occurred_on="2024-02-01")
    say("record-miner-card", miner="m-awa0001", card_type="carte-orpailleur", issuer=EVIL, number="ML-0042", valid_until="2025-02-01", occurred_on="2024-02-01")
    say("register-miner", miner="m-moussa1", name="Moussa Coulibaly", organisation="dabia", occurred_on="2024-02-01")
    say("notice-withdrawal", miner="m-moussa1", organisation="dabia", received_on="2024-12-01", effective_on="2024-12-31", occurred_on="2024-12-01")
    say("register-miner", miner="m-gone001", name="Personne Oubliée", occurred_on="2024-02-01")
    say("forget-person", miner="m-gone001")
    told.seen()
    return told


@contextmanager
def running(var: Path) -> Iterator[Told]:
    """The demo, with the story told and all that follows from it."""
    with stranger.demo(var, rate_per_s=0.0) as config:
        told = tell(config)
        with closing(Books(config)) as books:
            books.everything_arrived()
        yield told


def post(config: Config, path: str, fields: Mapping[str, str], **headers: str) -> Reply:
    """A form, as a browser sends it."""
    connection = http.client.HTTPConnection(config.host, config.port, timeout=20)
    try:
        connection.request("POST", path, urllib.parse.urlencode(fields), {"Content-Type": FORM, **HTML, **{k.replace("_", "-"): v for k, v in headers.items()}})
        answer = connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def cookie(token: str) -> dict[str, str]:
    return {"Cookie": f"sanu_session={token}", **HTML}


def own(config: Config, token: str) -> dict[str, str]:
    """What a browser says of a form on one of our pages."""
    return {"Cookie": f"sanu_session={token}", "Origin": f"http://{config.host}:{config.port}", "Sec_Fetch_Site": "same-origin"}
