"""Whose public key is whose: the installation's JWKS (RFC 7517), and one of an OIDC provider beside it."""
import fcntl
import json
import logging
import time
import urllib.request
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .config import Config
from .errors import SanuError, Unavailable
from .files import file_name, replace

logger = logging.getLogger(__name__)
EXTERNAL_EVERY_S = 30.0                    # how soon a key withdrawn by the provider is known


class BadSignature(SanuError):
    """The key is unknown, belongs to somebody else, or did not sign these bytes."""

    status, slug, title = 401, "bad-signature", {"fr": "Signature non valable", "en": "Invalid signature"}
    advice: ClassVar[dict[str, str]] = {
        "fr": "Le message n'est pas signé par la clé qu'il nomme ; il n'est pas lu.",
        "en": "The message is not signed by the key that it names; it is not read."}


class Owner(NamedTuple):
    """`external`: a key of the OIDC provider, who says role and territory in each token; else the register says them."""

    name: str
    role: str = ""
    territory: frozenset[str] = frozenset()
    external: bool = False


Known = dict[str, tuple[Owner, Ed25519PublicKey]]


def kid_of(owner: str, raw: bytes) -> str:
    return f"{owner}:{sha256(raw).hexdigest()[:16]}"


def register(config: Config, owner: str, raw: bytes, role: str = "", territory: Collection[str] = ()) -> str:
    """Adds the 32-byte public key of a service or client; returns its kid. Older keys of the owner stay valid."""
    file_name(owner, "")
    kid = kid_of(owner, raw)

    def add(keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if any(key["kid"] == kid for key in keys):
            return keys
        more = {"role": role, "territory": sorted(territory)} if role else {}
        return [*keys, {"kty": "OKP", "crv": "Ed25519", "x": urlsafe_b64encode(raw).rstrip(b"=").decode(), "kid": kid, "owner": owner, **more}]

    _change(config, add)
    return kid


def remove(config: Config, owner: str, keep: str = "") -> int:
    """Takes back the owner's keys, but for the kid `keep`; how many. Every process knows within a second."""
    removed: list[str] = []

    def without(keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
        removed.extend(key["kid"] for key in keys if key["owner"] == owner and key["kid"] != keep)
        return [key for key in keys if key["kid"] not in removed]

    _change(config, without)
    return len(removed)


def listed(config: Config) -> list[dict[str, Any]]:
    path = config.keys / "jwks.json"
    return list(json.loads(path.read_bytes())["keys"]) if path.exists() else []


def _change(config: Config, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    with open(config.keys / "jwks.lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = listed(config)
        after = change(before)
        if after is not before:
            replace(config.keys / "jwks.json", json.dumps({"keys": after}, indent=1).encode(), 0o644)


class Keys:
    """The public keys, followed as the JWKS changes: the file at most a second later, the provider's 30 s."""

    def __init__(self, config: Config, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = config.keys / "jwks.json", clock
        self._external, self.issuer = config.jwks, config.issuer
        self._keys: Known = {}
        self._provided: Known = {}
        self._stamp: tuple[int, ...] = ()
        self._looked = self._searched = self._asked = float("-inf")

    def _refresh(self, now: float) -> None:
        self._looked = now
        if self._path.exists():
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_ino, status.st_size)
            if stamp != self._stamp:
                self._keys, self._stamp = _read(self._path.read_bytes(), external=False), stamp
        if self._external and now - self._asked >= EXTERNAL_EVERY_S:
            self._asked = now
            try:
                self._provided = _read(_load(self._external), external=True)
            except (OSError, HTTPException, Unavailable) as e:        # the keys we know stay good: the provider may be away
                logger.warning("the JWKS at %s cannot be read: %s", self._external, e)

    def _find(self, kid: str) -> tuple[Owner, Ed25519PublicKey]:
        now = self._clock()
        if now - self._looked >= 1:
            self._refresh(now)
        if kid not in self._keys and kid not in self._provided and now - self._searched >= 1:
            self._searched = now
            self._refresh(now)
        found = self._keys.get(kid) or self._provided.get(kid)
        if found is None:
            raise BadSignature("the signing key is unknown")
        return found

    def public(self, kid: str) -> Ed25519PublicKey:
        """Raises BadSignature when unknown."""
        return self._find(kid)[1]

    def owner(self, kid: str) -> Owner:
        """Whose key it is. Raises BadSignature when unknown."""
        return self._find(kid)[0]

    def verify(self, owner: str, kid: str, signature: bytes, data: bytes) -> None:
        """Raises BadSignature unless `owner` signed exactly `data` with the key `kid`."""
        holder, key = self._find(kid)
        if holder.name != owner or holder.external:
            raise BadSignature("the signing key belongs to another owner")
        try:
            key.verify(signature, data)
        except InvalidSignature as e:
            raise BadSignature() from e


def _load(place: str) -> bytes:
    if place.startswith(("https://", "http://")):
        with urllib.request.urlopen(place, timeout=3) as answer:  # noqa: S310 - the operator names the provider
            return bytes(answer.read(1024 * 1024))
    return Path(place).read_bytes()


def _read(content: bytes, external: bool) -> Known:
    """Of a provider's keys those of use to us: one that is not takes nothing from the others (RFC 7517, 5). Raises Unavailable."""
    keys: Known = {}
    try:
        for key in json.loads(content)["keys"]:
            try:
                kid, owner, public = _key(key, external)
            except (ValueError, KeyError, TypeError):
                if not external:
                    raise
                continue
            keys[kid] = owner, public
    except (ValueError, KeyError, TypeError, RecursionError) as e:
        raise Unavailable("a JWKS is unreadable") from e
    return keys


def _key(key: Any, external: bool) -> tuple[str, Owner, Ed25519PublicKey]:
    """Raises ValueError, KeyError or TypeError for a key that cannot be used."""
    if (key["kty"], key["crv"]) != ("OKP", "Ed25519"):
        raise ValueError("not an Ed25519 key")
    raw, kid = urlsafe_b64decode(key["x"] + "="), str(key["kid"])
    if external:
        return kid, Owner("", external=True), Ed25519PublicKey.from_public_bytes(raw)
    if kid != kid_of(key["owner"], raw):
        raise ValueError(f"{kid} does not fit its key")
    return kid, Owner(key["owner"], key.get("role", ""), frozenset(key.get("territory", ()))), Ed25519PublicKey.from_public_bytes(raw)
