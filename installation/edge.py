"""Runs nameko classes with this installation's configuration, and stops them cleanly at SIGTERM."""
import gc
import signal
import socket
from collections.abc import Sequence
from typing import Any

import eventlet
from nameko.runners import ServiceRunner

from shared import access, auth, gauges, restore
from shared.config import Config
from shared.edge import api, green, http_entrypoint
from shared.edge.rate import Rate
from shared.jwks import Keys

from .catalogue import beside, edge, once, open_service
from .plainly import listening_on


def start_runner(config: Config, port: int, classes: Sequence[type]) -> ServiceRunner:
    """A started runner. Raises OSError naming a port that is taken."""
    green.assert_green()
    answering = sum(hasattr(cls, "ready") or hasattr(cls, "serves_http") for cls in classes)
    if answering:
        _to_be_had(config, port)
    keys = Keys(config)
    http_entrypoint.scope_of = access.table().scope
    http_entrypoint.authenticate = lambda header: auth.caller_of(header, keys)
    if config.rate_per_s:
        http_entrypoint.count = Rate(config.rate_per_s).count
    runner = ServiceRunner({"WEB_SERVER_ADDRESS": f"{config.host}:{port}", "max_workers": config.workers, "SANU": config, "AMQP_URI": "unused",
                            "HTTP_SHARED": config.share_port, "HTTP_SERVICES": answering})
    for cls in classes:
        runner.add_service(cls)
    runner.start()
    gc.collect()
    gc.freeze()                    # what was imported stays: no later collection need look through it while somebody waits
    return runner


def _to_be_had(config: Config, port: int) -> None:
    """Asked before the runner starts: a green thread that meets a taken port prints its stack, whoever catches the error. Raises OSError."""
    with listening_on(config.host, port), socket.socket(socket.AF_INET6 if ":" in config.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if config.share_port:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        probe.bind((config.host, port))


def serve_role(config: Config, service: str, role: str) -> None:
    opened = open_service(config, service)
    opened.log.opened                          # noqa: B018 - fails here, not at the first request, when nothing was migrated
    api.serve(opened)
    module: Any = edge(service)
    with listening_on(config.metrics_host, number := config.metrics_port_of(service, role)):
        gauges.publish(config, [opened], number, whole=False)
    classes = [module.Api, *beside(service), *once()] if role == "api" else [module.Inbox]
    restore.hold(opened)
    runner = start_runner(config, config.port_of(service), classes)
    stopped = stop_at_signal(runner)
    restore.begin(opened, mend=False)            # while the feed is served already: the others ask us the same
    eventlet.spawn_n(restore.watch, opened, False, lambda: bool(stopped))
    print(f"{service} {role} ready", flush=True)
    runner.wait()
    opened.close()


def stop_at_signal(runner: ServiceRunner) -> list[int]:
    """A flag that is looked at ten times a second: a signal alone does not wake an idle hub."""
    wanted: list[int] = []

    def stop() -> None:
        while not wanted:
            eventlet.sleep(0.1)
        runner.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _: wanted.append(got))
    eventlet.spawn_n(stop)
    return wanted
