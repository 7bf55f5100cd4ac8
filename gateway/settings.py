"""Settings of the gateway alone."""
from dataclasses import dataclass

from chassis.settings import required, service_url


@dataclass(frozen=True)
class GatewaySettings:
    """`key_secret` makes and checks API keys; `urls` are the services' base addresses by name."""

    key_secret: str
    urls: dict[str, str]


def read() -> GatewaySettings:
    return GatewaySettings(required("MAHALLE_KEY_SECRET"),
                           {name: service_url(name) for name in ("registry", "issues", "booklet", "notifications")})
