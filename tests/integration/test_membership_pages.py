"""Membership as people read it: signing in, each page for each role, what it shows and what it never shows."""
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from shared import access
from shared.config import Config
from tests.page_story import HTML, PERSON, Told, cookie, own, post, running
from tests.stranger import bearer, get

PAGES = {"/membership": "figures:read", "/membership?view=tree": "figures:read", "/membership/organisations/dabia": "figures:read",
         "/membership/findings": "figures:read", "/membership/land": "figures:read", "/membership/miners": "people:read",
         "/membership/miners/m-awa0001": "people:read"}
each = pytest.mark.parametrize("path", PAGES)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with running(tmp_path_factory.mktemp("pages") / "var") as told:
        yield told


@pytest.fixture(scope="module")
def config(told: Told) -> Config:
    return told.config


# Signing in

def test_a_browser_signs_in_once_for_all_pages_and_goes_where_it_wanted(config: Config, told: Told) -> None:
    asked = get(config, "/membership?q=dabia", **HTML)
    assert asked.status == 401 and b'<form method="post" action="/sign-in">' in asked.body and b'value="/membership?q=dabia"' in asked.body
    signed = post(config, "/sign-in", {"token": told.token, "next": "/membership?q=dabia"})
    assert (signed.status, signed.headers["location"]) == (303, "/membership?q=dabia")
    given = signed.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(given.split("; ")) and "Secure" not in given
    sent = {"Cookie": given.split(";")[0], **HTML}
    for path in PAGES:
        assert get(config, path, **sent).status == 200
    for path in ("/membership/v1/organisations", "/membership/v1/miners", "/reporting/v1/findings", "/operations.json"):
        assert get(config, path, **sent).status == 401
    out = get(config, "/sign-out", **sent)
    assert out.status == 200 and "Max-Age=0" in out.headers["set-cookie"]


def test_behind_https_the_cookie_is_for_https_alone(config: Config, told: Told) -> None:
    assert "; Secure" in post(config, "/sign-in", {"token": told.token}, X_Forwarded_Proto="https").headers["set-cookie"]


@pytest.mark.parametrize("where", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a b", "/a\r\nSet-Cookie: x=y", ""])
def test_signing_in_never_leads_to_another_site(config: Config, where: str) -> None:
    signed = post(config, "/sign-in", {"token": "x", "next": where})
    assert (signed.status, signed.headers["location"]) == (303, "/")


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}])
def test_another_sites_form_signs_nobody_in(config: Config, headers: dict[str, str]) -> None:
    refused = post(config, "/sign-in", {"token": "x"}, **headers)
    assert refused.status == 403 and "set-cookie" not in refused.headers


def test_a_token_that_is_no_longer_good_is_said_to_be_so(config: Config) -> None:
    late = get(config, "/membership", **cookie(bearer(config, "secretariat", seconds=-3600)))
    assert late.status == 401 and "ne l'est plus" in late.body.decode().replace("&#39;", "'")


# The pages

class _Fields(HTMLParser):
    """The fields that stand in no label."""

    def __init__(self) -> None:
        super().__init__()
        self.labels, self.bare = 0, list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.labels += tag == "label"
        if tag in ("input", "select") and dict(attrs).get("type") != "hidden" and not self.labels:
            self.bare.append(str(dict(attrs).get("name")))

    def handle_endtag(self, tag: str) -> None:
        self.labels -= tag == "label"


def unlabelled(text: str) -> list[str]:
    parser = _Fields()
    parser.feed(text)
    return parser.bare


@each
@pytest.mark.parametrize("role", [name for name, role in access.table().roles.items() if role.territory == "country"])
def test_a_page_is_for_the_roles_of_the_table_and_the_form_for_the_others(config: Config, told: Told, path: str, role: str) -> None:
    reply = get(config, path, bearer(config, role), **HTML)
    may = PAGES[path] in access.table().roles[role].scopes
    assert reply.status == (200 if may else 403)
    assert ("ne permet pas" in reply.body.decode()) is not may


@each
def test_a_page_is_small_for_a_phone_in_both_languages_and_asks_nothing_of_others(config: Config, told: Told, path: str) -> None:
    reply = get(config, path, told.token, **HTML)
    text = reply.body.decode()
    assert reply.status == 200 and len(reply.body) < 50_000
    assert '<html lang="fr">' in text and 'lang="en"' in text and '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
    assert not re.search(r"<(script|link|img|iframe)\b|\bsrc=|url\(|@import|\bon\w+=", text.replace("&lt;", ""))
    assert "default-src 'none'" in reply.headers["content-security-policy"] and "script-src" not in reply.headers["content-security-policy"]
    assert unlabelled(text) == []
    assert text.count("<h1>") == 1 and "<nav aria-label=" in text


@each
def test_a_page_that_the_reader_has_is_not_sent_again(config: Config, told: Told, path: str) -> None:
    first = get(config, path, told.token, **HTML)
    again = get(config, path, told.token, If_None_Match=first.headers["etag"], **HTML)
    assert (again.status, again.body) == (304, b"")
    assert get(config, path, bearer(config, "auditor"), If_None_Match=first.headers["etag"], **HTML).status == 200       # another reader may see less


def everything(config: Config, told: Told) -> Iterator[str]:
    """Each page there is about the story."""
    yield from PAGES
    for slug in ("cnscom", "fed", "union-1", "union-2", "dabia", "gone", "copy"):
        yield f"/membership/organisations/{slug}"
    for miner in ("m-moussa1", "m-gone001"):
        yield f"/membership/miners/{miner}"
    yield from ("/membership?parent=union-1", "/membership?status=merged", "/membership?q=zzz", "/membership?after=dabia", "/membership/findings?state=lifted",
                "/membership/findings?rule=OH-03&district=kangaba", "/membership/land?district=kangaba", "/membership/miners?organisation=dabia&sex=female",
                f"/reporting/v1/events/{told.ids['moved']}")


def test_what_people_write_is_text_and_a_person_is_nowhere(config: Config, told: Told) -> None:
    for path in everything(config, told):
        reply = get(config, path, told.token, **HTML)
        text = reply.body.decode()
        assert reply.status == 200, (path, text[-500:])
        assert "<script>alert" not in text and "<b>" not in text and "D<b>" not in text, path
        assert "Exemple" not in text and "Coulibaly" not in text and "70 00 00 01" not in text and "ML-0042" not in text, path
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in get(config, "/membership/organisations/dabia", told.token, **HTML).body.decode()


def test_what_is_not_there_is_said_on_a_page(config: Config, told: Told) -> None:
    for path in ("/membership/organisations/nobody", "/membership/miners/m-nobody1"):
        reply = get(config, path, told.token, **HTML)
        assert (reply.status, reply.headers["content-type"]) == (404, "text/html; charset=utf-8") and "<h1>Introuvable</h1>" in reply.body.decode()
        assert get(config, path, told.token).slug == "not-found"


def test_the_front_page_leads_to_them(config: Config) -> None:
    text = get(config, "/").body.decode()
    assert all(f'href="{path}"' in text for path in ("/membership", "/membership/miners", "/membership/findings", "/membership/land", "/operations"))


# Identities

def test_x12_a_name_is_behind_a_purpose_and_the_reading_is_on_record(config: Config, told: Told) -> None:
    page = get(config, "/membership/miners/m-awa0001", told.token, **HTML).body.decode()
    assert "Lire l&#39;identité" in page or "Lire l'identité" in page
    read = post(config, "/membership/miners/m-awa0001", {"purpose": "Remise de la carte", "fields": "name"}, **own(config, told.token))
    text = read.body.decode()
    assert read.status == 200 and "Awa &lt;i&gt;Exemple&lt;/i&gt;" in text and PERSON not in text and "ML-0042" not in text
    assert read.headers["cache-control"] == "no-store" and "etag" not in read.headers
    feed = get(config, "/membership/v1/feed", bearer(config, "service")).json
    said = [e["data"]["data"] for e in feed if e["type"] == "membership.IdentityRead"]
    assert said == [{"miner": "m-awa0001", "fields": ["name"], "purpose": "Remise de la carte"}]


def test_x12_without_a_purpose_or_the_right_no_name_is_read(config: Config, told: Told) -> None:
    def readings() -> int:
        return sum(e["type"] == "membership.IdentityRead" for e in get(config, "/membership/v1/feed", bearer(config, "service")).json)

    before, path = readings(), "/membership/miners/m-awa0001"
    assert post(config, path, {"purpose": "  "}, **own(config, told.token)).status == 400
    assert post(config, path, {"purpose": "x"}, **own(config, bearer(config, "auditor"))).status == 403
    assert "Lire l" not in get(config, path, bearer(config, "auditor"), **HTML).body.decode()
    assert readings() == before


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "same-origin"},
                                     {"Origin": "own", "Sec_Fetch_Site": "same-site"}])
@pytest.mark.parametrize("path", ["/membership/miners", "/membership/miners/m-awa0001"])
def test_a_form_that_no_page_of_ours_sent_is_nobodys(config: Config, told: Told, path: str, headers: dict[str, str]) -> None:
    said = {k: f"http://{config.host}:{config.port}" if v == "own" else v for k, v in headers.items()}
    assert post(config, path, {"purpose": "x", "name": "Awa"}, Cookie=f"sanu_session={told.token}", **said).status == 401


@pytest.mark.parametrize(("fields", "found"), [({"name": "kulibali musa"}, "m-moussa1"), ({"card": "ml 0042"}, "m-awa0001")])
def test_m9_a_miner_is_found_by_name_or_card_under_a_pseudonym(config: Config, told: Told, fields: dict[str, str], found: str) -> None:
    reply = post(config, "/membership/miners", fields, **own(config, told.token))
    text = reply.body.decode()
    assert reply.status == 200 and f'href="/membership/miners/{found}"' in text and "1 trouvé" in text
    assert reply.headers["cache-control"] == "no-store"
    assert post(config, "/membership/miners", {}, **own(config, told.token)).status == 400
