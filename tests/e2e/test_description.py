"""The gateway serves its description, as it is written and as a page, to anybody."""
import gzip
import urllib.request

import pytest

from gateway.describing import WRITTEN
from tests.described import Undescribed, judge
from tests.e2e.province import Province


def test_the_description_is_served_as_it_was_written_and_not_twice(province: Province) -> None:
    request = urllib.request.Request(f"{province.api.address}/openapi.json", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.headers["Content-Encoding"] == "gzip" and answer.headers.get_content_type() == "application/json"
        assert gzip.decompress(answer.read()) == WRITTEN.read_bytes()
        tag = answer.headers["ETag"]
    assert province.api.get("/openapi.json", If_None_Match=tag).status == 304


def test_the_page_is_served_with_a_policy_by_which_nothing_runs_or_is_fetched(province: Province) -> None:
    with urllib.request.urlopen(f"{province.api.address}/docs", timeout=20) as answer:
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert "/v1/issues/{ref}/not-fixed" in answer.read().decode()


def test_an_answer_that_leaves_its_description_is_noticed(province: Province) -> None:
    answer = province.api.get("/v1/statistics?by=agency")
    judge("GET", "/v1/statistics", 200, answer.headers, answer.body)
    for status, body in ((200, answer.body | {"colour": "red"}), (200, {}), (418, answer.body), (404, answer.body)):
        with pytest.raises(Undescribed):
            judge("GET", "/v1/statistics", status, answer.headers, body)
