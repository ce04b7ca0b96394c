"""A process of this installation: all services in one (embedded), or one role of one service.

python -m installation.host embedded | api SERVICE | inbox SERVICE | worker SERVICE, configured by SANU_… variables.
"""
import os
import sys

ROLES = ("embedded", "api", "inbox", "worker")


def main(role: str, service: str = "") -> int:
    if role != "worker":
        patch()
    from shared import config as configuration
    config = configuration.from_environment()
    _log_to_stderr()
    if role == "embedded":
        from .embedded import Embedded
        with Embedded(config) as running:
            running.wait()
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


def _log_to_stderr() -> None:
    import logging
    logging.basicConfig(level=os.environ.get("SANU_LOG", "WARNING"), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("amqp").setLevel("ERROR")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
