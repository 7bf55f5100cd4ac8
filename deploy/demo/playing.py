"""Each issue's story: filed in its time, routed or given by hand, answered by its agency, and by the resident."""
import asyncio
import time
from collections.abc import Iterable
from typing import Any

from deploy.demo.book import Book, Case
from deploy.demo.calling import PATIENCE, Api, NoAnswer, Refusal
from deploy.demo.desks import Desks
from deploy.demo.scripts import Script, Source

Json = dict[str, Any]
RESIDENT, SECRETARY = ("resident", "demo"), ("secretary", "")
SECONDS_TO_LEARN = 30.0  # in which a platform that was just started may not know its province yet
UNKNOWN = ("unknown_category", "unknown_neighbourhood", "unknown_agency")


class ByHand:
    """To whom the secretary gives what no rule routes: the municipality of the place, else its nearest agency."""

    def __init__(self, neighbourhoods: Iterable[Json], agencies: Iterable[Json]) -> None:
        self._paths = {place["code"]: place["path"] for place in neighbourhoods}
        self._agencies = sorted(agencies, key=lambda each: (not each["name_en"].startswith("Municipality"), each["code"]))

    def agency(self, neighbourhood: str) -> str:
        for place in reversed(self._paths[neighbourhood]):
            for agency in self._agencies:
                if agency["territory"] == place:
                    return str(agency["code"])
        return str(self._agencies[0]["code"])


class Playing:
    """Plays a source's scripts side by side. What cannot be played is a sentence in the book's troubles."""

    def __init__(self, api: Api, book: Book, desks: Desks, by_hand: ByHand, source: Source) -> None:
        self._api, self._book, self._desks, self._by_hand, self._source = api, book, desks, by_hand, source
        self.ended = 0

    async def all(self) -> None:
        self._began = time.monotonic()
        await asyncio.gather(*(self._safely(script) for script in self._source.scripts))

    async def _safely(self, script: Script) -> None:
        try:
            await self.play(script)
        except (Refusal, NoAnswer) as error:
            self._book.troubles.append(f"issue {script.number}: {error}")
        self.ended += 1

    async def play(self, script: Script) -> None:
        await asyncio.sleep(self._began + script.at - time.monotonic())
        case = await self._file(script)
        if not case.receipt["agency"]:
            await self._assign(case)
        task = await self._offered(case)
        for action in script.steps:
            if action == script.steps[-1]:
                await asyncio.sleep(script.takes)
            said = {"refuse": {"reason": script.words}, "finish": {"text": script.words}}.get(action, {})
            await self._desks.answer(case, case.offers[task].agency, task, action, said)
        await self._resident(case, script, task)

    async def _file(self, script: Script) -> Case:
        """Its text says that it is no real issue, which run it belongs to, and which script."""
        marker = f"{self._book.marker}-{script.number}"
        body = {"category": script.category, "neighbourhood": script.neighbourhood, "title": script.title,
                "text": f"{script.text}\n({self._source.label}، {marker})",
                "contact": {"name": "ساکن نمونه", "email": f"{marker}@example.org"}}
        sent = time.monotonic()
        return self._book.filed(script, sent, await self._once_known("/v1/issues", body, marker, RESIDENT))

    async def _assign(self, case: Case) -> None:
        agency = self._by_hand.agency(case.receipt["neighbourhood"])
        body = {"agency": agency, "reason": "هیچ قاعده‌ای این دسته را ارجاع نمی‌دهد."}
        await self._once_known(f"/v1/issues/{case.id}/assign", body, f"{self._book.marker}-{case.number}-assign", SECRETARY)
        case.by_hand = agency

    async def _once_known(self, path: str, body: Json, key: str, by: tuple[str, str]) -> Json:
        while True:
            try:
                return await self._api.post(path, body, key, by)
            except Refusal as refusal:
                if refusal.code not in UNKNOWN or time.monotonic() > self._began + SECONDS_TO_LEARN:
                    raise
            await asyncio.sleep(1)

    async def _offered(self, case: Case) -> str:
        """The task that reached an agency first."""
        try:
            await asyncio.wait_for(case.offered.wait(), PATIENCE)
        except TimeoutError:
            raise NoAnswer(f"it reached no agency within {PATIENCE:.0f} s; {' '.join(self._desks.refused)}") from None
        return next(iter(case.offers))

    async def _resident(self, case: Case, script: Script, task: str) -> None:
        """With the secret of the receipt, and no key besides."""
        if not script.resident:
            return
        path, key = f"/v1/issues/{case.id}", f"{self._book.marker}-{case.number}-resident"
        secret = case.receipt["secret"]
        if script.resident == "confirm":
            await self._api.post(f"{path}/confirm", {"satisfaction": script.satisfaction}, key, RESIDENT, secret)
            case.did("confirm")
        else:
            await self._api.post(f"{path}/not-fixed", {"reason": script.reason}, key, RESIDENT, secret)
            case.did("redo", task)
