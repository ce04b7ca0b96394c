"""Who may call: keys of partner programs, and tokens minted by the installation."""
import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared import auth, jwks
from shared.config import SERVICES, Config
from shared.errors import BadRequest, NotFound, Unavailable
from shared.signing import Signer


def registered(config: Config) -> list[dict[str, Any]]:
    """Every key of the register. Raises Unavailable where it is not to be read."""
    try:
        keys = jwks.listed(config)
        if all({"kid", "owner"} <= key.keys() for key in keys):
            return keys
        why = "a key lacks its owner"
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as e:
        why = str(e) or type(e).__name__
    raise Unavailable(f"{config.keys / 'jwks.json'} is no register of keys ({why}): put it back from a copy")


def register(config: Config, name: str, role: str, territory: Sequence[str], key: str) -> str:
    """Adds a partner's public key (PEM file, or 32 bytes in base64url); its kid. Raises BadRequest, Forbidden."""
    _client(name)
    auth.check_role(role, territory)
    raw = _public(key)
    known = [k for k in registered(config) if k["owner"] == name]
    if known and (known[0].get("role"), known[0].get("territory", [])) != (role, sorted(territory)):
        raise BadRequest(f"{name} is registered with another role or territory: revoke it first", field="role")
    return jwks.register(config, name, raw, role, territory)


def rotate(config: Config, name: str, key: str) -> tuple[str, int]:
    """A new key in place of the old ones; the new kid and how many were taken back."""
    known = [k for k in registered(config) if k["owner"] == name]
    if not known or name in (*SERVICES, auth.INSTALLATION):
        raise NotFound(f"no client is called '{name}'", field="name")
    kid = jwks.register(config, name, _public(key), known[0]["role"], known[0].get("territory", []))
    return kid, jwks.remove(config, name, keep=kid)


def revoke(config: Config, name: str) -> int:
    """Takes every key of a client back; its tokens are refused within a second. Raises NotFound."""
    _client(name)
    registered(config)
    removed = jwks.remove(config, name)
    if not removed:
        raise NotFound(f"no client is called '{name}'", field="name")
    return removed


def token(config: Config, subject: str, role: str, territory: Sequence[str], seconds: int) -> str:
    """A token of the installation's own. Raises Forbidden for an unknown role or a territory that does not fit it."""
    if role == auth.SERVICE:
        raise BadRequest("services mint their own tokens", field="role")
    registered(config)
    return auth.issue(Signer.open(config, auth.INSTALLATION), subject=subject, role=role, territory=territory, seconds=seconds)


def _client(name: str) -> None:
    if name in (*SERVICES, auth.INSTALLATION):
        raise BadRequest(f"'{name}' is a name of the installation's own", field="name")


def _public(key: str) -> bytes:
    try:
        path = Path(key)
        if path.exists():
            loaded = serialization.load_pem_public_key(path.read_bytes())
            if not isinstance(loaded, Ed25519PublicKey):
                raise ValueError("not an Ed25519 key")
            return loaded.public_bytes_raw()
        raw = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
        Ed25519PublicKey.from_public_bytes(raw)
        return raw
    except (ValueError, OSError) as e:
        raise BadRequest(f"'{key[:40]}' is neither a PEM file with an Ed25519 public key nor 32 bytes in base64url", field="key") from e
