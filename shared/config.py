"""Where this installation keeps its data and finds its broker, read once from the environment."""
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from environs import Env

SERVICES = ("membership", "training", "gold_trade", "reporting")


@dataclass(frozen=True)
class Config:
    """`database` empty means embedded: SQLite files under `var`, and one port for all services."""

    var: Path = Path("var")
    broker: str = "memory://"
    database: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    kind: str = "real"                  # real | synthetic: a log is born one or the other
    jwks: str = ""                      # file or URL with the keys of an OIDC provider
    issuer: str = ""                    # its `iss`
    workers: int = 64                   # green workers of an API process; they cap the commit group
    poll_s: float = 0.5                 # the guarantee; signals only shorten it
    linger_s: float = 0.01
    heartbeat_s: float = 30.0
    silence_s: float = 90.0             # a source unheard for so long is asked

    @property
    def embedded(self) -> bool:
        return not self.database

    @cached_property
    def keys(self) -> Path:
        """Directory of signing keys and the JWKS, mode 0700."""
        path = self.var / "keys"
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    def port_of(self, service: str) -> int:
        return self.port if self.embedded else self.port + SERVICES.index(service)

    def url(self, service: str) -> str:
        return f"http://{self.host}:{self.port_of(service)}"

    def environment(self) -> dict[str, str]:
        """The same configuration for a child process."""
        names = ("var", "broker", "database", "host", "port", "kind", "jwks", "issuer", "workers", "poll_s", "linger_s", "heartbeat_s", "silence_s")
        return {f"SANU_{n.upper()}": str(getattr(self, n)) for n in names}


def from_environment() -> Config:
    """Reads SANU_VAR, SANU_BROKER, SANU_DATABASE, SANU_HOST, SANU_PORT, SANU_KIND and the timings.

    Raises environs.EnvValidationError naming every faulty variable at once.
    """
    env = Env(eager=False)
    with env.prefixed("SANU_"):
        config = Config(
            var=Path(env.str("VAR", "var")), broker=env.str("BROKER", "memory://"), database=env.str("DATABASE", ""),
            host=env.str("HOST", "127.0.0.1"), port=env.int("PORT", 8000), kind=env.str("KIND", "real"),
            jwks=env.str("JWKS", ""), issuer=env.str("ISSUER", ""), workers=env.int("WORKERS", 64),
            poll_s=env.float("POLL_S", 0.5), linger_s=env.float("LINGER_S", 0.01),
            heartbeat_s=env.float("HEARTBEAT_S", 30.0), silence_s=env.float("SILENCE_S", 90.0))
    env.seal()
    return config
