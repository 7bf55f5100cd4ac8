"""An issue is found again: by its code however it is typed, by its words however they are spelt, page by page."""
import random
from typing import Any

import pytest

from chassis.text import persian_digits
from tests.api import Json
from tests.e2e.province import SECRETARY, Province
from tests.integration.waiting import eventually

AS_TYPED = "لامپ كوچه‌ي ۱۲ سوخته، پلاك 4٥ هم تاريك است"  # Arabic ye and kaf, three kinds of digits
TIDIED = "لامپ کوچه‌ی ۱۲ سوخته، پلاک 4٥ هم تاریک است"


def arabic_digits(code: str) -> str:
    return code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))


@pytest.mark.parametrize("typed", [
    str, lambda code: code.replace("-", ""), lambda code: code.replace("-", " "), persian_digits, arabic_digits,
    lambda code: persian_digits(code).replace("-", " - "), lambda code: f"  {code} ", lambda code: code.replace("-", "–"),
    lambda code: persian_digits(code).replace("-", "\u200c"), lambda code: f"\u200f{code}\u200e",
], ids=["as told", "bare", "spaces", "Persian", "Arabic", "both", "around", "dashes", "half-spaces", "marks"])
def test_a_tracking_code_finds_its_issue_however_it_is_typed(province: Province, typed: Any) -> None:
    issue = province.file()
    code = typed(issue["tracking_code"])
    assert province.api(f"/v1/issues/{code}")["id"] == issue["id"]
    assert province.api(f"/v1/issues/{code}", Issue_Secret=issue["secret"].upper())["text"] == issue["text"]


@pytest.mark.parametrize("typed", ["1234567890²", "12²45678901", "۱۲۳", "１２３４５６７８９０１", "%00", "..", "न" * 11])
def test_what_is_no_code_finds_nothing(province: Province, typed: str) -> None:
    answer = province.api.get(f"/v1/issues/{typed}")
    assert (answer.status, answer.body["code"]) == (404, "not_found")


@pytest.fixture(scope="module")
def mixed(province: Province) -> Json:
    return province.file(text=AS_TYPED, title="كوچهٔ تاريك")


def test_words_are_kept_as_typed_for_their_filer_and_shown_tidied_to_others(province: Province, mixed: Json) -> None:
    own, shown = province.seen_by_filer(mixed), province.seen_by_all(mixed)
    assert (own["text"], own["title"]) == (AS_TYPED, "كوچهٔ تاريك")
    assert (shown["text"], shown["title"]) == (TIDIED, "کوچهٔ تاریک")


@pytest.mark.parametrize("asked", ["پلاك", "پلاک", "تاريك است", "تاریک است", "45", "۴۵", "٤5", "کوچه‌ی ۱۲", "كوچهي 12"])
def test_words_are_found_however_they_are_spelt(province: Province, mixed: Json, asked: str) -> None:
    found = province.api.pages(f"/v1/issues?q={asked}")
    assert mixed["id"] in {each["id"] for each in found}


def test_pages_show_every_issue_once_while_new_ones_are_filed(province: Province) -> None:
    there = [province.file(neighbourhood="taleqan-golinak")["id"] for _ in range(11)]
    seen: list[str] = []
    address: str | None = "/v1/issues?neighbourhood=taleqan-golinak&limit=3"
    while address:
        answer = province.api.get(address)
        seen += [each["id"] for each in answer.body["items"]]
        assert len(answer.body["items"]) <= 3 and len(seen) <= len(there), "what is filed meanwhile is on none of the pages"
        assert {each["neighbourhood"] for each in answer.body["items"]} == {"taleqan-golinak"}
        province.file(neighbourhood="taleqan-golinak")
        link = answer.headers["Link"]
        address = link.partition(">")[0].strip("<") if link else None
    assert seen == there[::-1]


def test_filters_narrow_a_list_together(province: Province) -> None:
    place = random.choice(["eshtehard-now", "palangabad-qadim"])
    wanted = province.file(category="gas", neighbourhood=place)
    province.file(category="power-cut", neighbourhood=place)
    query = f"status=routed&category=gas&neighbourhood={place}&agency=alborz-gas"
    assert [each["id"] for each in province.api.pages(f"/v1/issues?{query}")] == [wanted["id"]]


def test_a_secretary_finds_what_was_told_about_an_issue_by_its_code_too(province: Province) -> None:
    issue = province.file()
    eventually("all were told", lambda: province.told(issue), until=lambda seen: list(seen.values()) == ["sent"] * 2)
    by_id, by_code = (province.api(f"/v1/issues/{issue[name]}/deliveries", **SECRETARY) for name in ("id", "tracking_code"))
    assert by_id == by_code
    assert province.api.get("/v1/issues/no-such-issue/deliveries", **SECRETARY).status == 404


def test_a_place_of_any_level_holds_what_lies_in_it(province: Province) -> None:
    issue = province.file()
    for place in province.seen_by_all(issue)["neighbourhood"], "karaj", "karaj-county", "alborz":
        assert issue["id"] in {each["id"] for each in province.api(f"/v1/issues?territory={place}&limit=50")["items"]}
    assert issue["id"] not in {each["id"] for each in province.api.pages("/v1/issues?territory=fardis-county")}


def test_what_waits_is_told_to_whom_it_waits_for(province: Province) -> None:
    issue = province.file()
    agency = {"role": "agency", "subject": issue["agency"]}
    waiting = {each["issue_id"]: each["waits"] for each in province.api.pages("/v1/worklists/waiting", **agency)}
    assert waiting[issue["id"]] == ["offered"]
    assert issue["id"] in {each["issue_id"] for each in province.api.pages("/v1/worklists/tasks", **agency)}
    assert province.api.get("/v1/worklists/unrouted", **agency).status == 403
    names = [each["name"] for each in province.api("/v1/worklists", **SECRETARY)["items"]]
    assert names == ["waiting", "overdue", "unrouted"]


def test_a_list_that_no_index_serves_is_refused(province: Province) -> None:
    answer = province.api.get("/v1/issues?sort=due&q=لامپ")
    assert (answer.status, answer.body["code"]) == (400, "bad_combination")
    assert province.api.get("/v1/issues?colour=red").body["code"] == "unknown_parameter"
