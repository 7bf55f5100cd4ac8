"""Lists read through the services' cursors, so far that an answer is full, and the link to what follows."""
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from contracts.errors import Malformed
from gateway.open311.params import Params

MOST = 1000  # rows of one answer, as the standard has it; also how far pages reach
PAGE_SIZE, LARGEST_PAGE = 50, 200
CALLS = 20  # of one answer: where much is looked through and little found, the rest is left to the next
Ask = Callable[[dict[str, str]], dict[str, Any]]
Found = tuple[list[dict[str, Any]], str | None]  # rows, and the cursor of what follows


def page(ask: Ask, query: dict[str, str], params: Params) -> Found:
    """The rows of `page` and `page_size`, else the first MOST, or those after a `cursor` of a link. Raises Malformed."""
    size = params.number("page_size", 0, LARGEST_PAGE)
    number = params.number("page", 0, MOST)
    if not size and not number:
        return read(ask, query, params.one("cursor"), MOST)
    skipped = (max(number, 1) - 1) * (size or PAGE_SIZE)
    if skipped + (size or PAGE_SIZE) > MOST:
        raise Malformed("too_far", f"page تا {MOST} سطر می‌رسد؛ بازهٔ زمانی را کوتاه کنید یا پیوند Link را دنبال کنید.",
                        f"page reaches {MOST} rows; narrow the dates, or follow the Link.")
    found, cursor = read(ask, query, params.one("cursor"), skipped + (size or PAGE_SIZE))
    return found[skipped:], cursor


def read(ask: Ask, query: dict[str, str], cursor: str | None, most: int) -> Found:
    """Up to `most` rows; a list may answer with fewer than it was asked for, while more follows."""
    found: list[dict[str, Any]] = []
    for _ in range(CALLS):
        limit = {"limit": str(min(most - len(found), LARGEST_PAGE))}
        answer = ask(query | limit | ({"cursor": cursor} if cursor else {}))
        found += answer["items"]
        cursor = answer["next_cursor"]
        if not cursor or len(found) >= most:
            break
    return found, cursor


def link(path: str, params: Params, cursor: str | None, **resolved: str) -> dict[str, str]:
    """The header that leads to what follows. `resolved`: what was reckoned from now and must stay as it was."""
    if not cursor:
        return {}
    again = {name: value for name, value in params.again() if name not in resolved} | resolved | {"cursor": cursor}
    return {"Link": f'<{path}?{urlencode(again)}>; rel="next"'}
