"""Ed25519 keys: each service signs with its own."""
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .config import Config
from .errors import Unavailable
from .files import created_once, file_name
from .jwks import register


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """The private key of one owner."""

    owner: str
    kid: str
    private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def open(cls, config: Config, owner: str) -> "Signer":
        """Reads `<owner>.pem`, makes it at the first start, and sees to it that the JWKS holds its public half."""
        pem = created_once(config.keys / file_name(owner, ".pem"), new_pem)
        private = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(private, Ed25519PrivateKey):
            raise Unavailable(f"{owner}.pem is not an Ed25519 key")
        return cls(owner=owner, kid=register(config, owner, private.public_key().public_bytes_raw()), private=private)

    def sign(self, data: bytes) -> bytes:
        """64 bytes (RFC 8032)."""
        return self.private.sign(data)


def new_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
