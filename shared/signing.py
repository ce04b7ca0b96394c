"""Ed25519 keys: each service signs with its own, and reads everybody's public ones from the JWKS of the installation."""
import fcntl
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .config import Config
from .errors import SanuError, Unavailable
from .files import created_once, file_name, replace


class BadSignature(SanuError):
    """The key is unknown, belongs to somebody else, or did not sign these bytes."""

    status, slug, title = 401, "bad-signature", {"fr": "Signature non valable", "en": "Invalid signature"}


def kid_of(owner: str, raw: bytes) -> str:
    return f"{owner}:{sha256(raw).hexdigest()[:16]}"


def register(config: Config, owner: str, raw: bytes) -> str:
    """Adds the 32-byte public key of a service or client to the JWKS; returns its kid. Older keys of the owner stay valid."""
    file_name(owner, "")
    path, kid = config.keys / "jwks.json", kid_of(owner, raw)
    with open(config.keys / "jwks.lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        keys: list[dict[str, Any]] = json.loads(path.read_bytes())["keys"] if path.exists() else []
        if all(key["kid"] != kid for key in keys):
            x = urlsafe_b64encode(raw).rstrip(b"=").decode()
            keys.append({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "owner": owner})
            replace(path, json.dumps({"keys": keys}, indent=1).encode(), 0o644)
    return kid


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """The private key of one owner."""

    owner: str
    kid: str
    private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def open(cls, config: Config, owner: str) -> "Signer":
        """Reads `<owner>.pem`, makes it at the first start, and sees to it that the JWKS holds its public half."""
        pem = created_once(config.keys / file_name(owner, ".pem"), _new_pem)
        private = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(private, Ed25519PrivateKey):
            raise Unavailable(f"{owner}.pem is not an Ed25519 key")
        return cls(owner=owner, kid=register(config, owner, private.public_key().public_bytes_raw()), private=private)

    def sign(self, data: bytes) -> bytes:
        """64 bytes (RFC 8032)."""
        return self.private.sign(data)


def _new_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


class Keys:
    """The public keys of the installation, followed as the JWKS changes."""

    def __init__(self, config: Config, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = config.keys / "jwks.json", clock
        self._keys: dict[str, tuple[str, Ed25519PublicKey]] = {}
        self._stamp: tuple[int, ...] = ()
        self._looked = self._searched = float("-inf")      # last check of the file; last search for an unknown kid

    def _refresh(self, now: float) -> None:
        if self._path.exists():
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_ino, status.st_size)
            if stamp != self._stamp:
                self._keys, self._stamp = _read(self._path), stamp
        self._looked = now

    def _find(self, kid: str) -> tuple[str, Ed25519PublicKey]:
        now = self._clock()
        if now - self._looked >= 1:
            self._refresh(now)
        if kid not in self._keys and now - self._searched >= 1:
            self._searched = now
            self._refresh(now)
        try:
            return self._keys[kid]
        except KeyError:
            raise BadSignature("the signing key is unknown") from None

    def public(self, kid: str) -> Ed25519PublicKey:
        """Raises BadSignature when unknown."""
        return self._find(kid)[1]

    def owner(self, kid: str) -> str:
        """Whose key it is. Raises BadSignature when unknown."""
        return self._find(kid)[0]

    def verify(self, owner: str, kid: str, signature: bytes, data: bytes) -> None:
        """Raises BadSignature unless `owner` signed exactly `data` with the key `kid`."""
        holder, key = self._find(kid)
        if holder != owner:
            raise BadSignature("the signing key belongs to another owner")
        try:
            key.verify(signature, data)
        except InvalidSignature as e:
            raise BadSignature() from e


def _read(path: Path) -> dict[str, tuple[str, Ed25519PublicKey]]:
    keys = {}
    try:
        for key in json.loads(path.read_bytes())["keys"]:
            raw = urlsafe_b64decode(key["x"] + "=")
            if key["kid"] != kid_of(key["owner"], raw):
                raise ValueError(f"{key['kid']} does not fit its key")
            keys[key["kid"]] = key["owner"], Ed25519PublicKey.from_public_bytes(raw)
    except (ValueError, KeyError, TypeError) as e:
        raise Unavailable("jwks.json is unreadable") from e
    return keys
