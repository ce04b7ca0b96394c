"""Every OpenAPI document against a running installation: no 5xx, and every answer is one that the document names, in its shape."""
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from installation.documents.pages import DOCUMENTED
from installation.up import PROJECT
from shared.config import Config
from tests import stranger
from tests.stranger import bearer

BETWEEN_SERVICES = r"/(feed|received|health/state)"
# 503 is what min_position says of an event that is not here yet; what is well formed may still break a rule; and a header
# given on the command line is never really missing (the access matrix leaves it out). A GET of the search is one of a miner called so.
SETTINGS = """
[checks.positive_data_acceptance]
enabled = false

[checks.missing_required_header]
enabled = false

[[operations]]
include-path-regex = "^/(reporting/v1/(tables|findings|events|webhooks)|membership/v1/(organisations|miners|duplicates)|gold/v1/(balance|lots|soc|cons))"
checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 503]

[[operations]]
include-path-regex = "^/membership/v1/miners/search$"
checks.unsupported_method.enabled = false
checks.allow_header_conformance.enabled = false
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    with stranger.demo(tmp_path_factory.mktemp("fuzz") / "var", rate_per_s=0.0) as running:
        yield running


def run(config: Config, folder: Path, document: str, token: str, *more: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    (folder / "schemathesis.toml").write_text(SETTINGS)
    environment = {**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(folder), "NO_COLOR": "1",
                   "SCHEMATHESIS_HOOKS": "tests.integration.schemathesis_hooks", "PYTHONPATH": str(PROJECT)}
    return subprocess.run(
        [Path(sys.executable).parent / "schemathesis", "run", f"{config.url('reporting')}{document}", "-H", f"Authorization: Bearer {token}", "--seed", "1",
         "--max-examples", "3", "--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--request-timeout", "15", *more],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=110, check=False)


RUNS: dict[str, tuple[str, ...]] = {name: (f"/docs/openapi/{name}.json", "secretariat", "--exclude-path-regex", BETWEEN_SERVICES) for name in DOCUMENTED}
RUNS |= {f"{name}-feeds": (f"/{name}/openapi.json", "service", "--include-path-regex", BETWEEN_SERVICES) for name in ("membership", "reporting")}
RUNS["operations"] = ("/docs/openapi/installation.json", "operator", "--include-path-regex", "operations|sign")


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_no_answer_is_a_server_error_or_undocumented(config: Config, tmp_path: Path, name: str) -> None:
    document, role, *more = RUNS[name]
    done = run(config, tmp_path / name, document, bearer(config, role), *more)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
