"""What stands under deploy/ and in docker-compose.yml fits the code: roles, settings, commands, files, ports."""
import importlib.util
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from installation import alarms
from installation.host import ROLES as HOSTED
from shared import metrics
from shared.config import ROLES, SERVICES, Config, from_environment
from shared.gauges import NAMES

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
CONTAINERS: dict[str, Any] = COMPOSE["services"]
RULES: list[dict[str, Any]] = [rule for group in yaml.safe_load((DEPLOY / "prometheus/rules.yml").read_text("utf-8"))["groups"] for rule in group["rules"]]


def script(path: str) -> Any:
    """A file of deploy/ as a module; it is no package."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, DEPLOY / path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ours() -> dict[str, Any]:
    """But for the command line, which is started by hand."""
    return {name: c for name, c in CONTAINERS.items() if c["image"] == "sanu:local" and "profiles" not in c}


def test_compose_is_what_its_schema_says() -> None:
    checked = subprocess.run([Path(sys.executable).parent / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml"],
                             capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_role_of_every_service_has_a_container_that_starts_it() -> None:
    commands = {name: c["command"] for name, c in ours().items()}
    assert commands == {"migrate": ["migrate"], **{f"{s}-{r}": [r, s] for s in SERVICES for r in ROLES}}
    assert {command[0] for command in commands.values()} <= set(HOSTED)
    assert 'ENTRYPOINT ["python", "-P", "-m", "installation.host"]' in (DEPLOY / "Dockerfile").read_text("utf-8")


@pytest.mark.parametrize("name", ours())
def test_a_container_says_only_what_the_configuration_reads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {k: v.replace("${SANU_KIND:-real}", "real") for k, v in CONTAINERS[name]["environment"].items()}
    assert environment.keys() <= Config().environment().keys()
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr(Path, "read_text", lambda path, encoding: f"of {path.name}\n")
    service = CONTAINERS[name]["command"][-1]
    config = from_environment().to_migrate() if name == "migrate" else from_environment().of(service)
    assert config.database == f"postgresql://{service}:of%20database_{service}@postgres:5432/sanu"
    needs = {f"database_{service}"}
    if name != "migrate":
        assert config.broker == f"amqp://{service}:of%20broker_{service}@rabbitmq:5672/sanu"
        assert {config.url(s) for s in SERVICES} == {f"http://{s}-api:{config.port_of(s)}" for s in SERVICES}
        needs |= {f"broker_{service}"}
    assert set(CONTAINERS[name]["secrets"]) == needs


def test_the_command_line_may_log_in_as_every_service() -> None:
    tools = CONTAINERS["sanu"]
    assert tools["entrypoint"] == ["python", "-P", "-m", "installation"] and tools["environment"] == CONTAINERS["training-api"]["environment"]
    assert set(tools["secrets"]) == {"database_migrate", *(f"{kind}_{service}" for kind in ("broker", "database") for service in SERVICES)}


def test_healthchecks_ask_where_the_process_listens() -> None:
    config = Config(database="postgresql://x", port=8000, metrics_port=9100)
    for service in SERVICES:
        for role in ROLES:
            asked = CONTAINERS[f"{service}-{role}"]["healthcheck"]["test"]
            where = [str(config.port_of(service)), f"/{service}/health/ready"] if role == "api" else [str(config.metrics_port_of(service, role))]
            assert asked == ["CMD", "python", "-P", "-m", "installation.alive", *where]
        assert CONTAINERS[f"{service}-api"]["ports"] == [f"127.0.0.1:{config.port_of(service)}:{config.port_of(service)}"]


def test_containers_have_no_more_rights_than_they_need() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert re.search(r"^USER 10001:10001$", dockerfile, re.M) and "--require-hashes -r requirements.lock" in dockerfile
    for name, c in CONTAINERS.items():
        assert c["read_only"] and c["cap_drop"] == ["ALL"] and c["security_opt"] == ["no-new-privileges:true"], name
        assert c["image"] == "sanu:local" or int(c["user"].partition(":")[0]) > 0, f"{name} is root"
        assert all(port.startswith("127.0.0.1:") for port in c.get("ports", [])), f"{name} is open to others"
        assert not [k for k, v in c.get("environment", {}).items() if "PASSWORD" in k and not k.endswith(("FILE", "__FILE"))], name
        assert "healthcheck" in c or name in ("migrate", "sanu")


def test_every_file_and_secret_that_compose_names_is_there() -> None:
    mounts = [m.split(":")[0] for c in CONTAINERS.values() for m in c.get("volumes", []) if m.startswith("./")]
    assert [m for m in mounts if not (ROOT / m).exists()] == []
    prepare = script("prepare.py")
    made = {f"deploy/secrets/{name}" for name in (*prepare.PASSWORDS, "definitions.json")} - {"deploy/secrets/broker_admin"}
    assert {s["file"] for s in COMPOSE["secrets"].values()} == made
    assert prepare.SERVICES == SERVICES
    ignored = subprocess.run(["git", "check-ignore", "-q", "deploy/secrets/postgres"], cwd=ROOT, check=False)
    assert ignored.returncode == 0


def test_what_the_image_holds_is_enough_to_run(tmp_path: Path) -> None:
    copied = re.findall(r"^COPY (\w+) /sanu/\1$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.M)
    assert copied == ["data", "shared", "services", "installation"]
    for folder in copied:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    starts = ("from installation import host; host.patch(); from installation import demo, up, worker; from installation.catalogue import beside, edge; "
              f"[(edge(s).Api, edge(s).Inbox, beside(s)) for s in {SERVICES}]; print(demo.__file__)")
    for arguments in (["-c", starts], ["-m", "installation.host", "migrate"]):
        ran = subprocess.run([sys.executable, "-P", *arguments], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path), "SANU_VAR": str(tmp_path / "var")},
                             capture_output=True, text=True, timeout=60, check=False)
        assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "var" / "reporting" / "log.db").exists()


def test_prometheus_asks_every_process_where_it_tells() -> None:
    config = Config(metrics_port=9100)
    jobs = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text("utf-8"))["scrape_configs"]
    asked = {tuple(t["targets"]): t["labels"] for t in jobs[0]["static_configs"]}
    assert asked == {(f"{s}-{r}:{config.metrics_port_of(s, r)}",): {"service": s, "role": r} for s in SERVICES for r in ROLES}
    assert jobs[1]["static_configs"] == [{"targets": ["rabbitmq:15692"]}]


def test_every_alert_has_its_runbook_and_its_test() -> None:
    names = {rule["alert"] for rule in RULES}
    assert names == {p.stem for p in (DEPLOY / "runbooks").glob("*.md")}
    tested = yaml.safe_load((DEPLOY / "prometheus/rules_test.yml").read_text("utf-8"))["tests"]
    assert {t["alert_rule_test"][-1]["alertname"] for t in tested if t["alert_rule_test"][-1]["exp_alerts"]} == names
    for rule in RULES:
        assert rule["annotations"]["runbook"] == f"deploy/runbooks/{rule['alert']}.md"


def test_rules_and_dashboards_name_only_figures_that_are_told() -> None:
    told = set(NAMES).union(*(import_module(f"services.{service}.application").DEFINITION.gauges for service in SERVICES))
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            name = metric.describe()[0].name
            told |= {name, f"{name}_total", f"{name}_bucket", f"{name}_count", f"{name}_sum"}
    generate = script("grafana/generate.py")
    asked = [r["expr"] for r in RULES] + [p.expr for rows in (generate.HEALTH, generate.FLOW) for row in rows.values() for p in row]
    assert {name for expr in asked for name in re.findall(r"sanu_\w+", expr)} <= told


def test_alerts_begin_where_status_does() -> None:
    rules = {rule["alert"]: rule["expr"] for rule in RULES}
    assert rules["SanuRelayLag"] == f"sanu_relay_behind_seconds > {alarms.RELAY_S}"
    assert rules["SanuInboxSilent"] == f"sanu_inbox_heard_seconds > {3 * Config().silence_s:.0f}"
    few = f"sanu_disk_free_bytes < {alarms.FREE_BYTES / 1e9:.0f}e9"
    assert rules["SanuDiskLow"] == f"{few} or sanu_disk_free_bytes / sanu_disk_size_bytes < {alarms.FREE_PERCENT / 100}"


@pytest.mark.parametrize("name", ["health", "event-flow"])
def test_a_dashboard_is_what_its_list_makes(name: str) -> None:
    generate = script("grafana/generate.py")
    assert (DEPLOY / "grafana/dashboards" / f"{name}.json").read_text("utf-8") == generate.text(name), "run python3 deploy/grafana/generate.py"
