"""The front door alone: a real registry and real gateways before it, and tokens as the registry signs them, or nearly so."""
import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import mongoengine
import pytest
from cryptography.hazmat.primitives import serialization as pem
from pymongo import MongoClient

from chassis import database, settings
from chassis.clock import now
from chassis.indexes import make
from chassis.ring import CONTACT_KEYS, Ring
from deploy.local.keys import Keys
from deploy.local.ports import free_ports
from services.registry.accounts import signing
from services.registry.accounts.residents import resident_of
from services.registry.accounts.sessions import Sessions
from tests.api import Answer, Api
from tests.integration.processes import Process, run_of

ME = "/v1/me"


class Front:
    """`api` asks the first gateway, `other` the second. The registry's documents are connected."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.environment = environment
        ports = free_ports(2)
        self.registry = Process(run_of("registry"), environment, int(environment["MAHALLE_REGISTRY_URL"].rpartition(":")[2]),
                                folder / "registry.log")
        self.gateways = [Process(run_of("gateway"), environment, port, folder / f"gateway-{port}.log") for port in ports]
        self.keys = Keys(environment)
        self.api, self.other = (Api(f"http://127.0.0.1:{port}", self.keys) for port in ports)
        self.ring = Ring([environment[CONTACT_KEYS]])

    def me(self, credential: str, api: Api | None = None) -> Answer:
        return (api or self.api).get(ME, Authorization=f"Bearer {credential}")

    def token(self, head: dict[str, Any] | None = None, **claims: Any) -> str:
        """Of a resident, signed by the key that signs now, but for what is given; None leaves a claim out."""
        key = signing.current(self.ring, now())
        named = {"typ": "at+jwt", "kid": key["_id"]} | (head or {})
        return jwt.encode(claims_of(**claims), signing.private(self.ring, key), "ES256", named)

    def session(self) -> dict[str, Any]:
        """Of a resident, as the registry answers who signed in."""
        resident = resident_of(self.ring, f"{uuid4()}@example.org", now())
        return Sessions(self.ring, lambda person, day: ()).begin(f"resident:{resident}", None, now())

    def by_public_key(self) -> str:
        """Signed by HMAC with the public key for a secret, which everybody has."""
        key = signing.current(self.ring, now())
        public = signing.private(self.ring, key).public_key().public_bytes(
            pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)
        return by_hand({"typ": "at+jwt", "alg": "HS256", "kid": key["_id"]}, claims_of(),
                       lambda text: hmac.new(public, text, hashlib.sha256).digest())


def claims_of(**given: Any) -> dict[str, Any]:
    claims = {"iss": "mahalle", "aud": "mahalle", "sub": "resident:4f1d", "sid": secrets.token_hex(8), "role": "resident",
              "place": "4f1d", "iat": time.time(), "exp": int(time.time()) + 300, "jti": secrets.token_hex(8)} | given
    return {name: value for name, value in claims.items() if value is not None}


def by_hand(head: dict[str, Any], claims: dict[str, Any], sign: Any) -> str:
    text = b".".join(part(json.dumps(each).encode()) for each in (head, claims))
    return b".".join((text, part(sign(text)))).decode()


def part(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


@contextmanager
def a_front(servers: Mapping[str, str], folder: Path) -> Iterator[Front]:
    """On a vhost's variables, with a database of its own; both gateways ready."""
    environment = dict(servers) | {"MAHALLE_DATABASE": f"front-{uuid4().hex[:8]}",
                                   "MAHALLE_REGISTRY_URL": f"http://127.0.0.1:{free_ports(1)[0]}"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        database.connect("registry", settings.read("registry"))
        make("registry")
        front = Front(environment, folder)
        try:
            for process in (front.registry, *front.gateways):
                process.start()
            yield front
        finally:
            for process in (front.registry, *front.gateways):
                process.kill()
            mongoengine.disconnect("registry")
            with MongoClient[dict[str, Any]](environment["MONGO_URI"]) as client:
                client.drop_database(f"{environment['MAHALLE_DATABASE']}_registry")
