"""Settings of the gateway alone."""
from dataclasses import dataclass

from environs import Env, EnvError
from marshmallow.validate import Range

from chassis.settings import service_url, stop_with
from gateway.limits import Rates, read_rates


@dataclass(frozen=True)
class GatewaySettings:
    """`urls` are the services' base addresses by name; `url` is our own as clients reach it, or empty. `origins`: whose
    pages may read answers, `*` for all. `proxies`: how many stand in front of us and say whose request it is."""

    urls: dict[str, str]
    url: str
    origins: frozenset[str]
    proxies: int
    rates: Rates


def read() -> GatewaySettings:
    """Exits 2 with one line where one is wrong."""
    env = Env()
    try:
        return GatewaySettings(
            {name: service_url(name) for name in ("registry", "issues", "booklet", "notifications")},
            env.str("MAHALLE_PUBLIC_URL", "").rstrip("/"),
            frozenset(filter(None, map(str.strip, env.str("MAHALLE_CORS_ORIGINS", "").split(",")))),
            env.int("MAHALLE_TRUSTED_PROXIES", 0, validate=Range(min=0, max=10)),
            read_rates(env.str("MAHALLE_RATE", "")))
    except (EnvError, ValueError) as error:
        stop_with(f"setting: {str(error).rstrip('.')}. See docs/settings.md.")
