"""A token is believed only when we signed it, for this claim, for now."""
import base64
import hashlib
import hmac
import json
import time
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from shared import access, auth, jwks
from shared.auth import Caller, caller_of, issue, read
from shared.config import Config
from shared.errors import Forbidden, Unauthenticated
from shared.event import Actor
from shared.jwks import Keys
from shared.signing import Signer


@pytest.fixture(autouse=True)
def nothing_remembered():
    auth._verified.clear()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(var=tmp_path / "var")


@pytest.fixture
def installation(config) -> Signer:
    return Signer.open(config, "installation")


@pytest.fixture
def keys(config) -> Keys:
    return Keys(config)


def claims(**other: object) -> dict[str, object]:
    now = int(time.time())
    body = {"iss": "sanu", "aud": "sanu", "sub": "awa", "role": "secretariat", "scope": "membership:write",
            "iat": now, "exp": now + 60, "jti": "1", **other}
    return {name: value for name, value in body.items() if value is not None}


def forged(signer: Signer, **other: object) -> str:
    return jwt.encode(claims(**other), signer.private, algorithm="EdDSA", headers={"kid": signer.kid})


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def refused(token: str, keys: Keys) -> None:
    with pytest.raises(Unauthenticated):
        read(token, keys)


def test_an_issued_token_names_its_caller(installation, keys):
    token = issue(installation, subject="awa", role="secretariat", scopes=["figures:read", "membership:write"], seconds=60)
    caller = read(token, keys)
    assert caller == Caller(subject="awa", role="secretariat", scopes=frozenset({"membership:write", "figures:read"}))
    assert caller.actor == Actor(subject="awa", role="secretariat")
    assert caller.client == "awa"


def test_the_header_names_the_key_and_the_claims_are_complete(installation):
    token = issue(installation, subject="awa", role="loader", scopes=["membership:write"], seconds=60)
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "kid": installation.kid, "typ": "JWT"}
    body = jwt.decode(token, options={"verify_signature": False})
    assert body.pop("exp") - body.pop("iat") == 60 and body.pop("jti")
    assert body == {"iss": "sanu", "aud": "sanu", "sub": "awa", "role": "loader", "scope": "membership:write"}


def test_a_service_reads_feeds_and_nothing_else(config, keys):
    token = issue(Signer.open(config, "training"), subject="training", role="service", scopes=["feed:read"], seconds=60)
    caller = read(token, keys)
    caller.must("feed:read")
    with pytest.raises(Forbidden):
        caller.must("membership:write")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_authorization_header_carries_the_token(installation, keys, scheme):
    token = issue(installation, subject="awa", role="loader", scopes=["membership:write"], seconds=60)
    assert caller_of(f"{scheme} {token}", keys).subject == "awa"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c", "Bearer \udc80", "Bearer é.é.é"])
def test_a_header_without_a_good_token_is_refused(keys, header):
    with pytest.raises(Unauthenticated):
        caller_of(header, keys)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE"])
def test_an_unsigned_token_is_refused(installation, keys, algorithm):
    header = json.dumps({"alg": algorithm, "kid": installation.kid, "typ": "JWT"}).encode()
    refused(f"{encoded(header)}.{encoded(json.dumps(claims()).encode())}.", keys)


def test_the_public_key_taken_for_an_hmac_secret_is_refused(installation, keys):
    public = installation.private.public_key()
    header = json.dumps({"alg": "HS256", "kid": installation.kid, "typ": "JWT"}).encode()
    signed = f"{encoded(header)}.{encoded(json.dumps(claims()).encode())}"
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for secret in (pem, public.public_bytes_raw()):
        refused(f"{signed}.{encoded(hmac.digest(secret, signed.encode(), hashlib.sha256))}", keys)


@pytest.mark.parametrize("other", [
    {"aud": "other"}, {"aud": ["sanu", "other"]}, {"aud": None}, {"iss": "other"}, {"iss": None},
    {"exp": None}, {"exp": float("inf")}, {"exp": []}, {"exp": "soon"}, {"iat": None},
    {"sub": None}, {"sub": 7}, {"role": None}, {"role": "king"}, {"role": ["secretariat"]},
    {"scope": ["membership:write"]}], ids=str)
def test_a_token_with_a_wrong_claim_is_refused(installation, keys, other):
    refused(forged(installation, **other), keys)


def test_an_expired_token_is_refused_after_ten_seconds_of_leeway(installation, keys):
    now = int(time.time())
    read(forged(installation, iat=now - 60, exp=now - 5), keys)
    refused(forged(installation, iat=now - 60, exp=now - 11), keys)


def test_a_token_from_the_future_is_refused(installation, keys):
    refused(forged(installation, iat=int(time.time()) + 60, exp=int(time.time()) + 120), keys)


def test_a_tampered_token_is_refused(installation, keys):
    header, _, signature = forged(installation).split(".")
    refused(f"{header}.{encoded(json.dumps(claims(sub='ali')).encode())}.{signature}", keys)


def test_the_key_of_another_installation_is_refused(tmp_path, keys):
    refused(forged(Signer.open(Config(var=tmp_path / "other"), "installation")), keys)


@pytest.mark.parametrize("kid", [None, "", "installation:0", 7, ["installation"]], ids=str)
def test_a_token_with_an_unknown_key_is_refused(installation, keys, kid):
    header = json.dumps({"alg": "EdDSA", "typ": "JWT", "kid": kid}).encode()
    signed = f"{encoded(header)}.{encoded(json.dumps(claims()).encode())}"
    refused(f"{signed}.{encoded(installation.sign(signed.encode()))}", keys)


@pytest.mark.parametrize("other", [
    {"role": "secretariat", "sub": "training"}, {"role": "loader", "sub": "training"},
    {"role": "service", "sub": "gold_trade", "scope": "feed:read"}], ids=str)
def test_a_service_cannot_mint_another_role_subject_or_scope(config, keys, other):
    refused(forged(Signer.open(config, "training"), **other), keys)


def test_the_key_of_a_client_mints_nothing(config, keys):
    refused(forged(Signer.open(config, "bank"), role="service", sub="bank", scope="feed:read"), keys)


def test_a_claim_that_would_be_refused_is_not_issued(config):
    with pytest.raises(Forbidden):
        issue(Signer.open(config, "training"), subject="training", role="secretariat", scopes=["membership:write"], seconds=60)


def test_the_installation_may_mint_every_role(installation, keys):
    for name, role in access.table().roles.items():
        territory = [] if role.territory == "country" else [f"{role.territory}:x"]
        caller = read(issue(installation, subject="x", role=name, territory=territory, seconds=60), keys)
        assert caller == Caller(subject="x", role=name, scopes=role.scopes, territory=frozenset(territory))


def test_a_token_without_scopes_has_those_of_its_role(installation, keys):
    assert read(forged(installation, scope=None), keys).scopes == access.table().roles["secretariat"].scopes


def test_a_token_never_has_more_scopes_than_its_role(installation, keys):
    assert read(forged(installation, scope="feed:read figures:read"), keys).scopes == {"figures:read"}


@pytest.mark.parametrize("role, territory", [("district-officer", []), ("district-officer", ["organisation:x"]), ("secretariat", ["district:x"]),
                                             ("society-officer", ["district:x"]), ("refinery", []), ("refinery", ["organisation:x"])])
def test_a_territory_must_be_of_the_kind_the_role_has(installation, keys, role, territory):
    refused(forged(installation, role=role, territory=territory), keys)
    with pytest.raises(Forbidden):
        issue(installation, subject="x", role=role, territory=territory, seconds=60)


def test_a_registered_client_may_claim_its_own_role_and_no_other(config, keys):
    signer = Signer.open(config, "marena-gold")
    own = ["actor:marena-gold"]
    refused(forged(signer, sub="marena-gold", role="refinery", scope=None, territory=own), keys)
    jwks.remove(config, "marena-gold")
    jwks.register(config, "marena-gold", signer.private.public_key().public_bytes_raw(), "refinery", own)
    time.sleep(1.05)                                    # the key file is looked at once a second
    claimed: dict[str, object] = {"sub": "marena-gold", "role": "refinery", "scope": None, "territory": own}
    assert read(forged(signer, **claimed), keys).territory == set(own)
    for other in ({"role": "auditor", "territory": []}, {"sub": "somebody"}, {"territory": ["actor:comptoir"]}, {"territory": [*own, "actor:comptoir"]},
                  {"territory": []}):
        refused(forged(signer, **{**claimed, **other}), keys)


def test_a_revoked_client_is_refused_though_its_token_was_remembered(config):
    signer = Signer.open(config, "chamber")
    jwks.remove(config, "chamber")
    jwks.register(config, "chamber", signer.private.public_key().public_bytes_raw(), "chamber")
    now = [0.0]
    keys = Keys(config, clock=lambda: now[0])
    token = forged(signer, sub="chamber", role="chamber", scope=None)
    read(token, keys)
    jwks.remove(config, "chamber")
    now[0] += 1.5
    refused(token, keys)


def test_a_token_remembered_for_a_territory_dies_with_it_though_the_key_comes_back(config):
    signer, now = Signer.open(config, "refinery"), [0.0]
    raw = signer.private.public_key().public_bytes_raw()

    def registered(actor: str) -> None:
        jwks.remove(config, "refinery")
        jwks.register(config, "refinery", raw, "refinery", [actor])
        now[0] += 1.5

    keys = Keys(config, clock=lambda: now[0])
    registered("actor:one")
    token = forged(signer, sub="refinery", role="refinery", territory=["actor:one"], scope=None)
    assert read(token, keys).territory == {"actor:one"}
    registered("actor:two")
    refused(token, keys)


@pytest.mark.parametrize("header", [{}, {"alg": "EdDSA"}, {"alg": "none"}, {"alg": "EdDSA", "kid": 7}, {"alg": "EdDSA", "kid": None}])
def test_a_token_that_names_no_key_is_refused(keys, header):
    refused(f"{encoded(json.dumps(header).encode())}.e30.AA", keys)


def test_a_key_of_the_provider_may_claim_any_role_but_a_service_s(config, tmp_path):
    other = Config(var=tmp_path / "provider")
    provider = Signer.open(other, "provider")
    keys = Keys(replace(config, jwks=str(other.keys / "jwks.json"), issuer="https://idp.example"))
    assert read(forged(provider, iss="https://idp.example"), keys).subject == "awa"
    refused(forged(provider), keys)
    refused(forged(provider, iss="https://idp.example", role="service", sub="training", scope=None), keys)


@pytest.mark.parametrize("other", [
    "a", 7, {}, {"kty": "RSA"}, {"kty": "OKP", "crv": "Ed25519", "x": "AA"}, {"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": "AA"}])
def test_a_key_of_the_provider_that_is_of_no_use_takes_nothing_from_the_others(config, tmp_path, other):
    provider = Signer.open(Config(var=tmp_path / "provider"), "provider")
    path = tmp_path / "provider" / "keys" / "jwks.json"
    path.write_text(json.dumps({"keys": [other, *json.loads(path.read_text())["keys"], other]}))
    assert read(forged(provider, iss="https://idp.example"), Keys(replace(config, jwks=str(path), issuer="https://idp.example"))).subject == "awa"


@pytest.mark.parametrize("content", ["", "[" * 100_000, '["keys"]', '{"keys": 7}', "{}"])
def test_what_the_provider_says_wrong_takes_nothing_from_the_installation(config, tmp_path, installation, content):
    (tmp_path / "provider.json").write_text(content)
    assert read(forged(installation), Keys(replace(config, jwks=str(tmp_path / "provider.json"), issuer="https://idp.example"))).subject == "awa"


@pytest.mark.parametrize("token", ["." * 5000, "[" * 4000, encoded(b"[" * 2900) + "..", "a" * 10_000])
def test_a_monstrous_token_is_refused(keys, token):
    refused(token, keys)


def test_a_verified_token_is_not_verified_again(installation, keys, monkeypatch):
    token = forged(installation)
    first = read(token, keys)
    monkeypatch.setattr(auth, "_verify", lambda *_: pytest.fail("verified again"))
    assert read(token, keys) is first


def test_a_remembered_token_expires(installation, keys, monkeypatch):
    token = forged(installation)
    read(token, keys)
    auth._verified[token] = replace(auth._verified[token], until=time.time() - 1)
    monkeypatch.setattr(auth.jwt, "decode", Mock(side_effect=jwt.ExpiredSignatureError))
    refused(token, keys)


def test_a_remembered_token_dies_with_its_key(config, installation):
    keys, later = Keys(config, lambda: 0.0), Keys(config)
    token = forged(installation)
    read(token, keys)
    (config.keys / "jwks.json").write_text('{"keys": []}')
    refused(token, later)


def test_the_memory_is_bounded(installation, keys, monkeypatch):
    monkeypatch.setattr(auth, "REMEMBERED", 3)
    tokens = [forged(installation, jti=str(n)) for n in range(5)]
    for token in tokens:
        read(token, keys)
    assert list(auth._verified) == tokens[2:]
