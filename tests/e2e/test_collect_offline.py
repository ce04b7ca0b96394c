"""The collector's page in Debian's Chromium: written without network, closed, killed, back again, and every receipt once in the log."""
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from installation.catalogue import open_service
from services.gold_trade import events
from shared import event
from tests.browser import Browser
from tests.clients import until
from tests.stranger import bearer
from tests.world import OneProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
ACTOR = "comptoir-kangaba"
SHOTS = os.environ.get("SANU_SHOTS", "")                        # a folder for pictures of every state
COUNTS = "Object.fromEntries(['waiting', 'sent', 'refused'].map((s) => [s, Number(document.querySelector('#count-' + s).textContent)]))"
STORE = "await import('/gold/collect/store.js')"


def shoot(browser: Browser, name: str) -> None:
    if SHOTS:
        browser.shoot(Path(SHOTS) / f"collect-{name}.png")


class Site:
    """An installation, a phone, and what stands in the log in the end."""

    def __init__(self, base: Path) -> None:
        self.world = OneProcess(base / "var")
        self.profile = base / "phone"
        self.url = f"http://127.0.0.1:{self.world.config.port}/gold/collect"

    def up(self, fault: str = "") -> None:
        self.world.start(fault=fault)
        until(self.world.ready, 30, "every service ready")

    def down(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.world.end(how)

    @contextmanager
    def phone(self) -> Iterator[Browser]:
        """The page as it opens on the phone, with network or without."""
        with Browser(self.profile) as browser:
            assert browser.go(self.url) == ""
            browser.until("document.body?.dataset.begun === 'yes'")
            yield browser
            assert browser.complaints() == []

    def token(self, actor: str = ACTOR) -> str:
        return bearer(self.world.config, "collector", [f"actor:{actor}"], subject="awa", seconds=3600)

    def enrol(self, browser: Browser) -> str:
        """The device's name, as the office reads it off the page."""
        browser.click("nav [data-tab=device]")
        browser.until("document.querySelector('#ready.yes') !== null")
        browser.type("#collector", ACTOR)
        device, key = browser.js("[document.querySelector('#device-id').textContent, document.querySelector('#device-key').textContent]")
        self.world.client().command("gold_trade", "register-device", {"device_id": device, "actor": ACTOR, "key": key}, f"enrol-{device}")
        browser.type("#token", self.token())
        browser.until("!document.querySelector('#token-state').hidden")
        return str(device)

    def recorded(self) -> Counter[tuple[str, int]]:
        """How often each number of each device stands in gold_trade's log, and each lot no more than once."""
        service = open_service(self.world.config, "gold_trade")
        try:
            told = [event.decode(item.state) for item in service.chain.read(0, 100_000) if item.name == events.COLLECTION_RECORDED]
        finally:
            service.close()
        lots = Counter(e.data["lot"] for e in told)
        assert set(lots.values()) <= {1}
        return Counter((e.device, e.data["sequence"]) for e in told)

    def once(self, device: str, *numbers: int) -> bool:
        return self.recorded() == Counter({(device, n): 1 for n in numbers})


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    one = Site(tmp_path)
    one.up()
    yield one
    one.down()


def write(browser: Browser, grams: str, **fields: str) -> None:
    """One receipt through the form, as a hand types it."""
    browser.click("nav [data-tab=new]")
    for name, value in {"grams": grams, "fineness": "913,5", "society": "Diabya Kangaba", "advance": "25 000", **fields}.items():
        browser.type(f"#{name}", value)
    browser.click(".choice label:first-child span")
    browser.type(".miner [name=miner]", "m-awa001")
    browser.click("#save")
    browser.until("document.body.dataset.tab === 'receipt'")


def counts(browser: Browser) -> dict[str, int]:
    return dict(browser.js(COUNTS))


def shows(browser: Browser, seconds: float = 30, **wanted: int) -> None:
    expected = {"waiting": 0, "sent": 0, "refused": 0, **wanted}
    browser.until(COUNTS, lambda found: found == expected, seconds)


def many(browser: Browser, count: int) -> None:
    """More receipts than a hand would type in a test, into the same store by the page's own module."""
    browser.js(f"(async () => {{ const {{ add }} = {STORE}; for (let i = 0; i < {count}; i++) await add('record-collection', "
               f"{{ lot: 'r-many-' + i, collector: '{ACTOR}', society: 'dabia', gross_mg: 1000 + i, fineness_per_100k: 90000, method: 'xrf', miners: [], "
               "occurred_on: '2026-11-24' }); })()")


def test_x1_three_receipts_without_network_come_in_once(site: Site) -> None:
    with site.phone() as browser:
        device = site.enrol(browser)
        shoot(browser, "device")
        browser.click("nav [data-tab=list]")
        shoot(browser, "list-empty")
        browser.click("nav [data-tab=new]")
        browser.click("#save")
        browser.until("document.querySelectorAll('.wrong').length", lambda found: found == 4)        # mass, fineness, method, society
        shoot(browser, "form-faults")
        site.down()
        browser.offline(True)
        photo = site.profile.parent / "photo.jpg"
        photo.write_bytes(b"a picture")
        browser.attach("#photo", photo)
        browser.until("document.querySelector('#photo-hash').textContent !== ''")
        for grams in ("12,345", "0.7", "1 250"):
            write(browser, grams)
        shoot(browser, "receipt-waiting")
        assert browser.js("document.querySelector('.mass').firstChild.textContent").replace("\u202f", " ") == "1 250,000 g"
        browser.click("nav [data-tab=list]")
        shows(browser, waiting=3)
        shoot(browser, "list-waiting")
        browser.close()
    with site.phone() as browser:                                # nobody answers: what opens is what the phone kept
        shows(browser, waiting=3)
        browser.until("document.querySelector('#state').dataset.state === 'later'")
        assert site.recorded() == {}
        write(browser, "5")
        browser.click("#language [value=bm]")
        browser.until("document.documentElement.lang", lambda found: found == "bm")        # said once it is kept
        browser.click("nav [data-tab=new]")
        shoot(browser, "form-bambara")
        browser.click("nav [data-tab=list]")
        shoot(browser, "list-waiting-bambara")
        browser.close()
    site.up()
    with site.phone() as browser:
        browser.until("document.documentElement.lang", lambda found: found == "bm")
        browser.click("#language [value=fr]")
        shows(browser, sent=4)
        assert site.once(device, 1, 2, 3, 4)
        browser.click("nav [data-tab=list]")
        shoot(browser, "list-sent")
        browser.click("#records li:last-child .card")
        browser.until("document.body.dataset.tab === 'receipt'")
        shoot(browser, "receipt-sent")
        told = browser.js(f"(async () => {{ const {{ one }} = {STORE}; return (await one(1)).body; }})()")
        assert (told["gross_mg"], told["fineness_per_100k"], told["society"], told["advance_xof"]) == (12_345, 91_350, "diabya-kangaba", 25_000)
        assert told["photo"] == sha256(b"a picture").hexdigest()
        browser.close()


def test_x1_a_held_receipt_says_why_and_the_lifted_hold_goes(site: Site) -> None:
    with site.phone() as browser:
        device = site.enrol(browser)
        write(browser, "4,2")
        shows(browser, sent=1)
        browser.until("document.querySelector('#receipt .held')?.textContent ?? ''", lambda text: "société inconnue" in text)
        shoot(browser, "receipt-held")
        browser.click("nav [data-tab=list]")
        browser.until("document.querySelector('li.sent .held')?.textContent ?? ''", lambda text: "Retenu" in text)
        lot = browser.js(f"(async () => (await ({STORE}).one(1)).body.lot)()")
        for person in ("secretary", "second"):
            site.world.client(person, "secretariat").command("gold_trade", "lift-hold", {"lot": lot, "rule": "society-unknown", "decision": "vu"}, "lift")
        browser.click("#now")
        browser.until("document.querySelector('li.sent .held') === null")
        assert site.once(device, 1)
        browser.close()


def test_x1_the_network_comes_back_under_an_open_page(site: Site) -> None:
    with site.phone() as browser:
        device = site.enrol(browser)
        browser.offline(True)
        write(browser, "2,5")
        shows(browser, waiting=1)
        browser.offline(False)                                   # the page hears it and does not wait for its timer
        shows(browser, 5, sent=1)
        assert site.once(device, 1)
        browser.close()


def stop_at(stage: str) -> Callable[[Browser], None]:
    def prepare(browser: Browser) -> None:
        browser.call("Fetch.enable", patterns=[{"urlPattern": "*/gold/v1/sync", "requestStage": stage}])
    return prepare


@pytest.mark.parametrize("stage", ["Request", "Response"])
def test_x1_the_browser_is_killed_in_mid_sync(site: Site, stage: str) -> None:
    """Before the server has seen the records, and after it has taken them but the page does not know."""
    with site.phone() as browser:
        device = site.enrol(browser)
        browser.offline(True)
        for grams in ("1", "2", "3"):
            write(browser, grams)
        stop_at(stage)(browser)
        browser.offline(False)
        browser.event("Fetch.requestPaused")
        assert sum(site.recorded().values()) == (0 if stage == "Request" else 3)
        assert counts(browser)["sent"] == 0
        browser.kill()
        browser.complaints = lambda: []  # type: ignore[method-assign]  # nobody is there to ask any more
    with site.phone() as browser:
        shows(browser, sent=3)
        assert site.once(device, 1, 2, 3)
        browser.close()


# 500 records of 64 at a time are eight commits; a start has four at most, one for each log.
@pytest.mark.parametrize("point", ["log.before-commit:6", "log.after-commit:6"])
def test_x1_the_server_is_killed_in_mid_sync(site: Site, point: str) -> None:
    with site.phone() as browser:
        device = site.enrol(browser)
        site.down()
        browser.offline(True)
        many(browser, 500)
        site.up(fault=point)
        browser.offline(False)
        assert site.world.process
        assert site.world.process.wait(60) == -signal.SIGKILL
        browser.until("document.querySelector('#state').dataset.state === 'later'")
        site.down()
        taken = site.recorded()
        assert 0 < len(taken) < 500
        site.up()
        shows(browser, 60, sent=500)
        assert site.once(device, *range(1, 501))
        browser.close()


def test_x1_what_is_refused_says_why_and_can_be_taken_up_again(site: Site) -> None:
    with site.phone() as browser:
        device = site.enrol(browser)
        browser.click("nav [data-tab=device]")
        browser.type("#collector", "somebody-else")
        browser.until("document.querySelector('#collector').value === 'somebody-else'")
        write(browser, "8,25")
        shows(browser, refused=1)
        browser.click("nav [data-tab=list]")
        reason = browser.js("document.querySelector('li.refused .reason').textContent")
        assert "Hors de votre territoire" in reason and "outside your territory" in reason
        shoot(browser, "list-refused")
        browser.click("nav [data-tab=device]")
        browser.type("#collector", ACTOR)
        browser.click("nav [data-tab=list]")
        browser.click("li.refused > button.wide")
        browser.until("document.body.dataset.tab === 'new'")
        assert browser.js("[document.querySelector('#grams').value, document.querySelector('#fineness').value]") == ["8,250", "913,5"]
        shoot(browser, "form-again")
        browser.click("#save")
        browser.until("document.body.dataset.tab === 'receipt'")
        shows(browser, sent=1, refused=1)
        browser.click("nav [data-tab=list]")
        assert site.once(device, 2)
        gaps: Any = browser.js("document.querySelector('li.refused').textContent")
        assert "Repris sous le numéro 2" in gaps
        browser.close()


def test_x1_a_browser_that_cannot_sign_says_so_and_records_nothing(site: Site) -> None:
    with Browser(site.profile) as browser:
        unable = "crypto.subtle.generateKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))"
        browser.call("Page.addScriptToEvaluateOnNewDocument", source=unable)
        assert browser.go(site.url) == ""
        browser.until("!document.querySelector('#broken').hidden")
        assert "ne sait pas signer" in browser.js("document.querySelector('#broken').innerText")
        assert browser.js("[...document.querySelectorAll('main > section')].every((part) => part.hidden)")
        shoot(browser, "cannot-sign")
        browser.close()


def test_x1_without_token_or_registration_records_wait(site: Site) -> None:
    with site.phone() as browser:
        browser.click("nav [data-tab=device]")
        browser.type("#collector", ACTOR)
        write(browser, "3")
        browser.until("document.querySelector('#state').dataset.state === 'token'")
        shoot(browser, "receipt-no-token")
        browser.click("nav [data-tab=device]")
        browser.type("#token", site.token())
        browser.until("document.querySelector('#state').dataset.state === 'unknown'")
        shoot(browser, "device-unknown")
        shows(browser, waiting=1)
        site.enrol(browser)
        shows(browser, sent=1)
        browser.close()
