"""A process of this installation: all services in one (embedded), or one role of one service.

python -m installation.host embedded | migrate | api SERVICE | inbox SERVICE | worker SERVICE, configured by SANU_… variables.
"""
import os
import sys

ROLES = ("embedded", "migrate", "api", "inbox", "worker")


def main(role: str, service: str = "") -> int:
    if role not in ("worker", "migrate"):
        patch()
    import logging

    from shared import logs

    from . import plainly
    logs.to_stderr(os.environ.get("SANU_LOG", "WARNING"), role=role, service=service or "all")
    return plainly.run(lambda: serve(role, service), logging.getLogger("sanu.host").critical)


def serve(role: str, service: str) -> int:
    """Until it is stopped. Raises OSError for what is not to be had."""
    from shared import config as configuration
    config = configuration.from_environment()
    config = config.to_migrate() if role == "migrate" else config.of(service)
    if os.environ.get("SANU_ENDS_WITH_STDIN"):
        _end_with_parent()
    if role == "embedded":
        from .embedded import Embedded
        with Embedded(config) as running:
            running.wait()
        return 0
    if role == "migrate":
        from shared.service import migrate
        migrate(config)
        return 0
    if role == "worker":
        from .worker import work
        work(config, service)
        return 0
    from .edge import serve_role
    serve_role(config, service, role)
    return 0


def patch() -> None:
    """Before anything else imports sockets or threads."""
    import warnings
    with warnings.catch_warnings():            # eventlet announces its retirement at every import; docs/adr says how we leave it
        warnings.simplefilter("ignore")
        import eventlet
    eventlet.monkey_patch()
    from shared.edge import green
    green.install()


def _end_with_parent() -> None:
    """A real thread, eventlet or not, that reads the pipe only the parent holds; its end is ours."""
    import _thread

    def watch() -> None:
        os.read(0, 1)
        os.kill(os.getpid(), 9)

    thread = sys.modules["eventlet"].patcher.original("_thread") if "eventlet" in sys.modules else _thread
    thread.start_new_thread(watch, ())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
