"""New signing keys in place of old ones, in two steps, so that what is on its way can still be verified."""
import time
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from installation.clients import registered
from shared import auth, jwks
from shared.config import SERVICES, Config
from shared.errors import BadRequest, NotFound
from shared.files import file_name
from shared.signing import Signer


def rotate(config: Config, owner: str) -> str:
    """The kid of the new key. The old private key is kept aside under its date, for nobody to use."""
    pem = _of(config, owner)
    pem.rename(pem.with_name(f"{owner}.{time.strftime('%Y%m%d%H%M%S', time.gmtime())}.old"))
    return Signer.open(config, owner).kid


def retire(config: Config, owner: str) -> int:
    """How many older public keys were taken back; every process knows within a second."""
    private = serialization.load_pem_private_key(_of(config, owner).read_bytes(), password=None)
    kid = jwks.kid_of(owner, private.public_key().public_bytes_raw())  # type: ignore[union-attr]
    for old in config.keys.glob(f"{owner}.*.old"):
        old.unlink()
    return jwks.remove(config, owner, keep=kid)


def _of(config: Config, owner: str) -> Path:
    registered(config)
    if owner not in (*SERVICES, auth.INSTALLATION):
        raise BadRequest(f"'{owner}' is no owner of a key here; partners: ./sanu clients rotate", field="owner")
    pem = config.var / "keys" / file_name(owner, ".pem")
    if not pem.exists():
        raise NotFound(f"{pem} is missing: the first start makes it")
    return pem
