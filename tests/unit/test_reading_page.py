"""The page at /docs: every operation and schema is on it, nothing is fetched for it, and no script is in it."""
import re
from html.parser import HTMLParser

import orjson
import pytest

from gateway.describing import WRITTEN, policy
from gateway.reading import page

TOLD = orjson.loads(WRITTEN.read_bytes())
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """What is on a page; raises where it is not well formed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.open += [tag] * (tag not in VOID)
        found = dict(attrs)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.targets += [found[name] or "" for name in ("href", "src") if name in found]
        assert not any(name.startswith("on") or name == "style" for name in found)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def text() -> str:
    return page(TOLD)


def test_every_operation_and_schema_is_on_it_once(text: str) -> None:
    found = Page(text)
    operations = [each["operationId"] for path in TOLD["paths"].values() for each in path.values()]
    assert {*operations, *(f"schema-{name}" for name in TOLD["components"]["schemas"])} <= set(found.ids)
    assert len(set(found.ids)) == len(found.ids)


def test_nothing_is_fetched_for_it_and_every_link_leads_somewhere(text: str) -> None:
    found = Page(text)
    assert not {"script", "img", "link", "iframe", "object", "form"} & found.tags
    assert {each.lstrip("#") for each in found.targets} - set(found.ids) == {"/openapi.json"}


def test_its_policy_allows_its_own_style_alone(text: str) -> None:
    assert re.fullmatch(r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; .*", policy())
    assert text.count("<style>") == 1


def test_texts_of_the_description_are_shown_and_not_run() -> None:
    told = TOLD | {"info": TOLD["info"] | {"title": "<script>alert(1)</script>", "description": "`<b>` **<i>**"}}
    shown = page(told)
    assert "<script>" not in shown and "<code>&lt;b&gt;</code> <strong>&lt;i&gt;</strong>" in shown
