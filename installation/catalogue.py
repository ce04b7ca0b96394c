"""Which services there are, and where their parts come from."""
from importlib import import_module
from typing import Any

from shared.config import Config
from shared.service import Service


def open_service(config: Config, name: str) -> Service:
    return import_module(f"services.{name}.application").open_service(config)  # type: ignore[no-any-return]


def edge(name: str) -> Any:
    """The service's nameko classes: Api and Inbox."""
    return import_module(f"services.{name}.service")
