"""The pages under /docs: the three lines of the quick start do what they say, and nothing is asked of another server."""
import html
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from installation import demo
from installation.up import PROJECT
from shared.config import Config
from tests import stranger
from tests.stranger import get

PAGES = ("/docs", "/docs/api", "/docs/events", "/docs/problems", "/docs/access")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory like the project's: ./sanu and var/."""
    path = tmp_path_factory.mktemp("start")
    (path / "sanu").symlink_to(PROJECT / "sanu")
    return path


@pytest.fixture(scope="module")
def config(place: Path) -> Iterator[Config]:
    with stranger.demo(place / "var") as running:
        yield running


def lines(page: str) -> list[str]:
    return [html.unescape(line) for line in re.findall(r'<pre class="quick-start"><code>(.*?)</code></pre>', page)]


def test_the_three_lines_of_the_page_work_as_they_stand(config: Config, place: Path) -> None:
    script = lines(get(config, "/docs").body.decode())
    assert len(script) == 3
    done = subprocess.run(["sh", "-ec", "\necho\n".join(script)], cwd=place, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    command, query = (json.loads(line) for line in done.stdout.strip().splitlines())
    assert [e["name"] for e in command["events"]] == ["training.NeedRecorded"] and not command["repeated"]
    assert {k: query["totals"][k] for k in demo.COLUMNS} == demo.EXPECTED["2024-11-30"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_open_and_asks_nothing_of_another_server(config: Config, path: str) -> None:
    page = get(config, path)
    assert page.status == 200 and "default-src 'self'" in page.headers["content-security-policy"]
    needed = re.findall(r'(?:src|href)="([^"#]+)', page.body.decode())
    assert [address for address in needed if not address.startswith("/")] == []
    for address in set(needed):
        assert get(config, html.unescape(address)).status == 200, address


def test_a_host_that_is_none_does_not_reach_the_lines(config: Config) -> None:
    for host in ("x$(id)", "a;b", '"><script>'):
        answer = get(config, "/docs", Host=host)
        assert answer.status == 400 or (host.encode() not in answer.body and f"{config.host}:{config.port}".encode() in answer.body)


def test_every_event_error_and_right_is_on_its_page(config: Config) -> None:
    from importlib import import_module

    from shared import access
    from shared.config import SERVICES
    from shared.edge.openapi import catalogue
    events = get(config, "/docs/events").body.decode()
    assert all(f'id="{name}"' in events for service in SERVICES for name in import_module(f"services.{service}.events").ALL)
    problems = html.unescape(get(config, "/docs/problems").body.decode())
    assert all(text in problems for error in catalogue() for text in (*error.title.values(), *error.advice.values()))
    rights = html.unescape(get(config, "/docs/access").body.decode())
    assert all(role.fr in rights and role.en in rights for role in access.table().roles.values())
    assert all(command in rights for service in SERVICES for command in import_module(f"services.{service}.application").DEFINITION.commands)
