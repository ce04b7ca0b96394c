"""Who calls and what they may: short-lived JWTs (RFC 7519) signed with Ed25519."""
import time
import uuid
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .config import SERVICES
from .errors import Forbidden, Unauthenticated
from .event import Actor
from .signing import BadSignature, Keys, Signer

ROLES: dict[str, frozenset[str]] = {
    "service": frozenset({"feed:read"}),
    "officer": frozenset({"command:write", "query:read"}),
    "loader": frozenset({"command:write"}),
}
INSTALLATION = "installation"           # the owner whose key may mint every role
ISSUER = AUDIENCE = "sanu"
LEEWAY_S = 10
LONGEST = 4096                          # characters of a token
REMEMBERED = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    subject: str
    role: str
    scopes: frozenset[str]

    @property
    def actor(self) -> Actor:
        return Actor(subject=self.subject, role=self.role)

    @property
    def client(self) -> str:
        """Whose idempotency keys these are."""
        return self.subject

    def must(self, scope: str) -> None:
        """Raises Forbidden without `scope`."""
        if scope not in self.scopes:
            raise Forbidden(f"the token lacks the scope {scope}", rule=scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verified:
    caller: Caller
    kid: str
    key: Ed25519PublicKey
    until: float


# Verifying costs about 100 µs and the same token comes with every request.
_verified: OrderedDict[str, _Verified] = OrderedDict()


def _check_mint(owner: str, subject: str, role: str, scopes: Collection[str]) -> None:
    """Raises Forbidden when a key of `owner` may not make this claim."""
    if role not in ROLES or not set(scopes) <= ROLES[role]:
        raise Forbidden("the role is unknown or does not have these scopes")
    if owner != INSTALLATION and (owner not in SERVICES or role != "service" or subject != owner):
        raise Forbidden("this key may not claim this role for this subject")


def issue(signer: Signer, *, subject: str, role: str, scopes: Collection[str], seconds: int) -> str:
    """A token good for `seconds`. Raises Forbidden for a claim which `read` would refuse."""
    _check_mint(signer.owner, subject, role, scopes)
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "role": role, "scope": " ".join(sorted(scopes)),
              "iat": now, "exp": now + seconds, "jti": str(uuid.uuid4())}
    return jwt.encode(claims, signer.private, algorithm="EdDSA", headers={"kid": signer.kid})


def read(token: str, keys: Keys) -> Caller:
    """Raises Unauthenticated for a token that is malformed, foreign, expired, not signed by us or claims too much."""
    known = _verified.get(token)
    try:
        if known and time.time() < known.until and keys.public(known.kid) == known.key:
            return known.caller
        fresh = _verify(token, keys)
    except (jwt.PyJWTError, BadSignature, Forbidden, ValueError, TypeError, OverflowError, RecursionError) as e:
        raise Unauthenticated("the token is not valid") from e
    while len(_verified) >= REMEMBERED:
        _verified.popitem(last=False)
    _verified[token] = fresh
    return fresh.caller


def _verify(token: str, keys: Keys) -> _Verified:
    if len(token) > LONGEST:
        raise ValueError("token too long")
    kid = jwt.get_unverified_header(token)["kid"] if token.count(".") == 2 else ""
    key = keys.public(kid)
    claims: dict[str, Any] = jwt.decode(
        token, key, algorithms=["EdDSA"], audience=AUDIENCE, issuer=ISSUER, leeway=LEEWAY_S,
        options={"require": ["iss", "aud", "sub", "role", "scope", "iat", "exp", "jti"], "strict_aud": True})
    subject, role, scope = (_text(claims[name]) for name in ("sub", "role", "scope"))
    scopes = frozenset(scope.split())
    _check_mint(keys.owner(kid), subject, role, scopes)
    return _Verified(caller=Caller(subject=subject, role=role, scopes=scopes), kid=kid, key=key, until=int(claims["exp"]))


def _text(claim: object) -> str:
    if not isinstance(claim, str):
        raise TypeError("a claim is not text")
    return claim


def caller_of(authorization_header: str | None, keys: Keys) -> Caller:
    """The caller named by `Authorization: Bearer …` (RFC 6750). Raises Unauthenticated."""
    scheme, _, token = (authorization_header or "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("a bearer token is required")
    return read(token.strip(), keys)
