"""What the platform shows of what was played, asked as anybody would ask: over its API, by a program with a key, because a
program may ask oftener than somebody whom nobody knows."""
from collections.abc import Callable
from functools import partial
from typing import Any

from deploy.demo.book import Book
from deploy.demo.calling import Api, Refusal, together
from deploy.demo.playing import RESIDENT, SECRETARY

Json = dict[str, Any]
Numbers = dict[str, dict[str, Json]]  # by `neighbourhood` or `agency`: the published line of each code
KINDS = ("neighbourhood", "agency")


class Looking:
    """`agencies` are the codes whose lists are read."""

    def __init__(self, api: Api, book: Book, agencies: list[str]) -> None:
        self._api, self._book, self._agencies = api, book, agencies

    async def issues(self) -> dict[str, Json | None]:
        """Every issue filed, by id, as its filer finds it with tracking code and secret; None: not found."""
        cases = self._book.played
        found = await together([partial(self._issue, case.receipt) for case in cases])
        return {case.id: issue for case, issue in zip(cases, found, strict=True)}

    async def _issue(self, receipt: Json) -> Json | None:
        try:
            return await self._api.get(f"/v1/issues/{receipt['tracking_code']}", RESIDENT, receipt["secret"])
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            return None

    async def listed(self) -> list[Json]:
        """The secretary's list from the newest back to where we began, whoever filed them."""
        return await self._back_to_the_beginning("/v1/issues", SECRETARY, lambda issue: str(issue["filed_at"]))

    async def searched(self) -> list[Json]:
        """What anybody finds with the marker of this run."""
        return await self._api.all(f"/v1/issues?q={self._book.marker}", RESIDENT)

    async def tasks(self) -> dict[str, list[Json]]:
        """Each agency's list, since we began."""
        found = await together([partial(self._back_to_the_beginning, f"/v1/agencies/{code}/tasks", ("agency", code),
                                        lambda task: str(task["offered_at"])) for code in self._agencies])
        return dict(zip(self._agencies, found, strict=True))

    async def letters(self) -> dict[str, list[Json]]:
        """What people were told of each issue, by its id."""
        ids = [case.id for case in self._book.played]
        found = await together([partial(self._api.get, f"/v1/issues/{issue}/deliveries", SECRETARY) for issue in ids])
        return {issue: each["items"] for issue, each in zip(ids, found, strict=True)}

    async def numbers(self) -> Numbers:
        found = {by: await self._api.get(f"/v1/statistics?by={by}", SECRETARY) for by in KINDS}
        return {by: {line["code"]: line for line in found[by]["items"]} for by in KINDS}

    async def _back_to_the_beginning(self, path: str, by: tuple[str, str], at: Callable[[Json], str]) -> list[Json]:
        """Lists are ordered by filing. What came later about an older issue only makes the walk longer."""
        items: list[Json] = []
        async for page in self._api.pages(path, by):
            items += page
            if page and at(page[-1]) < self._book.began:
                break
        return [item for item in items if at(item) >= self._book.began]
