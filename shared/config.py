"""Where this installation keeps its data and finds its broker, read once from the environment."""
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, urlsplit

from environs import Env, ValidationError
from marshmallow.validate import OneOf, Range

from .errors import BadRequest

KINDS = ("real", "synthetic")
SERVICES = ("membership", "training", "gold_trade", "reporting")
ROLES = ("api", "inbox", "worker")


@dataclass(frozen=True)
class Config:
    """`database` empty means embedded: SQLite files under `var`, and one port for all services.

    `broker` and `database` may hold {service} and {password}, so that each service has a login of its own; the password
    is the content of a file, whose name may hold {service} too. `of` fills them in.
    """

    var: Path = Path("var")
    broker: str = "memory://"
    broker_password_file: str = ""
    database: str = ""
    database_password_file: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    peers: str = ""                     # where services find each other, with {service} and {port}; empty: all on `host`
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0               # 0: no metrics; else of the first role of the first service, the others follow
    kind: str = "real"                  # one of KINDS: a log is born one or the other
    jwks: str = ""                      # file or URL with the keys of an OIDC provider
    issuer: str = ""                    # its `iss`
    workers: int = 64                   # green workers of an API process; they cap the commit group
    share_port: bool = False            # whether more processes of the same service may listen on its port
    rate_per_s: float = 1000.0          # requests of one client to one process; 0: as many as it likes
    webhook_private: bool = False       # whether webhooks may go to private and loopback addresses, and without TLS
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
        return self.folder("keys")

    def folder(self, *names: str) -> Path:
        """`var`, or a directory under it; whatever is made on the way there is closed to everybody but its owner."""
        path = self.var.joinpath(*names)
        for one in reversed([path, *path.parents]):
            one.mkdir(mode=0o700, exist_ok=True)
        return path

    def of(self, service: str) -> "Config":
        """The configuration with this service's own logins. Raises OSError for a password file that cannot be read, BadRequest for none."""
        return replace(self, broker=_filled(self.broker, self.broker_password_file, service),
                       database=_filled(self.database, self.database_password_file, service))

    def to_migrate(self) -> "Config":
        """The same with the login that may change tables, and read all of them for a copy."""
        return replace(self, database=_filled(self.database, self.database_password_file, "migrate"))

    @property
    def own_logins(self) -> bool:
        """Whether each service logs in to the database as itself, with too few rights to migrate."""
        return "{service}" in self.database

    def metrics_port_of(self, service: str, role: str) -> int:
        return self.metrics_port and self.metrics_port + len(ROLES) * SERVICES.index(service) + ROLES.index(role)

    def port_of(self, service: str) -> int:
        return self.port if self.embedded else self.port + SERVICES.index(service)

    def url(self, service: str) -> str:
        return (self.peers or f"http://{self.host}:{{port}}").format(service=service, port=self.port_of(service))

    def environment(self) -> dict[str, str]:
        """The same configuration for a child process."""
        return {f"SANU_{f.name.upper()}": str(getattr(self, f.name)) for f in fields(self)}


def _filled(template: str, password_file: str, service: str) -> str:
    if "{password}" in template:
        if not password_file:
            raise BadRequest("the address holds a place for a password, and no file of passwords is named")
        secret = Path(password_file.replace("{service}", service)).read_text("utf-8").strip()
        template = template.replace("{password}", quote(secret, safe=""))
    return template.replace("{service}", service)


def _peers(text: str) -> None:
    """Services send each other their tokens in clear: who puts TLS between them does it below HTTP (a tunnel, a mesh), not by the address."""
    try:
        url = urlsplit(text.format(service=SERVICES[0], port=8000))
        plain = url.scheme == "http" and url.hostname and url.port != 0 and not (url.path.strip("/") or url.query or url.fragment or url.username)
    except (LookupError, ValueError, AttributeError, TypeError):
        plain = False
    if text and not plain:
        raise ValidationError("http://, a host and a port, in braces only service and port; services speak no https with each other")


def from_environment() -> Config:
    """Reads SANU_VAR, SANU_BROKER, SANU_DATABASE, SANU_HOST, SANU_PORT, SANU_KIND and every other field in capitals.

    Raises environs.EnvValidationError naming every faulty variable at once.
    """
    env = Env(eager=False)
    with env.prefixed("SANU_"):
        config = Config(
            var=Path(env.str("VAR", "var")), broker=env.str("BROKER", "memory://"), database=env.str("DATABASE", ""),
            broker_password_file=env.str("BROKER_PASSWORD_FILE", ""), database_password_file=env.str("DATABASE_PASSWORD_FILE", ""),
            host=env.str("HOST", "127.0.0.1"), port=env.int("PORT", 8000, validate=Range(0, 65535)), peers=env.str("PEERS", "", validate=_peers),
            metrics_host=env.str("METRICS_HOST", "127.0.0.1"), metrics_port=env.int("METRICS_PORT", 0),
            kind=env.str("KIND", "real", validate=OneOf(KINDS, error="a log is born real or synthetic")),
            jwks=env.str("JWKS", ""), issuer=env.str("ISSUER", ""), workers=env.int("WORKERS", 64), share_port=env.bool("SHARE_PORT", False),
            rate_per_s=env.float("RATE_PER_S", 1000.0),
            webhook_private=env.bool("WEBHOOK_PRIVATE", False),
            poll_s=env.float("POLL_S", 0.5), linger_s=env.float("LINGER_S", 0.01),
            heartbeat_s=env.float("HEARTBEAT_S", 30.0), silence_s=env.float("SILENCE_S", 90.0))
    env.seal()
    return config
