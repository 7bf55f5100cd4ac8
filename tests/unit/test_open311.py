"""What goes between Open311 and our own words, piece by piece."""
import csv
import io
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import errors
from contracts.errors import Malformed, NotFound, Problem, Unavailable, unavailable
from gateway.joining import Shared
from gateway.open311 import filing, listing, requests, services, updates, writing
from gateway.open311.errors import status_of, told
from gateway.open311.known import FRESH, Knowledge, Registers
from gateway.open311.params import Params
from gateway.open311.places import Places
from gateway.open311.surface import Open311

NOW = datetime(2026, 11, 26, 12, 0, 0, 500_000, tzinfo=UTC)


def a_place(code: str, kind: str, name: str, *path: str) -> dict[str, Any]:
    return {"kind": kind, "name_fa": name, "name_en": code.title(), "path": [*path, code]}


TERRITORIES = {
    "alborz": a_place("alborz", "province", "استان البرز"), "karaj": a_place("karaj", "city", "کرج", "alborz"),
    "fardis": a_place("fardis", "city", "شهر فردیس", "alborz"),
    "n1": a_place("n1", "neighbourhood", "محلهٔ ۱", "alborz", "karaj"),
    "golestan-k": a_place("golestan-k", "neighbourhood", "گلستان", "alborz", "karaj"),
    "golestan-f": a_place("golestan-f", "neighbourhood", "گلستان", "alborz", "fardis")}
PLACES = Places(TERRITORIES)


@pytest.mark.parametrize(("address", "code"), [
    ("خيابان بهار، محله‌ی گلستان، كرج", "golestan-k"), ("گلستان, فردیس", "golestan-f"), ("گلستان، شهر فردیس", "golestan-f"),
    ("محله 1", "n1"), ("بهار، گلستان", None), ("کرج", None), ("خیابان بهار، 1", None), ("", None), ("گلستان کرج", None)])
def test_an_address_names_one_neighbourhood_or_none(address: str, code: str | None) -> None:
    if code is None:
        with pytest.raises(Malformed):
            PLACES.in_words(address)
    else:
        assert PLACES.in_words(address.replace("محله‌ی", "محلهٔ")) == code


def test_who_says_nowhere_where_it_is_is_told_every_way_to_say_it() -> None:
    with pytest.raises(Malformed) as refused:
        PLACES.where(Params("service_code=street-lighting"))
    assert refused.value.fa == "یکی از این‌ها را بنویسید: lat و long، address_id، address_string."


def test_a_number_of_a_report_that_came_with_another_is_called_by_the_clients_own_word_for_it() -> None:
    for language in ("fa", "en"):
        [line] = told(errors.reused_key(), 400, language)
        assert "attribute[fixmystreet_id]" in line["description"]


def test_keywords_are_set_apart_by_commas_of_which_names_have_none() -> None:
    sport = {"code": "sport", "parent": None, "name_fa": "ورزش", "name_en": "Culture, sport", "questions": [],
             "confidential": False}
    assert services.service(sport, Registers({"sport": sport}, {}, {}), "fa")["keywords"] == "ورزش, Culture sport"


def test_a_parameter_may_come_in_query_or_form_but_not_twice() -> None:
    found = Params("api_key=k&a=1&empty=&spaces=%20", "api_key=k&b=%D9%84%D8%A7%D9%85%D9%BE%0D%0A2&b%5B%5D=x")
    assert [found.one(name) for name in ("api_key", "a", "b")] == ["k", "1", "لامپ\n2"]
    assert [found.one(name) for name in ("empty", "spaces", "none")] == ["", "", ""]
    for query, form in (("a=1&a=1", ""), ("a=1", "a=2"), ("", "a=1&a=2")):
        with pytest.raises(Malformed):
            Params(query, form).one("a")
    assert Params("a=%20&a=1").one("a") == "1", "an empty one is none"
    assert Params("a=1, 2,,1&a=3").several("a") == ["1", "2", "3"]


@pytest.mark.parametrize(("typed", "instant"), [
    ("2026-03-21T08:00:00Z", "2026-03-21T08:00:00+00:00"), ("2026-03-21T11:30:00 03:30", "2026-03-21T08:00:00+00:00"),
    ("2026-03-21T11:30:00.25-00:30", "2026-03-21T12:00:00+00:00"),
    ("2026-03-21T08:00Z", "2026-03-21T08:00:00+00:00")])
def test_a_moment_has_its_time_zone(typed: str, instant: str) -> None:
    found = Params(f"at={typed}").moment("at")
    assert found and found.isoformat() == instant


@pytest.mark.parametrize("typed", ["2026-03-21", "2026-03-21T08:00:00", "20260321T080000Z", "now", "2026-13-01T00:00:00Z",
                                   "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "۲۰۲۶-۰۳-۲۱T۰۸:۰۰:۰۰Z"])
def test_what_is_no_moment_is_refused(typed: str) -> None:
    with pytest.raises(Malformed):
        Params(f"at={typed}").moment("at")


def test_spans_end_with_their_last_second_and_are_ninety_days_at_most() -> None:
    def asked(query: str) -> dict[str, str]:
        return requests.asked_for(Params(query), None, NOW)

    assert asked("") == {"filed_from": "2026-08-28T12:00:00.000Z", "filed_to": "2026-11-26T12:00:01.000Z"}
    assert asked("start_date=2026-01-01T00:00:00Z") == {"filed_from": "2026-01-01T00:00:00.000Z",
                                                        "filed_to": "2026-04-01T00:00:01.000Z"}
    assert asked("end_date=2026-04-01T00:00:00Z") == asked("start_date=2026-01-01T00:00:00Z")
    assert asked("updated_after=2026-01-01T00:00:00Z") == {"updated_from": "2026-01-01T00:00:00.000Z", "sort": "updated"}
    query = asked("start_date=2026-01-01T00:00:00Z&end_date=2026-01-02T00:00:00Z")
    assert requests.dates(query) == {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-01-02T00:00:00Z"}
    assert asked("service_request_id=b,a&status=nonsense&page=1") == {"code": "b,a"}, "ids override all others"
    for query in ("start_date=2026-01-01T00:00:00Z&end_date=2026-04-01T00:00:01Z",
                  "updated_after=2026-01-02T00:00:00Z&updated_before=2026-01-01T00:00:00Z"):
        with pytest.raises(Malformed):
            asked(query)


@pytest.mark.parametrize("query", ["", "start_date=2026-01-01T00:00:00.7Z", "end_date=2026-01-01T00:00:00Z", "status=open",
                                   "start_date=2026-01-01T03:30:00%2B03:30&end_date=2026-01-02T00:00Z"])
def test_a_link_asks_for_what_was_asked_whenever_it_is_followed(query: str) -> None:
    """Else its cursor would be refused as another list's."""
    for asked, dates in ((lambda params, at: requests.asked_for(params, "karaj", at), requests.dates),
                         (updates.window, updates.dates)):
        first = asked(Params(query), NOW)
        link = listing.link("/x", Params(query), "c", **dates(first))["Link"]
        assert asked(Params(link.partition("?")[2].partition(">")[0]), NOW + timedelta(minutes=5)) == first


class Attributes:
    questions = [{"code": code, "type": code} for code in ("text", "number", "date", "yes_no", "one", "many")]

    def __call__(self, form: str) -> dict[str, Any]:
        return filing.answers_of(Params("", form), self.questions)


@pytest.mark.parametrize(("sent", "answer"), [
    ("number]=%DB%B3", 3), ("number]=3.5", 3.5), ("number]=-2", -2), ("number]=1e5", "1e5"), ("number]=nan", "nan"),
    ("number]=" + "9" * 400, "9" * 400),
    ("date]=2026-11-01T23:00:00%2B03:30", "2026-11-01"), ("date]=2026-11-01", "2026-11-01"),
    ("date]=tomorrow", "tomorrow"), ("yes_no]=TRUE", True), ("yes_no]=false", False), ("yes_no]=yes", "yes"),
    ("one]=a", "a"), ("one][]=a", "a"), ("many]=a", ["a"]), ("many][]=a&attribute[many][]=b", ["a", "b"])])
def test_attributes_become_answers_of_the_type_that_is_asked_for(sent: str, answer: Any) -> None:
    [found] = Attributes()(f"attribute[{sent}").values()
    assert found == answer and type(found) is type(answer)


@pytest.mark.parametrize("sent", ["attribute[one][]=a&attribute[one][]=b", "attribute[one]=a&attribute[one]=b",
                                  "attribute[number][]=1&attribute[number][]=2", "attribute[x y]=1", "attribute[a][b]=1"])
def test_several_answers_where_one_is_asked_for_are_refused(sent: str) -> None:
    with pytest.raises(Malformed):
        Attributes()(sent)


@pytest.mark.parametrize("text", ["3 < 5 > 2", "a<3", "<- here", "ساعت < ۸", "1<2 & 3>2"])
def test_a_sign_that_is_no_html_is_text(text: str) -> None:
    assert not filing.TAG.search(text)


@pytest.mark.parametrize("text", ["<b>", "</p>", "<a href='x'>", "<!-- x", "<?xml version='1.0'?>", "<!DOCTYPE r [", "<br/>",
                                  "x<script\n>"])
def test_html_is_seen(text: str) -> None:
    assert filing.TAG.search(text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_xml_can_be_read_whatever_is_in_it(text: str) -> None:
    found = ET.fromstring(writing.xml("errors", [{"code": 400, "description": text}]))
    shown = found.findtext("error/description") or ""
    assert shown == writing.NO_XML.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def test_lists_truths_and_nothing_are_written_as_the_standard_has_them() -> None:
    assert writing.xml("services", [{"metadata": True, "group": None, "groups": ["a<b"]}]).decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n<services><service><metadata>true</metadata><group/>'
        "<groups><group>a&lt;b</group></groups></service></services>")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "＝1+1", "＋1", "－1", "＠x"])
def test_a_text_that_a_spreadsheet_would_run_is_disarmed_and_a_number_is_not(text: str) -> None:
    assert writing.csv_of(["a", "b"], [{"a": text, "b": -1.5}]).decode() == f"a,b\r\n'{text},-1.5\r\n"


@pytest.mark.parametrize("between", [";", "\t", "\n", "; ", "\n "])
def test_so_is_one_within_where_other_separators_would_begin_a_cell(between: str) -> None:
    """In Persian settings a spreadsheet sets cells apart by semicolons, and knows nothing of a quote in a cell's middle."""
    [line] = csv.DictReader(io.StringIO(writing.csv_of(["a"], [{"a": f"لامپ{between}=1+1"}]).decode(), newline=""))
    assert line["a"] == f"لامپ{between}'=1+1"
    assert writing.cell("چراغ؛ کوچه; ۳-۴ a=b") == "چراغ؛ کوچه; ۳-۴ a=b"


@pytest.mark.parametrize(("problem", "status"), [
    (errors.Malformed, 400), (errors.Unauthenticated, 403), (errors.NotAllowed, 403), (errors.NotFound, 404),
    (errors.MethodNotAllowed, 405), (errors.Refused, 400), (errors.PreconditionFailed, 400), (errors.TooLarge, 400),
    (errors.UnsupportedMediaType, 400), (errors.Invalid, 400), (errors.TooMany, 429), (errors.Unavailable, 503),
    (Problem, 500)])
def test_every_problem_has_a_status_of_the_standard(problem: type[Problem], status: int) -> None:
    assert status_of(problem("code", "فا", "en")) == status


def test_what_an_update_says_goes_with_its_last_move_and_is_never_dropped() -> None:
    words = Params("description=گروه+اعزام+شد")
    assert updates.steps("offered", "start", words) == {"accept": {}, "start": {"reason": "گروه اعزام شد"}}
    assert updates.steps("offered", "accept", words) == {"accept": {"reason": "گروه اعزام شد"}}
    assert updates.steps("accepted", "finish", words) == {"finish": {"text": "گروه اعزام شد"}}
    assert updates.steps("offered", "start", Params("")) == {"accept": {}, "start": {}}


def test_bad_fields_are_told_by_the_names_of_the_standard() -> None:
    bad = [{"pointer": pointer, "fa": "فا", "en": "wrong"}
           for pointer in ("/text", "/answers/pole", "/contact/email", "/point")]
    problem = errors.Invalid("bad_answers", "فا", "en", bad)
    assert [each["description"] for each in told(problem, 400, "en")] == [
        "description: wrong", "attribute[pole]: wrong", "email: wrong", "lat, long: wrong"]
    assert status_of(errors.Invalid("unknown_category", "فا", "en", bad)) == 404


@pytest.mark.parametrize(("state", "meant", "done"), [
    ("offered", "accept", ["accept"]), ("offered", "start", ["accept", "start"]),
    ("offered", "finish", ["accept", "finish"]), ("offered", "refuse", ["refuse"]), ("accepted", "accept", []),
    ("accepted", "start", ["start"]), ("in_progress", "start", []),
    ("waiting", "start", ["resume"]), ("in_progress", "finish", ["finish"]), ("done", "finish", ["finish"]),
    ("done", "start", ["start"]), ("cancelled", "accept", ["accept"])])
def test_an_update_becomes_the_moves_that_lead_to_what_it_means(state: str, meant: str, done: list[str]) -> None:
    assert updates.moves(state, meant) == done


def a_list(rows: int, shortest: int = 200) -> listing.Ask:
    """A list whose pages may be shorter than what was asked for."""
    def ask(query: dict[str, str]) -> dict[str, Any]:
        start = int(query.get("cursor", "0"))
        assert 1 <= int(query["limit"]) <= 200, "a list refuses any other"
        end = min(start + min(int(query["limit"]), shortest), rows)
        return {"items": [{"n": n} for n in range(start, end)], "next_cursor": str(end) if end < rows else None}

    return ask


@pytest.mark.parametrize(("rows", "query", "seen", "cursor"), [
    (3, "", (0, 3), None), (1200, "", (0, 1000), "1000"), (1200, "cursor=1000", (1000, 1200), None),
    (120, "page=1", (0, 50), "50"), (120, "page=3", (100, 120), None), (120, "page=4", (0, 0), None),
    (120, "page_size=7&page=2", (7, 14), "14"), (1200, "page=5&page_size=200", (800, 1000), "1000")])
def test_pages_are_cut_out_of_what_cursors_lead_through(
        rows: int, query: str, seen: tuple[int, int], cursor: str | None) -> None:
    found, following = listing.page(a_list(rows), {}, Params(query))
    assert ([each["n"] for each in found], following) == (list(range(*seen)), cursor)


def test_a_list_that_gives_little_at_a_time_is_left_to_the_next_call() -> None:
    found, cursor = listing.page(a_list(1000, shortest=3), {}, Params(""))
    assert (len(found), cursor) == (listing.CALLS * 3, str(listing.CALLS * 3))


@pytest.mark.parametrize("query", ["page=21&page_size=50", "page=0", "page=-1", "page_size=201", "page=6&page_size=200"])
def test_pages_reach_a_thousand_rows(query: str) -> None:
    with pytest.raises(Malformed):
        listing.page(a_list(5000), {}, Params(query))


@pytest.mark.parametrize("method", [Open311.list_requests, Open311.list_updates, Open311.bulk], ids=lambda it: it.__name__)
def test_what_reads_a_thousand_rows_costs_what_an_export_costs(method: Any) -> None:
    """Also a late page, which is reached through all before it: at the price of a list one address keeps a core busy."""
    assert [each.cost for each in method.nameko_entrypoints] == ["heavy"]


def test_a_link_to_what_follows_holds_no_key() -> None:
    found = listing.link("/x", Params("api_key=k&status=open&page=2&end_date=a"), "c", end_date="b")
    assert found == {"Link": '</x?status=open&end_date=b&cursor=c>; rel="next"'}


def test_a_jurisdiction_is_asked_for_only_where_there_are_several() -> None:
    qom = {"qom": a_place("qom", "province", "قم"), "kahak": a_place("kahak", "county", "کهک", "qom")}
    one, two = Registers({}, {}, TERRITORIES), Registers({}, {}, TERRITORIES | qom)
    assert one.jurisdiction(Params("")) is None and two.jurisdiction(Params("jurisdiction_id=kahak")) == "kahak"
    with pytest.raises(Malformed):
        two.jurisdiction(Params("jurisdiction_id="))
    for code in ("karaj", "n1", "nowhere"):
        with pytest.raises(NotFound):
            two.jurisdiction(Params(f"jurisdiction_id={code}"))


class Registry:
    """Two pages of each register, or nothing while it is away."""

    def __init__(self) -> None:
        self.away, self.asked = False, 0

    def get(self, path: str, asking: Any, query: dict[str, str]) -> dict[str, Any]:
        self.asked += 1
        if self.away:
            raise unavailable()
        first = "cursor" not in query
        return {"items": [{"code": f"{path}{2 - first}", "kind": "province"}], "next_cursor": "2" if first else None}


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    monkeypatch.setattr("gateway.open311.known.time.monotonic", lambda: clock[0])
    return Registry()


clock = [1000.0]


def test_registers_are_read_whole_kept_for_a_while_and_kept_longer_with_the_registry_away(registry: Registry) -> None:
    known = Knowledge()
    known._registry, known._shared, known._read, known._at = registry, Shared(), Registers({}, {}, {}), -FRESH
    registry.away = True
    with pytest.raises(Unavailable):
        known.registers()
    registry.away = False
    assert list(known.registers().categories) == ["/categories1", "/categories2"]
    asked = registry.asked
    clock[0] += FRESH - 1
    assert known.registers().agencies and registry.asked == asked
    clock[0] += 1
    registry.away = True
    assert known.registers().agencies and known.registers().agencies and registry.asked == asked + 1
    clock[0] += 5
    registry.away = False
    before = known.registers()
    assert before.agencies and registry.asked == asked + 1 + 6


def an_issue(**given: Any) -> dict[str, Any]:
    """As `issues` shows it to everybody: done by a1, whose offer came after a2 refused it."""
    tasks = [{"lead": True, "state": state, "agency": agency, "due": "2026-11-30T08:00:00.000Z", "text": text}
             for agency, state, text in (("a1", "done", "لامپ عوض شد"), ("a2", "refused", None))]
    return {"tracking_code": "1234-5678-903", "status": "done", "category": "lamp", "category_name": "چراغ",
            "text": "تاریک است", "neighbourhood": "n1", "neighbourhood_name": "محلهٔ ۱", "point": None, "answers": {},
            "filed_at": "2026-11-24T08:00:00.999Z", "updated_at": "2026-11-26T08:00:00.000Z", "closed_at": None,
            "tasks": tasks} | given


def test_a_request_says_who_has_it_until_when_and_since_when_it_is_closed() -> None:
    known = Registers({}, {"a1": {"name_fa": "برق", "name_en": "Electricity"}}, {})
    done = requests.request_of(an_issue(), known, "en")
    assert (done["status"], done["agency_responsible"], done["expected_datetime"]) == ("open", "Electricity", None)
    assert done["status_notes"].endswith("لامپ عوض شد") and done["requested_datetime"] == "2026-11-24T08:00:00Z"
    closed = requests.request_of(an_issue(status="closed", closed_at="2026-11-25T08:00:00.000Z"), known, "fa")
    assert (closed["status"], closed["updated_datetime"]) == ("closed", "2026-11-25T08:00:00Z")
    working = an_issue(status="in_progress")
    working["tasks"][0]["state"] = "accepted"
    assert requests.request_of(working, known, "fa")["expected_datetime"] == "2026-11-30T08:00:00Z"
    assert requests.request_of(an_issue(tasks=[]), known, "fa")["agency_responsible"] == ""


def test_an_address_names_the_neighbourhood_in_the_language_that_is_asked_for() -> None:
    known, told = Registers({}, {}, TERRITORIES), requests.request_of
    assert [told(an_issue(), known, language)["address"] for language in ("fa", "en")] == ["محلهٔ ۱", "N1"]
    assert told(an_issue(), Registers({}, {}, {}), "en")["address"] == "محلهٔ ۱", "it has ended"


@pytest.mark.parametrize(("text", "address", "description"), [
    ("نشانی: کوچهٔ ۱\nتاریک است", "کوچهٔ ۱, محلهٔ ۱", "تاریک است"), ("تاریک است", "محلهٔ ۱", "تاریک است"),
    ("نشانی: کوچهٔ ۱، محلهٔ ۱\nالف\nب", "کوچهٔ ۱، محلهٔ ۱", "الف\nب")])
def test_an_address_is_taken_out_of_the_text_again(text: str, address: str, description: str) -> None:
    found = requests.request_of(an_issue(text=text), Registers({}, {}, {}), "fa")
    assert (found["address"], found["description"]) == (address, description)
