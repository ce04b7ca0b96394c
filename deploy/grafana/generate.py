"""Writes Grafana's two dashboards from the short lists below; a panel is one line.

    python3 deploy/grafana/generate.py
"""
import json
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent / "dashboards"
WIDTH, HEIGHT = 8, 7                   # three panels in a row of 24


class Panel(NamedTuple):
    """`legend` names a line; `kind` stat shows the last value only, red from 1 where `alarm`."""

    title: str
    expr: str
    unit: str = "short"
    legend: str = "{{service}}"
    kind: str = "timeseries"
    alarm: bool = False


def p99(metric: str, by: str = "service") -> str:
    return f"histogram_quantile(0.99, sum by ({by}, le) (rate({metric}_bucket[5m])))"


def rate(metric: str, by: str) -> str:
    return f"sum by ({by}) (rate({metric}[5m]))"


HEALTH = {
    "Does anything stand still?": [
        Panel("Processes that do not answer", 'count(up{job="sanu"} == 0) or vector(0)', kind="stat", alarm=True, legend="processes"),
        Panel("Logs that take nothing", "sum(max by (service) (sanu_log_read_only))", kind="stat", alarm=True, legend="logs"),
        Panel("Stopped views", "sum(sanu_view_stopped)", kind="stat", alarm=True, legend="views"),
        Panel("Stopped sources", "sum(sanu_inbox_stopped)", kind="stat", alarm=True, legend="sources"),
        Panel("Dead letters", "sum(sanu_dead_letters)", kind="stat", alarm=True, legend="letters"),
        Panel("Broker blocked", "max(sanu_broker_blocked)", kind="stat", alarm=True, legend="blocked"),
    ],
    "Commands": [
        Panel("Commands a second", rate("sanu_commands_total", "service, outcome"), "reqps", "{{service}} {{outcome}}"),
        Panel("Refused commands a second", 'sum by (service, command, status) (rate(sanu_commands_total{outcome="refused"}[5m]))', "reqps",
              "{{service}} {{command}} {{status}}"),
        Panel("HTTP, p99", p99("sanu_http_seconds"), "s"),
        Panel("HTTP by status", rate("sanu_http_seconds_count", "service, status"), "reqps", "{{service}} {{status}}"),
        Panel("Slowest addresses, p99", f"topk(5, {p99('sanu_http_seconds', 'method, route')})", "s", "{{method}} {{route}}"),
        Panel("Append, p99", p99("sanu_append_seconds"), "s"),
        Panel("Commands in one commit",
              "sum by (service) (rate(sanu_append_group_commands_sum[5m])) / sum by (service) (rate(sanu_append_group_commands_count[5m]))"),
        Panel("Conflicts a second", rate("sanu_append_conflicts_total", "service"), "ops"),
        Panel("Log heads", "sanu_log_head_position"),
    ],
    "Machine": [
        Panel("Memory", 'process_resident_memory_bytes{job="sanu"}', "bytes", "{{service}} {{role}}"),
        Panel("Processor", 'rate(process_cpu_seconds_total{job="sanu"}[5m])', "percentunit", "{{service}} {{role}}"),
        Panel("Free disk", "sanu_disk_free_bytes / sanu_disk_size_bytes", "percentunit"),
    ],
}
FLOW = {
    "Out: log to broker": [
        Panel("Events to publish", "sanu_relay_behind_events"),
        Panel("Age of the first", "sanu_relay_behind_seconds", "s"),
        Panel("Confirm, p99", p99("sanu_relay_confirm_seconds"), "s"),
        Panel("Published a second", rate("sanu_relay_published_events_total", "service"), "ops"),
        Panel("Links to the broker", "sanu_broker_connected", legend="{{service}} {{link}}"),
        Panel("Verified up to", "sanu_log_verified_position"),
    ],
    "In: broker to log": [
        Panel("Events taken a second", rate("sanu_inbox_events_total", "service, outcome"), "ops", "{{service}} {{outcome}}"),
        Panel("Gaps a minute", "60 * sum by (service, source) (rate(sanu_inbox_gaps_total[5m]))", legend="{{service}} from {{source}}"),
        Panel("Pulls a minute", "60 * sum by (service, source) (rate(sanu_inbox_pulls_total[5m]))", legend="{{service}} from {{source}}"),
        Panel("Not heard for", "sanu_inbox_heard_seconds", "s", "{{service}} from {{source}}"),
        Panel("Refused a minute", "60 * sum by (service, source) (rate(sanu_inbox_refused_total[5m]))", legend="{{service}} from {{source}}"),
        Panel("Dead letters", "sanu_dead_letters"),
    ],
    "On: log to views, processes and the outside": [
        Panel("Events a view is behind", "sanu_view_behind_events", legend="{{service}} {{view}}"),
        Panel("Seconds a view is behind", "sanu_view_behind_seconds", "s", "{{service}} {{view}}"),
        Panel("To do", "sanu_process_todo", legend="{{process}} {{state}}"),
        Panel("Sendings a minute", "60 * sum by (service, port, result) (rate(sanu_port_sendings_total[5m]))", legend="{{service}} {{port}} {{result}}"),
    ],
}


def dashboard(uid: str, title: str, rows: dict[str, list[Panel]]) -> dict[str, Any]:
    panels: list[dict[str, Any]] = []
    y = 0
    for heading, row in rows.items():
        panels.append({"id": len(panels) + 1, "type": "row", "title": heading, "collapsed": False, "panels": [], "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}})
        y += 1
        for n, panel in enumerate(row):
            panels.append(_panel(panel, len(panels) + 1, WIDTH * (n % 3), y + HEIGHT * (n // 3)))
        y += HEIGHT * -(-len(row) // 3)
    return {"uid": uid, "title": title, "tags": ["sanu"], "timezone": "browser", "schemaVersion": 38, "version": 1, "editable": False, "refresh": "15s",
            "time": {"from": "now-3h", "to": "now"}, "templating": {"list": []}, "annotations": {"list": []}, "panels": panels}


def _panel(panel: Panel, number: int, x: int, y: int) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "prometheus"}
    steps = [{"color": "green", "value": None}, *([{"color": "red", "value": 1}] if panel.alarm else [])]
    return {"id": number, "type": panel.kind, "title": panel.title, "datasource": source, "gridPos": {"x": x, "y": y, "w": WIDTH, "h": HEIGHT},
            "targets": [{"refId": "A", "datasource": source, "expr": panel.expr, "legendFormat": panel.legend, "instant": panel.kind == "stat"}],
            "fieldConfig": {"defaults": {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}}, "overrides": []}, "options": {}}


DASHBOARDS = {"health": dashboard("sanu-health", "Sanu: health", HEALTH), "event-flow": dashboard("sanu-event-flow", "Sanu: event flow", FLOW)}


def text(name: str) -> str:
    return json.dumps(DASHBOARDS[name], indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in DASHBOARDS:
        (FOLDER / f"{each}.json").write_text(text(each), "utf-8")
