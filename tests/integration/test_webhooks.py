"""A stranger's program registers a webhook over HTTP and is told, once and signed, by the running installation."""
import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Reader
from standardwebhooks import WebhookVerificationError

from installation.client import Client, Refused
from installation.up import PROJECT
from installation.webhook import Listener, server
from shared.rebuild import rebuild
from tests.servers import free_port
from tests.world import OneProcess, Running, of_either_kind, until

WEBHOOKS = "/reporting/v1/webhooks"


@pytest.fixture(scope="module", params=["one process", "servers"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with of_either_kind(request, tmp_path_factory.mktemp("webhooks"), webhook_private=True) as world:
        yield world


class Ear:
    """The receiving end: a listener that can be away, and what it was told."""

    def __init__(self) -> None:
        self.port = free_port()
        self.secret, self.posts = "whsec_AAAA", list[tuple[dict[str, str], bytes]]()
        self.messages: list[dict[str, Any]] = []
        self._server: ThreadingHTTPServer | None = None

    def open(self) -> None:
        listener = Listener(self.secret, self.messages.append)
        take = listener.take

        def kept(headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
            self.posts.append((headers, body))
            return take(headers, body)

        listener.take = kept  # type: ignore[method-assign]
        self._server = server(listener, self.port)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def told(self) -> list[str]:
        return [m["data"]["data"]["organisation"] for m in self.messages]


class Owner:
    """A client and its one webhook."""

    def __init__(self, running: Running, name: str, role: str = "chamber", territory: Sequence[str] = ()) -> None:
        self.name, self.client, self.ear, self.loader = name, running.client(name, role, territory), Ear(), running.client()
        self._keys = iter(range(1000))

    def say(self, command: str, **body: Any) -> dict[str, Any]:
        return self.client.command("reporting", command, {"webhook": "hook", **body}, f"{self.name}-{command}-{next(self._keys)}")

    def verified(self, *asked: str) -> None:
        """As a person does it: register, read the secret, start the listener, which answers the challenge."""
        self.say("register-webhook", url=f"http://127.0.0.1:{self.ear.port}/in", events=asked or ["membership.Organisation*"])
        self.ear.secret = self.client.get("reporting", f"{WEBHOOKS}/hook/secret")["secret"]
        self.ear.open()
        until(lambda: self.shown().get("state") == "active", 30, "verified")

    def shown(self) -> dict[str, Any]:
        found = self.client.get("reporting", WEBHOOKS)["webhooks"]
        return dict(found[0]) if found else {}

    def found(self, *names: str) -> None:
        for name in names:
            self.loader.command("membership", "found-organisation", {"organisation": name, "level": "union", "name": name}, name)

    def hears(self, *names: str, seconds: float = 30) -> None:
        until(lambda: [n for n in self.ear.told() if n in names] == list(names), seconds, f"told of {names}: {self.ear.told()}, {self.shown()}")


@contextmanager
def owner_of(running: Running, name: str, role: str = "chamber", territory: Sequence[str] = ()) -> Iterator[Owner]:
    owner = Owner(running, name, role, territory)
    try:
        yield owner
    finally:
        if owner.shown().get("state") not in (None, "disabled"):
            owner.say("disable-webhook")
        owner.ear.close()


def test_it_is_told_once_with_a_signature_that_fits(running: Running) -> None:
    with owner_of(running, "once") as owner:
        owner.verified()
        owner.found("once-a", "once-b", "once-c")
        owner.hears("once-a", "once-b", "once-c")
        time.sleep(1.5)
        ids = [h["webhook-id"] for h, b in owner.ear.posts if b'"once-' in b]
        assert len(ids) == len(set(ids)) == 3
        headers, body = owner.ear.posts[-1]
        assert Reader(owner.ear.secret).verify(body, headers)["type"] == "membership.OrganisationFounded"
        with pytest.raises(WebhookVerificationError):
            Reader("whsec_AAAA").verify(body, headers)


def test_an_end_that_was_away_is_told_when_it_is_back(running: Running) -> None:
    with owner_of(running, "away") as owner:
        owner.verified()
        owner.ear.close()
        owner.found("away-a", "away-b")
        until(lambda: owner.shown().get("failures", 0) >= 1, 20, "a failure is shown")
        assert owner.shown()["behind"] and "refused" in owner.shown()["last_error"]["why"].lower()
        owner.ear.open()
        owner.hears("away-a", "away-b")
        until(lambda: not owner.shown()["behind"], 10)


def test_a_replay_begins_at_a_cursor(running: Running) -> None:
    with owner_of(running, "replay") as owner:
        owner.verified()
        owner.found("replay-a", "replay-b", "replay-c")
        owner.hears("replay-a", "replay-b", "replay-c")
        at = {m["data"]["data"]["organisation"]: m["position"] for m in owner.ear.messages}
        before = len(owner.ear.posts)
        owner.say("replay-webhook", after=at["replay-a"])
        until(lambda: len(owner.ear.posts) >= before + 2, 20, "two come again")
        again = [json.loads(body)["data"]["data"]["organisation"] for _, body in owner.ear.posts[before:]]
        assert again == ["replay-b", "replay-c"]
        assert owner.ear.told().count("replay-b") == 1                       # the same id a second time is acknowledged without effect


def test_a_secret_is_replaced_without_a_gap(running: Running) -> None:
    with owner_of(running, "rotate") as owner:
        owner.verified()
        owner.say("rotate-webhook-secret")
        secrets = owner.client.get("reporting", f"{WEBHOOKS}/hook/secret")
        assert secrets["previous"]["secret"] == owner.ear.secret
        owner.found("rotate-a")                                              # the listener still has the old secret
        owner.hears("rotate-a")
        owner.ear.close()
        owner.ear.secret = secrets["secret"]
        owner.ear.open()
        owner.found("rotate-b")
        owner.hears("rotate-b")


def test_disabled_it_is_told_nothing_until_it_is_enabled(running: Running) -> None:
    with owner_of(running, "off") as owner:
        owner.verified()
        owner.say("disable-webhook")
        owner.found("off-a")
        time.sleep(1.5)
        assert "off-a" not in owner.ear.told()
        owner.say("enable-webhook")
        owner.hears("off-a")


def test_at_a_new_address_it_goes_on_where_it_was(running: Running) -> None:
    with owner_of(running, "moves") as owner:
        owner.verified()
        owner.found("moves-a")
        owner.hears("moves-a")
        old, secret = owner.ear, owner.client.get("reporting", f"{WEBHOOKS}/hook/secret")
        owner.ear = Ear()
        owner.ear.secret = old.secret
        try:
            owner.say("change-webhook-url", url=f"http://127.0.0.1:{owner.ear.port}/in")
            owner.found("moves-b")
            until(lambda: owner.shown().get("failures", 0) >= 1, 20, "nobody answers the challenge yet")
            assert owner.shown()["state"] == "unverified"
            owner.ear.open()
            owner.hears("moves-b")
            assert "moves-b" not in old.told() and owner.client.get("reporting", f"{WEBHOOKS}/hook/secret") == secret
        finally:
            old.close()


def test_removed_it_is_told_nothing_and_the_name_is_free(running: Running) -> None:
    with owner_of(running, "gone") as owner:
        owner.verified()
        secret = owner.ear.secret
        owner.say("remove-webhook")
        until(lambda: owner.shown() == {}, 10, "gone from the list")
        owner.found("gone-a")
        with pytest.raises(Refused) as nothing:
            owner.client.get("reporting", f"{WEBHOOKS}/hook/secret")
        assert nothing.value.status == 404
        time.sleep(1.5)
        owner.ear.close()
        owner.verified()
        owner.found("gone-b")
        owner.hears("gone-b")
        assert "gone-a" not in owner.ear.told() and owner.ear.secret != secret


def test_another_client_sees_nothing(running: Running) -> None:
    with owner_of(running, "mine") as owner:
        owner.verified()
        other = running.client("theirs", "refinery", ["actor:marena-gold"])
        assert other.get("reporting", WEBHOOKS)["webhooks"] == []
        with pytest.raises(Refused) as nothing:
            other.get("reporting", f"{WEBHOOKS}/hook/secret")
        with pytest.raises(Refused) as unknown:
            other.get("reporting", f"{WEBHOOKS}/none/secret")
        assert (nothing.value.status, unknown.value.status) == (404, 404)
        with pytest.raises(Refused) as disable:
            other.command("reporting", "disable-webhook", {"webhook": "hook"}, "d1")
        assert disable.value.status == 404
        with pytest.raises(Refused) as all_of_it:
            other.command("reporting", "register-webhook", {"webhook": "hook", "url": "https://x.example.org/", "events": ["membership.*"]}, "r1")
        assert all_of_it.value.status == 403
        with pytest.raises(Refused) as trainer:
            running.client("trainer-1", "trainer").get("reporting", WEBHOOKS)
        assert trainer.value.status == 403
        assert owner.shown()["state"] == "active"


def test_a_buyer_is_told_of_its_own_metal_alone_at_a_replay_too(running: Running) -> None:
    def trades(command: str, **body: Any) -> None:
        owner.loader.command("gold_trade", command, body, f"{command}-{json.dumps(body)}"[:200])

    def subjects() -> list[str]:
        return [m["subject"] for m in map(json.loads, (body for _, body in owner.ear.posts)) if m["type"] != "reporting.WebhookChallenge"]

    with owner_of(running, "buyer", "refinery", ["actor:own-buyer"]) as owner:
        owner.verified("gold_trade.*")
        for buyer in ("other-buyer", "own-buyer"):
            trades("record-collection", lot=f"of-{buyer}", collector="seller", society="dabia", gross_mg=9_000, fineness_per_100k=90_000, method="xrf",
                   miners=[])
            trades("agree-contract", contract=f"of-{buyer}", seller="seller", buyer=buyer)
            trades("send-consignment", consignment=f"of-{buyer}", contract=f"of-{buyer}", lots=[f"of-{buyer}"])
            trades("weigh-consignment", consignment=f"of-{buyer}", weighed_mg=9_000)
        own = ["contract/of-own-buyer", *["consignment/of-own-buyer"] * 2]
        until(lambda: subjects() == own, 30, "told of its own")
        owner.say("replay-webhook", after="0")
        until(lambda: len(subjects()) >= 6, 30, "told again")
        until(lambda: not owner.shown()["behind"], 10)
        assert subjects() == own * 2


def test_a_rebuild_of_the_process_sends_nothing_again(running: Running) -> None:
    with owner_of(running, "rebuilt") as owner:
        owner.verified()
        owner.found("rebuilt-a", "rebuilt-b")
        owner.hears("rebuilt-a", "rebuilt-b")
        until(lambda: not owner.shown()["behind"], 10)
        posts = len(owner.ear.posts)
        with running.books() as books:
            rebuild(books.services["reporting"].processes)
        time.sleep(2)
        assert len(owner.ear.posts) == posts
        owner.found("rebuilt-c")
        owner.hears("rebuilt-c")


def test_a_private_address_is_refused_where_it_is_not_allowed(tmp_path: Path) -> None:
    world = OneProcess(tmp_path / "var")
    world.start()
    try:
        until(world.ready, 30)
        client = world.client("mines", "chamber")
        for n, url in enumerate(("http://mines.example.org/", "https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://169.254.169.254/latest")):
            with pytest.raises(Refused) as refused:
                client.command("reporting", "register-webhook", {"webhook": "in", "url": url, "events": ["membership.*"]}, f"k{n}")
            assert (refused.value.status, refused.value.problem["field"]) == (400, "url")
        client.command("reporting", "register-webhook", {"webhook": "in", "url": "https://localhost/", "events": ["membership.*"]}, "name")
        def errors() -> list[str]:
            return [w["last_error"]["why"] for w in client.get("reporting", WEBHOOKS)["webhooks"] if "last_error" in w]

        until(errors, 20, "the name is refused when it is looked up")
        assert errors() == ["the name leads to a private address"]
    finally:
        world.end()


def test_the_command_line_listens_checks_and_prints(tmp_path: Path) -> None:
    world = OneProcess(tmp_path / "var", webhook_private=True)
    world.start()
    port = free_port()
    listener = None
    try:
        until(world.ready, 30)
        client: Client = world.client("mines", "chamber")
        client.command("reporting", "register-webhook",
                       {"webhook": "try", "url": f"http://127.0.0.1:{port}/", "events": ["membership.OrganisationFounded"]}, "r")
        secret = client.get("reporting", f"{WEBHOOKS}/try/secret")["secret"]
        listener = subprocess.Popen([sys.executable, "-P", "-m", "installation", "webhook", "listen", "--port", str(port), "--secret", secret],
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={"PYTHONPATH": str(PROJECT)})
        until(lambda: [w["state"] for w in client.get("reporting", WEBHOOKS)["webhooks"]] == ["active"], 30, "the challenge is answered")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("POST", "/", b"{}", {"webhook-id": "1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,AAAA"})
        assert connection.getresponse().status == 401
        world.client().command("membership", "found-organisation", {"organisation": "dabia", "level": "union", "name": "Dabia"}, "f")
        assert listener.stdout
        message = json.loads(listener.stdout.readline())
        assert (message["type"], message["data"]["data"]["organisation"]) == ("membership.OrganisationFounded", "dabia")
    finally:
        if listener:
            listener.kill()
            listener.wait()
        world.end()
