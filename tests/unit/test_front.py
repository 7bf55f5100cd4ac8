"""Around an answer: whose request it was, and what may be written down of it."""
import gzip

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from chassis.addresses import counted_as, masked
from contracts.errors import Malformed
from gateway import fields, front


def asked(method: str = "GET", **headers: str) -> Request:
    sent = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Request(EnvironBuilder(method=method, headers=sent, environ_base={"REMOTE_ADDR": "10.9.9.9"}).get_environ())


@pytest.mark.parametrize(("address", "client", "shown"), [
    ("192.0.2.77", "192.0.2.77", "192.0.2.0/24"), ("::ffff:192.0.2.77", "192.0.2.77", "192.0.2.0/24"),
    ("2001:db8:a:b:c:d:e:f", "2001:db8:a:b::/64", "2001:db8:a::/48"), ("", "unknown", "unknown"),
    ("<script>", "unknown", "unknown")])
def test_an_address_counts_as_a_household_and_is_never_written_whole(address: str, client: str, shown: str) -> None:
    assert (counted_as(address), masked(address)) == (client, shown)


@pytest.mark.parametrize(("proxies", "forwarded", "client"), [
    (0, "192.0.2.1", "10.9.9.9"), (1, "192.0.2.1", "192.0.2.1"), (1, "198.51.100.7, 192.0.2.1", "192.0.2.1"),
    (2, "198.51.100.7, 192.0.2.1,10.0.0.1", "192.0.2.1"), (2, "192.0.2.1", "10.9.9.9"), (1, "", "10.9.9.9"),
    (1, "nonsense", "10.9.9.9"), (1, "2001:db8::1", "2001:db8::1")])
def test_whose_request_it_is_only_our_own_proxies_say(proxies: int, forwarded: str, client: str) -> None:
    assert front.address_of(asked(X_Forwarded_For=forwarded), proxies) == client


@pytest.mark.parametrize(("accepted", "packed"), [
    ("gzip", True), ("gzip, br", True), ("*", True), ("gzip;q=0", False), ("br", False), ("identity", False), ("", False)])
def test_a_long_answer_is_compressed_for_who_can_read_it(accepted: str, packed: bool) -> None:
    body = ("چراغ کوچه خاموش است " * 10_000).encode()
    response = Response(body, content_type="application/json")
    front.compress(asked(Accept_Encoding=accepted), response)
    got = response.get_data()
    assert (response.headers.get("Content-Encoding") == "gzip") == packed and "Accept-Encoding" in response.headers["Vary"]
    assert (gzip.decompress(got) if packed else got) == body and response.content_length == len(got)


@pytest.mark.parametrize(("method", "kind", "size"), [
    ("POST", "application/json", 9000), ("GET", "image/png", 9000), ("GET", "application/zip", 9000),
    ("GET", "application/json", 1000)])
def test_what_gains_nothing_or_holds_a_secret_is_not_compressed(method: str, kind: str, size: int) -> None:
    response = Response(b"x" * size, content_type=kind)
    front.compress(asked(method, Accept_Encoding="gzip"), response)
    assert response.get_data() == b"x" * size and "Content-Encoding" not in response.headers


def test_what_is_compressed_already_is_left_alone() -> None:
    response = Response(b"x" * 9000, headers={"Content-Encoding": "gzip"}, content_type="text/csv")
    front.compress(asked(Accept_Encoding="gzip"), response)
    assert response.get_data() == b"x" * 9000


THING = {"id": "i1", "status": "filed", "version": 3}


@pytest.mark.parametrize("result", [THING, b'{"id": "i1", "status": "filed", "version": 3}', (200, THING, {"ETag": '"v3"'})])
def test_only_the_fields_that_are_asked_for_come(result: object) -> None:
    status, body, *headers = fields.picked(result, fields.read("version,id"))
    assert (status, body) == (200, {"version": 3, "id": "i1"})
    assert headers == ([{"ETag": '"v3"'}] if isinstance(result, tuple) else [])


def test_of_a_list_each_item_is_picked_and_the_rest_stays() -> None:
    found = fields.picked({"items": [THING, THING | {"original": {}}], "next_cursor": "c"}, ("id", "original"))
    assert found == (200, {"items": [{"id": "i1"}, {"id": "i1", "original": {}}], "next_cursor": "c"})
    assert fields.picked({"items": [], "next_cursor": None}, ("anything",))[1] == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("typed", ["", ",", "id,", "id status", "ID", "id,id;x", "a" * 61, ",".join(["a"] * 51), "id\n"])
def test_what_is_no_list_of_names_is_refused(typed: str) -> None:
    with pytest.raises(Malformed, match="bad_fields"):
        fields.read(typed)


@pytest.mark.parametrize("result", [THING, {"items": [THING]}])
def test_a_field_that_is_not_there_is_refused(result: object) -> None:
    with pytest.raises(Malformed, match="unknown_field"):
        fields.picked(result, ("id", "colour"))
