"""`./sanu test`: lint, types, imports and tests, with the servers they need, and one summary."""
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
FAST = ("tests/unit", "tests/contracts", "tests/architecture")
SLOW = ("tests/e2e", "tests/integration")
FAILURE = ("tests/failure",)
SIDE_BY_SIDE = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")      # the order: tests/conftest.py
POLICY = Path("/usr/sbin/policy-rc.d")
CLUSTER_CONFIG = Path("/etc/postgresql-common/createcluster.conf")


def main(fast: bool, rest: list[str]) -> int:
    """Runs the checks and prints how each went; 0 when all passed. `rest` goes to pytest.

    `fast` keeps to ruff and the tests that need no server.
    """
    if not fast and not _have_servers():
        return 1
    python = [sys.executable, "-m"]
    checks = {"ruff": [*python, "ruff", "check"]}
    if not fast:
        checks["mypy"] = [*python, "mypy"]
        checks["imports"] = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-logo"]
    if _named(rest):
        checks["pytest"] = [*python, "pytest", *rest]
    else:
        checks["fast"] = [*python, "pytest", *SIDE_BY_SIDE, *FAST, *rest]
        if not fast:
            checks["slow"] = [*python, "pytest", *SIDE_BY_SIDE, *SLOW, *rest]
            checks["failure"] = [*python, "pytest", *SIDE_BY_SIDE, *FAILURE, *rest]

    results = [(name, *_run(name, command)) for name, command in checks.items()]
    print()
    for name, code, seconds in results:
        print(f"{name:<8} {'ok' if code == 0 else f'FAILED ({code})':<12} {seconds:6.1f} s", flush=True)
    return int(any(code for _, code, _ in results))


def _named(rest: list[str]) -> bool:
    """Whether the caller names tests."""
    return any((PROJECT / argument.partition("::")[0]).exists() for argument in rest if not argument.startswith("-"))


def _run(name: str, command: list[str]) -> tuple[int, float]:
    print(f"\n== {name}", flush=True)
    start = time.monotonic()
    # Where pytest knows itself in CI it writes whole values behind the names of the failed tests, and the names are lost in them.
    env = {name: value for name, value in os.environ.items() if name not in ("CI", "BUILD_NUMBER")}
    code = subprocess.run(command, cwd=PROJECT, check=False, env=env).returncode
    return code, time.monotonic() - start


def _have_servers() -> bool:
    """Whether RabbitMQ, PostgreSQL, Prometheus with its tools, npm and Chromium are installed, which root on Debian gets by itself."""
    missing = _missing()
    if not missing:
        return True
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"The tests need {' and '.join(missing)}. Run this line, or keep to `./sanu test --fast`:", file=sys.stderr)
        print(f"    sudo apt-get install -y --no-install-recommends {' '.join(missing)}", file=sys.stderr)
        return False
    print(f"installing {' and '.join(missing)} for the tests, without starting a service ...", file=sys.stderr, flush=True)
    with _services_stay_down():
        installed = _apt("update") and ("postgresql" not in missing or _apt("install", "postgresql-common"))
        with _no_first_cluster():
            installed = installed and _apt("install", *missing)
    missing = _missing()
    if missing:
        print(f"{' and '.join(missing)} could not be installed", file=sys.stderr)
    return installed and not missing


def _missing() -> list[str]:
    from tests.servers import ServerError, amtool_bin, chromium_bin, npm_bin, postgres_bin, prometheus_bin, rabbit_bin

    missing = []
    for package, find in {"rabbitmq-server": rabbit_bin, "postgresql": postgres_bin, "prometheus": prometheus_bin,
                          "prometheus-alertmanager": amtool_bin, "npm": npm_bin, "chromium": chromium_bin}.items():
        try:
            find()
        except ServerError:
            missing.append(package)
    return missing


def _apt(verb: str, *packages: str) -> bool:
    options = ["-y", "--no-install-recommends"] if packages else []
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["apt-get", "-qq", verb, *options, *packages], check=False, env=quiet,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout[-2000:] + done.stderr[-2000:], file=sys.stderr)
    return done.returncode == 0


@contextmanager
def _services_stay_down() -> Iterator[None]:
    """Debian starts a service as it installs it, RabbitMQ on all interfaces; its policy file can say no.

    A policy that is there already is the owner's and stays as it is.
    """
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


@contextmanager
def _no_first_cluster() -> Iterator[None]:
    """PostgreSQL's package makes a cluster that every boot would start; the tests bring their own."""
    before = CLUSTER_CONFIG.read_text() if CLUSTER_CONFIG.exists() else None
    if before is None:
        yield
        return
    CLUSTER_CONFIG.write_text(before + "\ncreate_main_cluster = false\n")
    try:
        yield
    finally:
        CLUSTER_CONFIG.write_text(before)
