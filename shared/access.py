"""Reads the table of who may do what (data/access.toml); nothing else decides about rights."""
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent.parent / "data" / "access.toml"
OPEN, COMMAND = "open", "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    name: str
    fr: str
    en: str
    territory: str                    # country, or the kind of subject that it is bound to
    scopes: frozenset[str]
    events: tuple[str, ...]           # what may be sent to it unasked: names of events, or beginnings of names with a star


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    roles: Mapping[str, Role]
    routes: Mapping[str, str]
    commands: Mapping[str, Mapping[str, str]]

    def scope(self, method: str, url: str) -> str:
        """What an address asks for: a scope, OPEN or COMMAND. Raises LookupError for one that the table does not name."""
        for key in (f"{method} {url}", f"{method} /{{service}}/{url.split('/', 2)[-1]}"):
            if key in self.routes:
                return self.routes[key]
        raise LookupError(f"data/access.toml does not say who may {method} {url}")

    def command(self, service: str, command: str) -> str:
        return self.commands.get(service, {}).get(command, f"{service}:write")


@cache
def table() -> Access:
    content = tomllib.loads(TABLE.read_text("utf-8"))
    roles = {name: Role(name=name, fr=r["fr"], en=r["en"], territory=r["territory"], scopes=frozenset(r["scopes"]), events=tuple(r.get("events", ())))
             for name, r in content["roles"].items()}
    return Access(roles=roles, routes=content["routes"], commands=content["commands"])
