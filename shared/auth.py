"""Who calls and what they may: short-lived JWTs (RFC 7519) signed with Ed25519."""
import time
import uuid
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from . import access
from .config import SERVICES
from .errors import Forbidden, Unauthenticated
from .event import Actor
from .jwks import BadSignature, Keys, Owner
from .signing import Signer

INSTALLATION = "installation"           # the owner whose key may mint every role
SERVICE = "service"
ISSUER = AUDIENCE = "sanu"
LEEWAY_S = 10
LONGEST = 4096                          # characters of a token
REMEMBERED = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """`territory` empty means everywhere; else a command must touch one of its `<kind>:<id>`."""

    subject: str
    role: str
    scopes: frozenset[str]
    territory: frozenset[str] = frozenset()
    keys_of: str = ""
    """Whose idempotency keys these are, where that is not the subject: a device's records stay its own whoever brings them."""

    @property
    def actor(self) -> Actor:
        return Actor(subject=self.subject, role=self.role)

    @property
    def client(self) -> str:
        """Whose idempotency keys these are."""
        return self.keys_of or self.subject

    def must(self, scope: str) -> None:
        """Raises Forbidden without `scope`."""
        if scope not in self.scopes:
            raise Forbidden(f"the token lacks the scope {scope}", rule=scope)

    def within(self, touched: Collection[str]) -> None:
        """Raises Forbidden for what lies outside the territory; the same whether it is somebody else's or does not exist."""
        if self.territory and not self.territory & set(touched):
            raise Forbidden("outside your territory", rule="territory")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verified:
    caller: Caller
    kid: str
    key: Ed25519PublicKey
    owner: Owner
    until: float


# Verifying costs about 100 µs and the same token comes with every request.
_verified: OrderedDict[str, _Verified] = OrderedDict()


def scopes_of(role: str) -> frozenset[str]:
    """Raises Forbidden for a role the table does not know."""
    known = access.table().roles.get(role)
    if known is None:
        raise Forbidden(f"there is no role '{role}'", rule=", ".join(sorted(access.table().roles)))
    return known.scopes


def check_role(role: str, territory: Collection[str]) -> None:
    """Raises Forbidden for an unknown role, and for a territory of a kind that it does not have."""
    scopes_of(role)
    kind = access.table().roles[role].territory
    if kind == "country" and territory:
        raise Forbidden(f"the role {role} has no territory", rule="territory")
    if kind != "country" and not (territory and all(t.startswith(f"{kind}:") for t in territory)):
        raise Forbidden(f"the role {role} needs a territory {kind}:…", rule="territory")


def _check_mint(owner: Owner, subject: str, role: str, territory: Collection[str]) -> None:
    """Raises Forbidden when a key of `owner` may not make this claim."""
    check_role(role, territory)
    if owner.name == INSTALLATION or (owner.external and role != SERVICE):
        return
    own_role = SERVICE if owner.name in SERVICES else owner.role
    if (role, subject, set(territory)) != (own_role, owner.name, set(owner.territory)):
        raise Forbidden("this key may not claim this role, subject or territory")


def issue(signer: Signer, *, subject: str, role: str, scopes: Collection[str] | None = None, territory: Collection[str] = (), seconds: int) -> str:
    """A token good for `seconds`, with the role's scopes or fewer. Raises Forbidden for a claim that `read` would refuse from us."""
    _check_mint(Owner(signer.owner, role if signer.owner not in (*SERVICES, INSTALLATION) else "", frozenset(territory)), subject, role, territory)
    if scopes is not None and not set(scopes) <= scopes_of(role):
        raise Forbidden(f"the role {role} does not have these scopes", rule="scope")
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "role": role, "iat": now, "exp": now + seconds, "jti": str(uuid.uuid4()),
              "scope": " ".join(sorted(scopes_of(role) if scopes is None else scopes))}
    if territory:
        claims["territory"] = sorted(territory)
    return jwt.encode(claims, signer.private, algorithm="EdDSA", headers={"kid": signer.kid})


def read(token: str, keys: Keys) -> Caller:
    """Raises Unauthenticated for a token that is malformed, foreign, expired, not signed by us or claims too much."""
    known = _verified.get(token)
    try:
        if known and time.time() < known.until and (keys.public(known.kid), keys.owner(known.kid)) == (known.key, known.owner):
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
    kid = jwt.get_unverified_header(token).get("kid", "") if token.count(".") == 2 else ""
    key, owner = keys.public(kid), keys.owner(kid)
    claims: dict[str, Any] = jwt.decode(
        token, key, algorithms=["EdDSA"], audience=AUDIENCE, issuer=keys.issuer if owner.external else ISSUER, leeway=LEEWAY_S,
        options={"require": ["iss", "aud", "sub", "role", "iat", "exp"], "strict_aud": True})
    subject, role = _text(claims["sub"]), _text(claims["role"])
    asked = _text(claims["scope"]).split() if "scope" in claims else scopes_of(role)
    territory = frozenset(_text(t) for t in claims.get("territory", ()))
    _check_mint(owner, subject, role, territory)
    caller = Caller(subject=subject, role=role, scopes=scopes_of(role) & set(asked), territory=territory)
    return _Verified(caller=caller, kid=kid, key=key, owner=owner, until=int(claims["exp"]))


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
