"""What holds for every address, at the running platform: fields, pages, and reading again."""
import re

from tests.e2e.province import Province


def test_fields_are_picked_on_every_page_and_the_link_keeps_them(province: Province) -> None:
    filed = [province.file()["id"] for _ in range(5)]
    path, seen = "/v1/issues?limit=2&fields=id,status", set()
    for _ in range(2):
        answer = province.api.get(path)
        assert answer.status == 200 and all(set(each) == {"id", "status"} for each in answer.body["items"]), answer.body
        seen |= {each["id"] for each in answer.body["items"]}
        path = re.findall(r'<([^>]+)>; rel="next"', answer.headers["Link"])[0]
        assert "fields=id%2Cstatus" in path and "cursor=" in path and "limit=2" in path
    assert set(filed[1:]) <= seen


def test_fields_of_one_thing_are_picked_whoever_asks(province: Province) -> None:
    issue = province.file()
    answer = province.api.get(f"/v1/issues/{issue['id']}?fields=version,tracking_code", Issue_Secret=issue["secret"])
    assert answer.body == {"version": 1, "tracking_code": issue["tracking_code"]}
    assert answer.headers["ETag"].startswith('"v1-')
    wrong = province.api.get(f"/v1/issues/{issue['id']}?fields=version,secret")
    assert (wrong.status, wrong.body["code"]) == (400, "unknown_field")
    again = province.api.get("/v1/neighbourhoods?limit=1&fields=code&fields=code")
    assert (again.status, again.body["code"]) == (400, "repeated_parameter")
