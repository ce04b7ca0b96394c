"""Private PostgreSQL, RabbitMQ and Prometheus servers for tests.

Nothing here touches a server that was running before: every server has ports and directories of its own, and is
ended by its own process id. It ends with the test process too, even when that one is killed.
"""
import json
import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

START_SECONDS = 60
RABBIT_BIN = Path("/usr/lib/rabbitmq/bin")  # the wrapper in /usr/sbin insists on root or rabbitmq


class ServerError(Exception):
    """A server is missing, or did not start or answer; the text is meant to be read."""


def postgres_bin() -> Path:
    """The directory of the newest PostgreSQL on this machine."""
    def version(path: Path) -> float:
        return float(path.parts[-3]) if path.parts[-3].replace(".", "").isdigit() else 0.0

    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=version)
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise ServerError("postgresql is missing: apt-get install -y postgresql")
    return (found[-1] if found else Path(str(on_path))).parent


def rabbit_bin() -> Path:
    """The directory of RabbitMQ's own scripts."""
    if not (RABBIT_BIN / "rabbitmq-server").exists() or not shutil.which("epmd"):
        raise ServerError("rabbitmq-server is missing: apt-get install -y rabbitmq-server")
    return RABBIT_BIN


def prometheus_bin() -> Path:
    """The directory of prometheus and promtool."""
    return _on_path("prometheus", "promtool", package="prometheus")


def amtool_bin() -> Path:
    """The directory of Alertmanager's amtool."""
    return _on_path("amtool", package="prometheus-alertmanager")


def npm_bin() -> Path:
    """The directory of npm, which fetches the public parser of AsyncAPI."""
    return _on_path("npm", "node", package="npm")


def chromium_bin() -> Path:
    """The browser itself: Debian's launcher before it is a shell script that would stand between us and its pipe."""
    launcher = _on_path("chromium", package="chromium") / "chromium"
    program = Path("/usr/lib/chromium/chromium")
    return program if program.exists() else launcher


def _on_path(*programs: str, package: str) -> Path:
    found = [shutil.which(program) for program in programs]
    if not all(found):
        raise ServerError(f"{package} is missing: apt-get install -y --no-install-recommends {package}")
    return Path(str(found[0])).parent


def free_port() -> int:
    """A port nobody listens on, below the range of outgoing connections so that it stays free over a restart.

    Test processes that run beside each other take from ranges of their own.
    """
    beside = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    for port in random.sample(range(20_000 + beside % 2 * 6_000, 26_000 + beside % 2 * 6_000), 200):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise ServerError("no free port between 20000 and 32000 on 127.0.0.1")


class _Process:
    """A server process and a guard that signals it as soon as the test process is gone.

    The guard reads a pipe that only the test process holds. PR_SET_PDEATHSIG would do less: it goes with the thread
    that started the server, and it is not handed on to the server's children.
    """

    def __init__(self, command: list[str], log: Path, *, env: dict[str, str], cwd: Path, user: str | None = None,
                 last_signal: signal.Signals = signal.SIGKILL) -> None:
        with log.open("ab") as out:
            self._server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, cwd=cwd,
                                            start_new_session=True, **_identity(user))
        self._guard = subprocess.Popen(["/bin/sh", "-c", 'read -r _; kill -s "$0" -- "-$1"', last_signal.name[3:], str(self.pid)],
                                       stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)

    @property
    def pid(self) -> int:
        return self._server.pid

    def running(self) -> bool:
        return self._server.poll() is None

    def end(self, how: signal.Signals, seconds: float = 30) -> None:
        """Sends a signal and waits; a server that does not end in time is killed with its group."""
        self._guard.kill()  # first: after the server's end its number may be another's
        self._guard.communicate()
        if self.running():
            self._server.send_signal(how)
            with suppress(subprocess.TimeoutExpired):
                self._server.wait(seconds)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._server.wait(seconds)


class _Server:
    """What both servers share: starting until it answers, on other ports when someone was faster."""

    def __init__(self, base: Path, name: str) -> None:
        self.base = base.resolve() / name
        self.base.mkdir(parents=True, exist_ok=True)
        self.log = self.base / "server.log"
        self._processes: list[_Process] = []
        self._choose_ports()
        self._has_started = False

    def _choose_ports(self) -> None:
        raise NotImplementedError

    def _launch(self) -> list[_Process]:
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError

    def alive(self) -> bool:
        """Whether the server's process runs."""
        return bool(self._processes) and self._processes[-1].running()

    def start(self) -> None:
        """Starts the server, or nothing when it runs, and returns when it answers."""
        deadline = time.monotonic() + START_SECONDS
        while not self.alive():
            self._processes = self._launch()
            while self.alive() and not self._answers():
                if time.monotonic() > deadline:
                    self.kill()
                    raise ServerError(f"{self.base.name} did not answer within {START_SECONDS} s:\n{self._log_tail()}")
                time.sleep(0.05)
            if not self.alive():
                self.kill()
                if time.monotonic() > deadline - START_SECONDS / 2:
                    raise ServerError(f"{self.base.name} ended while starting:\n{self._log_tail()}")
                if not self._has_started:  # later its address is known to others and has to stay
                    self._choose_ports()
        self._has_started = True

    def stop(self) -> None:
        """Ends the server in good order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the server at once, as a power cut would; what it wrote stays as it is."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        for process in reversed(self._processes):
            process.end(how)
        self._processes = []

    def _log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-30:]) if self.log.exists() else "(no log)"


class Postgres(_Server):
    """A PostgreSQL server with fsync on. Run by root it belongs to another user, for PostgreSQL refuses root."""

    def __init__(self, base: Path) -> None:
        self.bin = postgres_bin()
        super().__init__(base, "postgres")
        self.data = self.base / "data"
        self._user = _other_user() if os.geteuid() == 0 else None

    def _choose_ports(self) -> None:
        self.port = free_port()

    @property
    def uri(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def _launch(self) -> list[_Process]:
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        if not self.data.exists():
            self._make_cluster(env)
        command = [str(self.bin / "postgres"), "-D", str(self.data), "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
                   "-c", "unix_socket_directories=", "-c", "max_connections=600"]
        # QUIT is PostgreSQL's immediate shutdown: the postmaster takes its children with it, each a group of its own.
        return [_Process(command, self.log, env=env, cwd=self.base, user=self._user, last_signal=signal.SIGQUIT)]

    def _make_cluster(self, env: dict[str, str]) -> None:
        if self._user:
            closed = [str(d) for d in self.base.parents if not d.stat().st_mode & 0o001]
            if closed:
                raise ServerError(f"the user {self._user} cannot reach {self.base}: {', '.join(closed)} is closed to others")
            self.base.chmod(0o755)
            shutil.chown(self.base, self._user)
        self.data.mkdir(mode=0o700)
        if self._user:
            shutil.chown(self.data, self._user)
        made = subprocess.run(
            [self.bin / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-k", "-N"],
            env=env, cwd=self.base, capture_output=True, text=True, stdin=subprocess.DEVNULL, **_identity(self._user))
        if made.returncode:
            shutil.rmtree(self.data)
            raise ServerError(f"initdb failed:\n{made.stdout}{made.stderr}")

    def _answers(self) -> bool:
        import psycopg

        with suppress(psycopg.OperationalError), psycopg.connect(self.uri, connect_timeout=2):
            return True
        return False

    def kill(self) -> None:
        """SIGKILL for the postmaster and its children; returns when all are gone, so that a start may follow."""
        children = list(_children_of(self._processes[-1].pid)) if self.alive() else []
        super().kill()
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _wait_until(lambda: not any(map(_exists, children)), 10)

    def stop(self) -> None:
        """Ends the server in good order without waiting for its clients (PostgreSQL's fast shutdown)."""
        self._end(signal.SIGINT)

    def new_database(self, name: str | None = None) -> str:
        """Makes an empty database and returns its URI."""
        import psycopg
        from psycopg import sql

        name = name or f"t_{secrets.token_hex(6)}"
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"


class Rabbit(_Server):
    """A RabbitMQ broker of one node, with an Erlang port mapper (epmd) of its own."""

    def __init__(self, base: Path) -> None:
        self.bin = rabbit_bin()
        super().__init__(base, "rabbit")
        self.node = f"sanu-{secrets.token_hex(4)}@localhost"
        home = self.base / "home"
        home.mkdir(exist_ok=True)
        self._cookie = secrets.token_hex(16)
        cookie_file = home / ".erlang.cookie"
        cookie_file.unlink(missing_ok=True)
        cookie_file.write_text(self._cookie)
        cookie_file.chmod(0o400)
        (self.base / "enabled_plugins").write_text("[].\n")
        (self.base / "rabbitmq.conf").write_text("log.console = true\nlog.file = false\ndisk_free_limit.absolute = 50MB\n")

    def _choose_ports(self) -> None:
        self.port, self._dist_port, self._epmd_port = free_port(), free_port(), free_port()

    @property
    def uri(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    @property
    def env(self) -> dict[str, str]:
        """The environment that makes RabbitMQ's and Erlang's tools speak to this broker and to no other."""
        here = {
            "HOME": "home", "RABBITMQ_MNESIA_BASE": "data", "RABBITMQ_LOG_BASE": "logs", "RABBITMQ_PID_FILE": "pid",
            "RABBITMQ_ENABLED_PLUGINS_FILE": "enabled_plugins", "RABBITMQ_CONFIG_FILE": "rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": "missing.config", "RABBITMQ_CONF_ENV_FILE": "missing",
        }
        return {
            **{name: str(self.base / file) for name, file in here.items()},
            "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
            "RABBITMQ_NODENAME": self.node, "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port), "RABBITMQ_DIST_PORT": str(self._dist_port),
            "ERL_EPMD_PORT": str(self._epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1",
            # Erlang's schedulers spin while they wait; on two cores that takes time from what is being tested.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none",
            "RABBITMQ_ALLOW_INPUT": "1",  # the script becomes the broker instead of standing before it
        }

    def _launch(self) -> list[_Process]:
        epmd = _Process([shutil.which("epmd") or "epmd"], self.log, env=self.env, cwd=self.base)
        if not _wait_until(lambda: _listens(self._epmd_port), 5):
            return [epmd]
        return [epmd, _Process([str(self.bin / "rabbitmq-server"), "-noinput"], self.log, env=self.env, cwd=self.base)]

    def _answers(self) -> bool:
        import amqp

        if not _listens(self.port):
            return False
        with suppress(OSError, amqp.AMQPError):
            with amqp.Connection(f"127.0.0.1:{self.port}", connect_timeout=2, read_timeout=2, write_timeout=2):
                return True
        return False

    def freeze(self, frozen: bool = True) -> None:
        """Stops the broker's clock, or lets it go on; its connections stay."""
        os.kill(self._processes[-1].pid, signal.SIGSTOP if frozen else signal.SIGCONT)

    def delete_data(self) -> None:
        """Removes all the broker knew (after `kill` or `stop`); the next start is an empty broker at the same address."""
        if self.alive():
            raise ServerError("the broker is running: kill it first")
        shutil.rmtree(self.base / "data", ignore_errors=True)

    def ctl(self, *args: str) -> str:
        """Runs `rabbitmqctl` (about 2 s) and returns what it printed."""
        return self._run([str(self.bin / "rabbitmqctl"), "-q", *args])

    def eval(self, expression: str) -> str:
        """Evaluates an Erlang expression in the broker (about 30 ms) and returns the printed result."""
        tool = shutil.which("erl_call")
        if not tool:  # some packages leave it out
            return self.ctl("eval", expression)
        answer = self._run([tool, "-sname", self.node, "-c", self._cookie, "-e"], expression + "\n")
        if not answer.startswith("{ok, "):
            raise ServerError(f"{expression}: {answer}")
        return answer.removeprefix("{ok, ").removesuffix("}")

    def new_vhost(self, name: str | None = None) -> str:
        """Makes an empty virtual host, open to guest, and returns its URI."""
        name = name or f"t_{secrets.token_hex(6)}"
        self.eval(f'ok = rabbit_vhost:add(<<"{name}">>, <<"tests">>), ok = rabbit_auth_backend_internal:set_permissions('
                  f'<<"guest">>, <<"{name}">>, <<".*">>, <<".*">>, <<".*">>, <<"tests">>), ok.')
        return f"amqp://guest:guest@127.0.0.1:{self.port}/{name}"

    def _run(self, command: list[str], text: str = "") -> str:
        done = subprocess.run(command, env=self.env, cwd=self.base, input=text, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise ServerError(f"{' '.join(command[:3])} failed: {done.stdout}{done.stderr}")
        return done.stdout.strip()


class Prometheus(_Server):
    """A Prometheus with the configuration and rules laid into its directory beforehand."""

    def __init__(self, base: Path) -> None:
        self.bin = prometheus_bin()
        super().__init__(base, "prometheus")

    def _choose_ports(self) -> None:
        self.port = free_port()

    def _launch(self) -> list[_Process]:
        command = [str(self.bin / "prometheus"), "--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--web.listen-address=127.0.0.1:{self.port}"]
        return [_Process(command, self.log, env={"PATH": os.environ["PATH"], "GOMAXPROCS": "1"}, cwd=self.base)]

    def _answers(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=2) as answer:
            return bool(answer.status == 200)
        return False

    def ask(self, path: str, **parameters: str) -> Any:
        """The data of an answer of its HTTP interface. Raises urllib.error.HTTPError for a query that it refuses."""
        address = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.load(answer)["data"]


def _other_user() -> str:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise ServerError("PostgreSQL refuses root, and there is neither a user postgres nor nobody")


def _identity(user: str | None) -> dict[str, Any]:
    """What subprocess needs to run a program as another user; nothing when there is none to change to."""
    account = pwd.getpwnam(user) if user else None
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}


def _children_of(parent: int) -> Iterator[int]:
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(status.read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(status.parent.name)


def _exists(pid: int) -> bool:
    """Whether a process is there; one that ended and only waits to be reaped is not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return met
