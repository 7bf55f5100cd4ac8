"""Agencies' programs: those with a queue take and answer over AMQP under their own user, the others look at their list
and answer over HTTP with their own key."""
import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from mahalle_agency import AgencyClient, AnswerNotSent, Message, Refused

from chassis.settings import Broker
from chassis.topology import agency_user
from deploy.demo.book import Book, Case
from deploy.demo.calling import PATIENCE, Api, NoAnswer, Refusal

LOOK = 2.0  # seconds between an agency's looks at its list
TRY = 5.0  # seconds for which the client tries to send an answer before we count and try again
ANSWERING = 8  # answers on their way to the broker at once
PAUSE = 1.0  # seconds


class QueueDesk:
    """One agency's program. `heard` gets its code, each message and the moment, in the event loop's thread."""

    def __init__(self, code: str, broker: Broker, heard: Callable[[str, Message, float], None],
                 pool: ThreadPoolExecutor) -> None:
        self.code, self._heard, self._pool = code, heard, pool
        self.trouble: Counter[str] = Counter()
        self.refused = ""  # what the broker said last when it did not let the agency in
        address = f"amqp://{broker.host}:{broker.port}/{broker.vhost}"
        self._client = AgencyClient(address, code, broker.password_of(agency_user(code)), patience=TRY)
        self._loop = asyncio.get_running_loop()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"desk {code}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        """A refusal is no end: a new agency's queue, or one whose broker has just come back, may take a moment."""
        while not self._ending.is_set():
            try:
                self._client.run(self._take)
            except Refused as error:
                self.refused = str(error)
                self._ending.wait(PAUSE)

    def _take(self, message: Message) -> None:
        self.refused = ""
        self._loop.call_soon_threadsafe(self._heard, self.code, message, time.monotonic())

    async def answer(self, case: Case, task: str, action: str, answer_id: str, said: dict[str, str]) -> None:
        """Returns when the platform says that it was carried out. Raises Refusal, NoAnswer."""
        outcome = case.outcome(answer_id)
        await self._send(task, action, answer_id, said)
        try:
            told = await asyncio.wait_for(outcome, PATIENCE)
        except TimeoutError:
            raise NoAnswer(f"{self.code} was not told what became of its {action} within {PATIENCE:.0f} s") from None
        if told.kind == "refused":
            raise Refusal(f"{action} by {self.code}", 409, told.code or "", told.reason_en or "")

    async def _send(self, task: str, action: str, answer_id: str, said: dict[str, str]) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                await self._loop.run_in_executor(
                    self._pool, lambda: self._client.answer(task, action, answer_id=answer_id, **said))
                return
            except (AnswerNotSent, Refused) as error:
                self.trouble["answer not confirmed"] += 1
                if time.monotonic() > end:
                    raise NoAnswer(f"{self.code} could not send its {action}: {error}") from error
                await asyncio.sleep(PAUSE)

    def stop(self) -> None:
        self._ending.set()
        self._client.stop()

    def join(self) -> None:
        """Returns when everything that was taken is settled."""
        while self._thread.is_alive():
            self._client.stop()
            self._thread.join(0.2)
        self._client.close()


class Desks:
    """Every agency of the register; `channels` says how each takes its tasks."""

    def __init__(self, api: Api, broker: Broker, book: Book, channels: dict[str, str]) -> None:
        self._api, self._book = api, book
        self._pool = ThreadPoolExecutor(ANSWERING, "answering")
        self.queues = {code: QueueDesk(code, broker, book.heard, self._pool)
                       for code, channel in channels.items() if channel == "queue"}
        self._watching = [asyncio.create_task(self._watch(code)) for code in channels if code not in self.queues]

    async def answer(self, case: Case, agency: str, task: str, action: str, said: dict[str, str]) -> None:
        """The agency's answer, carried out once. Raises Refusal, NoAnswer."""
        key = f"{self._book.marker}-{case.number}-{action}"
        if agency in self.queues:
            await self.queues[agency].answer(case, task, action, key, said)
        else:
            await self._api.post(f"/v1/agencies/{agency}/tasks/{task}/{action}", said, key, ("agency", agency))
        case.did(action, task)

    async def _watch(self, code: str) -> None:
        while True:
            try:
                await self._look(code)
            except (NoAnswer, Refusal):
                self._api.trouble["a list not read"] += 1
            await asyncio.sleep(LOOK)

    async def _look(self, code: str) -> None:
        """What it has been offered since we began."""
        began = self._book.began
        if not began:
            return
        async for items in self._api.pages(f"/v1/agencies/{code}/tasks?state=offered", ("agency", code)):
            for task in items:
                self._book.listed(code, task, time.monotonic())
            if items and items[-1]["offered_at"] < began:
                return

    @property
    def trouble(self) -> Counter[str]:
        return sum((desk.trouble for desk in self.queues.values()), Counter())

    @property
    def refused(self) -> list[str]:
        return [desk.refused for desk in self.queues.values() if desk.refused]

    async def close(self) -> None:
        """Messages in hand are settled, or come again to whoever reads the queue next."""
        for task in self._watching:
            task.cancel()
        for desk in self.queues.values():
            desk.stop()
        await asyncio.gather(*(asyncio.to_thread(desk.join) for desk in self.queues.values()))
        self._pool.shutdown(cancel_futures=True)
