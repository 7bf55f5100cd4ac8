"""The platform's API, asked until it answers: what was not answered is asked again under the same Idempotency-Key."""
import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import urllib3

Json = dict[str, Any]
CONNECT, READ = 2.0, 15.0  # seconds
PATIENCE = 120.0  # seconds for which one request is tried; a platform that is restarted is back long before
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # seconds between tries
AT_ONCE = 16  # requests
PAGE = 200


class Refusal(Exception):
    """The platform said no (4xx), with its stable code."""

    def __init__(self, path: str, status: int, code: str, detail: str) -> None:
        super().__init__(f"{path} was answered {status} {code}: {detail}")
        self.status, self.code = status, code


class NoAnswer(Exception):
    """Nothing but silence or 5xx for PATIENCE seconds."""


@dataclass(frozen=True)
class Later:
    """Why it must be asked again, in a word, and after how many seconds at least."""

    why: str
    pause: float = 0.0


class Api:
    """Calls one platform, with the keys of `key_of(role, subject)`. `trouble` counts what had to be asked again: `503`,
    `no connection` and so on."""

    def __init__(self, address: str, key_of: Callable[[str, str], str]) -> None:
        self.address, self._key_of = address, key_of
        self.trouble: Counter[str] = Counter()
        self._pool = urllib3.PoolManager(maxsize=AT_ONCE, timeout=urllib3.Timeout(connect=CONNECT, read=READ), retries=False)

    async def get(self, path: str, by: tuple[str, str] | None = None, secret: str = "") -> Json:
        """`by` is the caller's role and subject. Raises Refusal, NoAnswer."""
        return await self._insist("GET", path, self._headers(by, secret), None)

    async def post(self, path: str, body: Json, key: str, by: tuple[str, str] | None = None, secret: str = "") -> Json:
        """As `get`; under one `key` it is carried out once, however often it is tried."""
        return await self._insist("POST", path, self._headers(by, secret) | {"Idempotency-Key": key}, json.dumps(body))

    async def pages(self, path: str, by: tuple[str, str] | None = None) -> AsyncIterator[list[Json]]:
        """A list page by page."""
        cursor = ""
        while True:
            page = await self.get(f"{path}{'&' if '?' in path else '?'}limit={PAGE}{cursor}", by)
            yield page["items"]
            if not page["next_cursor"]:
                return
            cursor = f"&cursor={page['next_cursor']}"

    async def all(self, path: str, by: tuple[str, str] | None = None) -> list[Json]:
        return [item async for items in self.pages(path, by) for item in items]

    def _headers(self, by: tuple[str, str] | None, secret: str) -> dict[str, str]:
        known = {"Authorization": f"Bearer {self._key_of(*by)}"} if by else {}
        return {"Content-Type": "application/json", "Accept-Language": "en"} | known | (
            {"Issue-Secret": secret} if secret else {})

    async def _insist(self, method: str, path: str, headers: dict[str, str], body: str | None) -> Json:
        end, pause = time.monotonic() + PATIENCE, FIRST_PAUSE
        while True:
            answer = await asyncio.to_thread(self._once, method, path, headers, body)
            if not isinstance(answer, Later):
                return answer
            self.trouble[answer.why] += 1
            if time.monotonic() > end:
                raise NoAnswer(f"{path} was not answered for {PATIENCE:.0f} s (last: {answer.why})")
            await asyncio.sleep(max(pause, min(answer.pause, LONGEST_PAUSE)))
            pause = min(pause * 2, LONGEST_PAUSE)

    def _once(self, method: str, path: str, headers: dict[str, str], body: str | None) -> Json | Later:
        """One try. Raises Refusal."""
        try:
            answer = self._pool.request(method, self.address + path, headers=headers, body=body)
        except urllib3.exceptions.NewConnectionError:
            return Later("no connection")
        except urllib3.exceptions.TimeoutError:
            return Later("no answer in time")
        except (urllib3.exceptions.HTTPError, OSError):
            return Later("connection lost")
        if answer.status >= 500 or answer.status == 429:
            return Later(str(answer.status), float(answer.headers.get("Retry-After") or 0))
        found = parsed(answer.data)
        if answer.status >= 400 or found is None:
            told = found or {"code": "no_json", "detail": "what came is no JSON"}
            raise Refusal(path, answer.status, str(told.get("code")), str(told.get("detail")))
        return found


def parsed(body: bytes) -> Json | None:
    """None for what is no JSON object, as from another program on the platform's port."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


async def together(calls: list[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """The answers in order, AT_ONCE calls under way at a time."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(call: Callable[[], Awaitable[Any]]) -> Any:
        async with room:
            return await call()

    return list(await asyncio.gather(*(one(call) for call in calls)))
