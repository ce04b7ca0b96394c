"""Which services there are, and where their parts come from."""
from importlib import import_module
from typing import Any

from shared.config import SERVICES, Config
from shared.errors import NotFound
from shared.service import Service


def open_service(config: Config, name: str) -> Service:
    """Raises NotFound for a name no service has."""
    if name not in SERVICES:
        raise NotFound(f"no service '{name}', only {', '.join(SERVICES)}", field="service")
    return import_module(f"services.{name}.application").open_service(config.of(name))  # type: ignore[no-any-return]


def edge(name: str) -> Any:
    """The service's nameko classes: Api and Inbox."""
    return import_module(f"services.{name}.service")


def beside(name: str) -> list[type]:
    """The nameko classes, no service's own, that are mounted in the process that answers for this service."""
    from . import operations
    from .documents.service import Documents
    return [*operations.beside(name), *([Documents] if name == "reporting" else [])]


def once() -> list[type]:
    """The nameko classes that are mounted once in every process that answers, whatever it answers for."""
    from shared.edge.page import SignIn
    return [SignIn]
