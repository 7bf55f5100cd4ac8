"""Settings of Open311 alone: what its discovery says about whoever runs it."""
from dataclasses import dataclass

from environs import Env
from marshmallow.validate import OneOf


@dataclass(frozen=True)
class Open311Settings:
    """`url`: the base address by which clients reach the gateway; empty: the one by which each of them came."""

    url: str
    contact: str
    keys: str
    type: str


def read() -> Open311Settings:
    return Open311Settings(
        Env().str("MAHALLE_PUBLIC_URL", "").rstrip("/"),
        Env().str("MAHALLE_OPEN311_CONTACT", "دبیرخانهٔ قرارگاه اجتماعی استان"),
        Env().str("MAHALLE_OPEN311_KEYS", "کلید (api_key) را دبیرخانهٔ قرارگاه اجتماعی استان می‌دهد."),
        Env().str("MAHALLE_OPEN311_TYPE", "production", validate=OneOf(["production", "test"])))
