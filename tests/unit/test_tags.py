"""ETags at the gateway: strong with the version where there is one, and 304 for who has it already."""
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from gateway.tags import LARGEST, note_version, tag


def answered(result: Any = None, method: str = "GET", status: int = 200, body: bytes = b"{}", **headers: str) -> Response:
    request = Request(EnvironBuilder(method=method, headers={
        name.replace("_", "-"): value for name, value in headers.items()}).get_environ())
    note_version(request, result)
    response = Response(body, status, content_type="application/json")
    tag(request, response)
    return response


def test_what_has_a_version_says_it_and_differs_where_it_is_shown_otherwise() -> None:
    one, other = answered({"version": 7}), answered((200, {"version": 7}), body=b'{"a":1}')
    assert one.headers["ETag"].startswith('"v7-') and other.headers["ETag"].startswith('"v7-')
    assert one.headers["ETag"] != other.headers["ETag"]
    assert answered({"id": "a task", "issue": {"version": 8}}).headers["ETag"].startswith('"v8-')


@pytest.mark.parametrize("result", [b"[]", {"items": []}, {"version": "7"}, {"issue": "7"}, (200, b"[]", {})])
def test_what_has_none_is_tagged_by_what_it_says(result: Any) -> None:
    assert answered(result).headers["ETag"].startswith('W/"')


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_it_already_gets_no_body(method: str) -> None:
    for result in ({"version": 7}, {"items": []}):
        tagged = answered(result, method).headers["ETag"]
        for sent in (tagged, "*", f'"other", {tagged}', f"W/{tagged.removeprefix('W/')}"):
            found = answered(result, method, If_None_Match=sent)
            assert (found.status_code, found.get_data(), found.headers["ETag"]) == (304, b"", tagged)
            assert {"authorization", "issue-secret"} <= set(map(str.lower, found.vary))
        assert answered(result, method, If_None_Match='"other"').status_code == 200


def test_changes_problems_and_files_have_no_tag() -> None:
    large = b"x" * (LARGEST + 1)
    for found in (answered({"version": 7}, "POST"), answered({"version": 7}, status=404), answered(body=large)):
        assert "ETag" not in found.headers
