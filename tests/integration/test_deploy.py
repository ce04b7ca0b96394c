"""What stands under deploy/ on real servers: rights in broker and database, figures, alerts, dashboards."""
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from amqp import Message
from amqp.exceptions import AccessRefused
from kombu import Connection
from prometheus_client.parser import text_string_to_metric_families

from installation.client import Refused
from installation.operate import checks_broker
from installation.up import PROJECT, Installation
from shared import broker as brokers
from shared.config import ROLES, SERVICES, Config
from tests.architecture.test_deploy import DEPLOY, RULES, script
from tests.clients import Kept, until
from tests.servers import Postgres, Prometheus, Rabbit, amtool_bin, free_port, postgres_bin, prometheus_bin
from tests.world import OneProcess, Running, four_ports

MAY_BE_SILENT = {                      # figures of what did not happen here
    "Gaps a minute", "Refused a minute", "Refused commands a second"}


def twelve_ports() -> int:
    while True:
        port = free_port()
        with suppress(OSError):
            for number in range(port, port + 12):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
            return port


def page(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics")
    return connection.getresponse().read().decode()


def figure(page: str, name: str, **labels: str) -> float:
    """The sum of what a process tells under a name; -1 when it does not."""
    found = [s.value for family in text_string_to_metric_families(page) for s in family.samples if s.name == name and labels.items() <= s.labels.items()]
    return sum(found) if found else -1


def roles(database: str, secrets: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([postgres_bin() / "psql", "-q", "-X", "-d", database, "-f", DEPLOY / "postgres/roles.sql"], capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"], "SANU_SECRETS": str(secrets)}, timeout=30, check=False)


class Deployed(Running):
    """An installation whose services have the logins of deploy/: in the broker by its definitions, in the database by roles.sql."""

    def __init__(self, base: Path, postgres: Postgres, rabbit: Rabbit) -> None:
        self.base, self.rabbit, self.kept = base / "deployed", rabbit, list[Kept]()
        secrets, prepare = self.base / "secrets", script("prepare.py")
        self.passwords = prepare.passwords(secrets)
        vhost = rabbit.new_vhost()
        self.vhost = vhost.rpartition("/")[2]
        (secrets / "definitions.json").write_text(json.dumps(prepare.definitions(self.passwords, self.vhost)))
        rabbit.ctl("import_definitions", str(secrets / "definitions.json"))
        self.superuser = postgres.new_database()
        roles(self.superuser, secrets).check_returncode()
        self.config = self.direct = Config(
            var=self.base / "var",
            broker=f"amqp://{{service}}:{{password}}@127.0.0.1:{rabbit.port}/{self.vhost}", broker_password_file=f"{secrets}/broker_{{service}}",
            database=self.superuser.replace("postgres@", "{service}:{password}@", 1), database_password_file=f"{secrets}/database_{{service}}",
            port=four_ports(), metrics_port=twelve_ports(), heartbeat_s=1.0, silence_s=4.0)
        subprocess.run([sys.executable, "-P", "-m", "installation.host", "migrate"], env=self.environment(), check=True, timeout=60)
        self.installation = Installation(self.config)

    def work(self) -> None:
        """The report's facts, and one command for each way that a command can go."""
        self.prepare()
        again = self.kept[0]
        assert self.client().command(again.service, again.command, again.body, again.key)["repeated"]
        with pytest.raises(Refused):
            self.client().command("membership", "register-region", {"region": "kayes"}, "malformed")

    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.config.environment(), "PYTHONPATH": str(PROJECT)}

    def login(self, service: str) -> psycopg.Connection[Any]:
        return psycopg.connect((self.config.to_migrate() if service == "migrate" else self.config.of(service)).database, autocommit=True)

    def figure(self, service: str, role: str, name: str, **labels: str) -> float:
        return figure(page(self.config.metrics_port_of(service, role)), name, **labels)


@pytest.fixture(scope="module")
def deployed(server_base: Path, postgres: Postgres, rabbit: Rabbit) -> Iterator[Deployed]:
    postgres.start()
    rabbit.start()
    made = Deployed(server_base, postgres, rabbit)
    with made.installation:
        made.work()
        yield made
        assert [c.name for c in made.installation.children if c.deaths] == [], "a process ended by itself"


@pytest.fixture(scope="module")
def prometheus(deployed: Deployed) -> Iterator[Prometheus]:
    """Deploy's own configuration and rules; only the addresses are this machine's, and it asks every second."""
    server = Prometheus(deployed.base)
    wanted = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text("utf-8"))
    del wanted["alerting"], wanted["scrape_configs"][1:]
    wanted["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    for target in wanted["scrape_configs"][0]["static_configs"]:
        port = int(target["targets"][0].rpartition(":")[2]) - 9100 + deployed.config.metrics_port
        target["targets"] = [f"127.0.0.1:{port}"]
    (server.base / "prometheus.yml").write_text(yaml.safe_dump(wanted))
    (server.base / "rules.yml").write_text((DEPLOY / "prometheus/rules.yml").read_text("utf-8"))
    server.start()
    until(lambda: len(server.ask("query", query='count_over_time(up{job="sanu"}[1m]) >= 3')["result"]) == 12, 30, "three looks at every process")
    yield server
    server.stop()


def test_the_tools_find_no_fault_and_every_alert_is_told_when_it_should() -> None:
    promtool, amtool = prometheus_bin() / "promtool", amtool_bin() / "amtool"
    for command in ([promtool, "check", "config", "prometheus.yml"], [promtool, "test", "rules", "rules_test.yml"],
                    [amtool, "check-config", "../alertmanager/alertmanager.yml"]):
        ran = subprocess.run(command, cwd=DEPLOY / "prometheus", capture_output=True, text=True, timeout=60, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_with_least_rights_every_event_still_reaches_everybody(deployed: Deployed) -> None:
    with deployed.books() as books:
        books.everything_arrived(30)
        books.nothing_lost_none_twice(deployed.kept)
        assert [books.refused(s) for s in SERVICES] == [[]] * 4
    assert deployed.figure("reporting", "inbox", "sanu_broker_connected") == 3, "by the broker, not only by the feeds"


def test_a_process_counts_what_became_of_commands(deployed: Deployed) -> None:
    def count(**labels: str) -> float:
        return deployed.figure("membership", "api", "sanu_commands_total", **labels)

    facts = [k for k in deployed.kept if k.service == "membership"]
    assert count(outcome="accepted", status="201") == sum(bool(k.answer["events"]) for k in facts)
    assert count(outcome="repeated") == 1
    assert count(command="register-region", outcome="refused") == 1
    assert deployed.figure("membership", "api", "sanu_append_seconds_count") >= count(outcome="accepted")
    assert deployed.figure("membership", "api", "sanu_http_seconds_count", route="/membership/v1/commands/<command>", status="201") > 0
    assert deployed.figure("training", "worker", "sanu_port_sendings_total", port="office", result="delivered") > 0


def test_no_label_tells_an_id(deployed: Deployed) -> None:
    """Whose names and numbers went through these processes a moment ago."""
    for service in SERVICES:
        for role in ROLES:
            told = page(deployed.config.metrics_port_of(service, role))
            assert [k.key for k in deployed.kept if f'"{k.key}"' in told] == []
            assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}|niena|report-loader", told)


def test_one_process_tells_of_all_services_at_one_port(tmp_path: Path) -> None:
    one = OneProcess(tmp_path / "var", metrics_port=free_port())
    one.start()
    try:
        until(one.ready)
        told = page(one.config.metrics_port)
        for service in SERVICES:
            assert figure(told, "sanu_state_readable", service=service) == 1
            assert figure(told, "sanu_log_read_only", service=service) == 0
            assert figure(told, "sanu_relay_published_events_total", service=service) >= 0
        took = []
        for _ in range(20):
            began = time.monotonic()
            page(one.config.metrics_port)
            took.append(time.monotonic() - began)
        assert min(took) < 0.1, "a look costs little; the state is read every two seconds at most"
    finally:
        one.end()


def test_every_panel_has_an_answer_from_a_real_prometheus(prometheus: Prometheus) -> None:
    generate = script("grafana/generate.py")
    panels = [panel for rows in (generate.HEALTH, generate.FLOW) for row in rows.values() for panel in row]
    silent = [p.title for p in panels if not prometheus.ask("query", query=p.expr)["result"]]
    assert set(silent) <= MAY_BE_SILENT, silent
    legends = {p.title: prometheus.ask("query", query=p.expr)["result"] for p in panels if p.kind == "timeseries"}
    for panel in panels:
        for line in legends.get(panel.title, []):
            wanted = set(re.findall(r"{{(\w+)}}", panel.legend))
            assert wanted <= line["metric"].keys(), f"{panel.title}: {line['metric']}"


def test_every_alert_is_watched_and_none_cries_wolf(prometheus: Prometheus) -> None:
    rules = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
    assert {r["name"] for r in rules} == {r["alert"] for r in RULES}
    assert [(r["name"], r.get("lastError")) for r in rules if r["health"] != "ok"] == []
    for rule in RULES:
        names = set(re.findall(r"\b(?:sanu_\w+|up)\b", rule["expr"]))
        assert [n for n in names if not prometheus.ask("query", query=f"count({n})")["result"]] == [], rule["alert"]
    firing = {r["name"] for r in rules if r["state"] != "inactive"}
    assert firing <= {"SanuDiskLow"}, "this machine's disk may be what it is"


def refused_by_the_broker(deployed: Deployed, service: str, work: Any) -> None:
    with Connection(deployed.config.of(service).broker) as connection, pytest.raises(AccessRefused):
        work(connection.channel())


def test_a_service_publishes_as_itself_only(deployed: Deployed) -> None:
    def publish(exchange: str) -> Any:
        def work(channel: Any) -> None:
            confirms = brokers.Confirms(channel)
            confirms.expect()
            channel.basic_publish(Message(b"[]"), exchange=exchange, routing_key="heartbeat")
            confirms.wait(5)
        return work

    with Connection(deployed.config.of("membership").broker) as connection:
        publish("membership.events")(connection.channel())         # unsigned, so that the others refuse it, and say so
    for exchange in ("training.events", "sanu.dead", ""):
        refused_by_the_broker(deployed, "membership", publish(exchange))
    until(lambda: deployed.figure("reporting", "inbox", "sanu_inbox_refused_total", source="membership") == 1)
    until(lambda: deployed.figure("reporting", "worker", "sanu_dead_letters") == 1)
    until(lambda: int(deployed.rabbit.ctl("list_queues", "-p", deployed.vhost, "name", "messages", "--no-table-headers").split("sanu.dead")[1].split()[0]) == 3,
          20, "each of the three rejections in the dead letters")


def test_a_service_reads_and_changes_no_queue_but_its_own(deployed: Deployed) -> None:
    for work in (lambda c: c.basic_consume("reporting.from.membership"), lambda c: c.basic_get("reporting.from.membership"),
                 lambda c: c.queue_purge("reporting.from.membership"), lambda c: c.queue_delete("training.from.membership"),
                 lambda c: c.exchange_delete("training.events"), lambda c: c.queue_declare("anything"),
                 lambda c: c.queue_bind("reporting.from.training", "membership.events", "#"), lambda c: c.basic_consume("sanu.dead")):
        refused_by_the_broker(deployed, "membership", work)


def test_a_login_sees_only_its_own_tables_and_changes_no_log(deployed: Deployed) -> None:
    with deployed.login("membership") as c:
        assert c.execute("SELECT count(*) > 90 FROM membership.membership_log").fetchone() == (True,)
        for forbidden in (
                "SELECT * FROM reporting.reporting_log", "SELECT * FROM reporting.projection", "SELECT * FROM training.refused", "SET ROLE sanu_reporting",
                "SET ROLE sanu_log_owner", "UPDATE membership.membership_log SET state = ''", "DELETE FROM membership.membership_log",
                "TRUNCATE membership.membership_log", "DROP TABLE membership.membership_log", "ALTER TABLE membership.membership_log DISABLE TRIGGER ALL",
                "DELETE FROM sealing.subject_key", "DROP SCHEMA reporting CASCADE", "CREATE SCHEMA other", "CREATE ROLE other",
                "CREATE TABLE reporting.other ()", "UPDATE sealing.secret SET value = ''"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                c.execute(forbidden)
    with deployed.login("migrate") as c, pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        c.execute("SET ROLE sanu_log_owner")
        c.execute("DELETE FROM membership.membership_log")


def sanu(deployed: Deployed, *arguments: str) -> None:
    ran = subprocess.run([sys.executable, "-P", "-m", "installation", *arguments], env=deployed.environment(), capture_output=True, text=True, timeout=60,
                         check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_command_line_works_with_the_services_own_logins(deployed: Deployed, tmp_path: Path) -> None:
    found = list(checks_broker.checks(deployed.config))
    assert len(found) == 2 and [c for c in found if not c.good] == []
    for arguments in (["verify"], ["backup", str(tmp_path / "copy")], ["views", "list", "reporting"]):
        sanu(deployed, *arguments)
    until(lambda: deployed.figure("membership", "worker", "sanu_log_verified_position") > 90, 10, "the figure follows what verify noted")
    roles_of_training = [c for c in deployed.installation.children if c.service == "training"]
    for child in roles_of_training:
        process, child.process = child.process, None
        assert process
        process.terminate()
        process.wait(15)
    sanu(deployed, "restore", str(tmp_path / "copy"), "--service", "training")
    for child in roles_of_training:
        child.start()
    until(deployed.ready, 30)
    sanu(deployed, "verify")


def test_what_sql_makes_of_the_roles_may_be_made_again(deployed: Deployed) -> None:
    ran = roles(deployed.superuser, deployed.base / "secrets")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_one_service_that_is_away_with_a_full_queue_keeps_nobody_else_waiting(deployed: Deployed) -> None:
    deployed.rabbit.ctl("set_policy", "-p", deployed.vhost, "--apply-to", "queues", "--priority", "9", "small", r"^[a-z_]+\.from\.[a-z_]+$",
                        json.dumps({**script("prepare.py").FEEDS, "max-length": 5}))
    away = deployed.installation.child("reporting", "inbox")
    process, away.process = away.process, None                     # so that nobody starts it again
    assert process
    process.kill()
    process.wait()
    with deployed.load(clients=1, pause_s=0.03) as load:
        load.acknowledged(60)
    until(lambda: deployed.figure("membership", "worker", "sanu_relay_behind_events") == 0, 15, "the relay goes on")
    away.start()
    with deployed.books() as books:
        books.everything_arrived(30)
    assert deployed.figure("reporting", "inbox", "sanu_inbox_events_total", outcome="pulled") > 0


def test_a_broker_in_alarm_is_told(deployed: Deployed) -> None:
    deployed.rabbit.ctl("set_vm_memory_high_watermark", "0")
    try:
        until(lambda: deployed.figure("membership", "worker", "sanu_broker_blocked") == 1, 20, "the relay's next heartbeat meets the alarm")
        with deployed.load(clients=1) as load:
            load.acknowledged(10)
        until(lambda: deployed.figure("membership", "worker", "sanu_relay_behind_events") > 0
              and deployed.figure("membership", "worker", "sanu_relay_behind_seconds") >= 1, 20, "what waits is told")
    finally:
        deployed.rabbit.ctl("set_vm_memory_high_watermark", "0.4")
    until(lambda: deployed.figure("membership", "worker", "sanu_broker_blocked") == 0, 20)
    until(lambda: deployed.figure("membership", "worker", "sanu_relay_behind_events") == 0, 20)
