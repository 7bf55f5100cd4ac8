"""What the gateway reads of a page that it hands on."""
from typing import Any

import orjson
import pytest

from gateway.asking import cursor_in

SAID = [{"text": '"next_cursor":"of-somebody"}', "next_cursor": "of-an-item"}]


@pytest.mark.parametrize(("page", "cursor"), [
    ({"items": SAID, "next_cursor": "a2FyYWotbjEy"}, "a2FyYWotbjEy"), ({"items": SAID, "next_cursor": None}, None),
    ({"items": [{"text": SAID[0]["text"]}]}, None), ({}, None)])
def test_the_cursor_of_a_page_is_its_own_whatever_is_said_in_it(page: Any, cursor: str | None) -> None:
    assert cursor_in(orjson.dumps(page)) == cursor
