"""Text messages over the REST API of Kavenegar, or of whoever answers as it does. One-time codes go out by it.

With a template of the provider's (`verify/lookup`) a code also reaches telephones that refuse advertising; without one the
text goes as it is (`sms/send`). What the provider answers about the number itself is for good; whatever concerns the way
there or our own account comes again. The key is part of the address, which is therefore never written down.
"""
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
import urllib3

from services.notifications.channels import Later, Message, Never

CONNECT, READ = 3.0, 8.0  # seconds
FOR_GOOD = (411, 412, 413, 422, 431)  # the receptor, the sender, the text, its letters, the code: none of them gets better
ADDRESS = "https://api.kavenegar.com"


@dataclass(frozen=True)
class SmsProvider:
    """Where, with which key; `template` of the provider's, and the `sender` line; either may be empty."""

    address: str
    key: str
    template: str
    sender: str


class Sms:
    name = "sms"
    needs_address = True
    at_once = 1

    def __init__(self, provider: SmsProvider) -> None:
        self._provider = provider
        self._pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=CONNECT, read=READ))

    def send(self, message: Message) -> None:
        method, given = self._asked(message)
        url = f"{self._provider.address}/v1/{quote(self._provider.key, safe='')}/{method}.json"
        try:
            answer = self._pool.request("POST", url, fields=given, encode_multipart=False, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise Later(type(error).__name__) from error
        status = status_of(answer.data)
        if answer.status == 200 and status == 200:
            return
        kind = Never if status in FOR_GOOD else Later
        raise kind(f"sms {answer.status} {status}")

    def _asked(self, message: Message) -> tuple[str, dict[str, str]]:
        if self._provider.template and message.code:
            return "verify/lookup", {"receptor": str(message.address), "token": message.code,
                                     "template": self._provider.template}
        sender = {"sender": self._provider.sender} if self._provider.sender else {}
        return "sms/send", {"receptor": str(message.address), "message": message.body, **sender}

    def close(self) -> None:
        self._pool.clear()


def status_of(body: bytes) -> int:
    """What the provider says became of it; 0 where somebody else answered."""
    try:
        found: Any = orjson.loads(body)["return"]["status"]
        return int(found)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return 0
