"""People and addresses in a real database: unreadable at rest, shown only with a reason, and written anew with a new key."""
import os
import re
import subprocess
import sys
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet

from chassis.clock import now
from chassis.ring import CONTACT_KEYS, Ring, Unreadable
from contracts.errors import Invalid, Malformed, NotFound
from services.registry import contacts, use_cases
from services.registry.people import rekey
from services.registry.people import use_cases as people
from services.registry.people.documents import Person
from services.registry.seats import use_cases as seats
from tests.builders import KARAJ, a_recorded_agency
from tests.integration.conftest import Connect
from tests.integration.registered import BY, SEAT, at_once

ZAHRA = {"name_fa": "زهرا احمدی", "name_en": "Zahra Ahmadi", "telephone": "09121234567", "email": "zahra@example.org"}
FIRST_AID = {"name": "کمک‌های اولیه", "given": "2024-03-20", "expires": "2026-03-21"}
WHY = "to invite her to the meeting"


@pytest.fixture
def registry(database: Connect) -> Any:
    return database("registry")


def zahra(**more: Any) -> str:
    return str(people.add(ZAHRA | more, BY)["id"])


def everything(database: Any) -> str:
    return str([document for name in database.list_collection_names() for document in database[name].find()])


def readings() -> list[tuple[Any, ...]]:
    return [(each["kind"], each["code"], each["asked_by"], each["why"], each["via"]) for each in contacts.reads({})["items"]]


def test_at_rest_nothing_of_a_person_can_be_read_and_equal_names_look_different(registry: Any) -> None:
    one, other = zahra(), zahra()
    people.certify(one, FIRST_AID, BY)
    at_rest = everything(registry)
    for secret in (*ZAHRA.values(), "زهرا", "Zahra", "0912", FIRST_AID["name"]):
        assert secret not in at_rest
    first, second = (Person._get_collection().find_one({"_id": each}) for each in (one, other))
    assert first.keys() == second.keys() and not {first["_id"], first["sealed"]} & {second["_id"], second["sealed"]}
    assert first["key"] == second["key"], "which says only what key wrote it"
    assert people.look(one, BY, WHY) == {"id": one, "version": 2, "name_fa": ZAHRA["name_fa"], "name_en": ZAHRA["name_en"],
                                         "certificates": [FIRST_AID]}
    assert contacts.give("person", one, BY, WHY) == {"telephone": ZAHRA["telephone"], "email": ZAHRA["email"]}


def test_who_is_shown_a_person_or_given_an_address_is_remembered_without_it(registry: Any) -> None:
    person = zahra()
    people.look(person, BY, WHY)
    contacts.give("person", person, "service:notifications", "letter task_offered")
    assert readings() == [("person", person, "service:notifications", "letter task_offered", None),
                          ("person", person, BY, WHY, None)]
    assert "zahra" not in everything(registry).lower()


@pytest.mark.parametrize("why", ["", "  ", "x" * 201, None])
def test_without_a_reason_nobody_is_shown(registry: Any, why: Any) -> None:
    person = zahra()
    for ask in (partial(contacts.give, "person", person, BY, why), partial(people.look, person, BY, why)):
        with pytest.raises(Malformed) as malformed:
            ask()
        assert malformed.value.code == "reason_needed"
    assert readings() == []


def test_the_read_is_written_before_the_address_is_looked_up(registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    person = zahra()

    def killed(*given: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(contacts, "address_of", killed)
    with pytest.raises(KeyboardInterrupt):
        contacts.give("person", person, BY, WHY)
    assert len(readings()) == 1


def test_reads_come_newest_first_by_pages_and_of_one_person(registry: Any) -> None:
    one, other = zahra(), zahra()
    for number in range(3):
        contacts.give("person", one, BY, f"reason {number}")
    contacts.give("person", other, BY, "another")
    page = contacts.reads({"code": one, "limit": "2"})
    rest = contacts.reads({"code": one, "limit": "2", "cursor": page["next_cursor"]})
    assert [[each["why"] for each in found["items"]] for found in (page, rest)] == [["reason 2", "reason 1"], ["reason 0"]]
    assert rest["next_cursor"] is None
    with pytest.raises(Malformed):
        contacts.reads({"cursor": "a"})


def test_reads_are_kept_for_a_year_by_the_database(registry: Any) -> None:
    [kept] = [each for each in registry["contact_reads"].index_information().values() if "expireAfterSeconds" in each]
    assert (kept["key"], kept["expireAfterSeconds"]) == ([("at", 1)], 365 * 24 * 3600)


def test_the_address_of_an_agency_and_of_who_sits_in_a_seat_today(registry: Any) -> None:
    person = zahra()
    use_cases.put([KARAJ], BY)
    use_cases.put([a_recorded_agency(code="a0")], BY)
    contacts.keep("agency", "a0", {"email": "desk@example.org"})
    seats.establish("s1", SEAT | {"territory": "karaj"}, "2025-03-21", BY)
    assert use_cases.contact("seat", "s1", BY, WHY) == {} and readings() == []
    seats.appoint("s1", person, "2025-03-21", None, "elected", BY)
    assert use_cases.contact("seat", "s1", BY, WHY)["email"] == ZAHRA["email"]
    assert use_cases.contact("agency", "a0", BY, WHY) == {"email": "desk@example.org"}
    assert readings() == [("agency", "a0", BY, WHY, None), ("person", person, BY, WHY, "seat:s1")]
    for kind, code in (("agency", "a9"), ("seat", "s9"), ("filer", "x")):
        with pytest.raises(NotFound):
            use_cases.contact(kind, code, BY, WHY)


def test_the_same_person_entered_again_with_the_same_key_is_one(registry: Any) -> None:
    one = people.add(ZAHRA, BY, "key-1")
    assert people.add(ZAHRA, BY, "key-1") == one != people.add(ZAHRA, BY, "key-2")
    people.certify(one["id"], FIRST_AID, BY)
    assert people.add(ZAHRA, BY, "key-1") == one
    with pytest.raises(Invalid) as invalid:
        people.add(ZAHRA | {"name_fa": "دیگری"}, BY, "key-1")
    assert invalid.value.code == "idempotency_key_reused"


def test_a_change_puts_the_names_and_only_the_given_parts_of_the_address(registry: Any) -> None:
    person = zahra()
    people.certify(person, FIRST_AID, BY)
    people.change(person, {"name_fa": "زهرا  كریمی", "name_en": None, "email": None}, BY)
    assert people.look(person, BY, WHY) == {
        "id": person, "version": 3, "name_fa": "زهرا کریمی", "name_en": None, "certificates": [FIRST_AID]}
    assert contacts.give("person", person, BY, WHY) == {"telephone": ZAHRA["telephone"]}
    with pytest.raises(NotFound):
        people.change(str(uuid4()), ZAHRA, BY)


def test_certificates_entered_at_once_are_all_kept_and_the_same_one_once(registry: Any) -> None:
    person = zahra()
    certificates = [FIRST_AID | {"name": f"دوره {n}"} for n in range(6)]
    at_once(*(partial(people.certify, person, each, BY) for each in [*certificates, *certificates]))
    found = people.look(person, BY, WHY)["certificates"]
    assert sorted(each["name"] for each in found) == [each["name"] for each in certificates]


def test_names_are_found_however_they_are_spelled_by_pages_and_whoever_asks_is_remembered(
        registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("علی رضایی", "زهرا علی‌پور", "علي كریمی", "رضا", "علی رضا")
    ids = [str(people.add({"name_fa": name}, BY)["id"]) for name in names]
    found = people.search("علي", WHY, BY, 20)
    assert sorted(each["id"] for each in found["items"]) == sorted(ids[:3] + ids[4:]) and found["next_cursor"] is None
    assert len(readings()) == 4
    assert {each["id"] for each in people.search("رضا علی", WHY, BY, 20)["items"]} == {ids[0], ids[4]}
    assert people.search("ع", WHY, BY, 20)["items"] == []
    monkeypatch.setattr(people, "SCANNED", 2)
    paged, cursor = [], None
    while True:
        page = people.search("علی", WHY, BY, 1, cursor)
        paged += [each["id"] for each in page["items"]]
        if not page["next_cursor"]:
            break
        cursor = UUID(page["next_cursor"])
    assert paged == sorted(ids[:3] + ids[4:])


def test_a_page_of_people_tells_nothing_of_those_who_are_not_shown(registry: Any) -> None:
    ids = sorted(zahra() for _ in range(3))
    nobody = people.search("زهرا", WHY, BY, 1, among=lambda found: set())
    assert nobody == {"items": [], "next_cursor": None}
    found = people.search("زهرا", WHY, BY, 1, among=lambda found: {ids[2]})
    assert ([each["id"] for each in found["items"]], found["next_cursor"]) == ([ids[2]], None)
    assert {of for _, of, *_ in readings()} == {ids[2]}


def test_a_new_key_writes_everything_anew_and_the_old_one_may_go(registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = os.environ["MAHALLE_CONTACT_KEYS"], Fernet.generate_key().decode()
    persons = [zahra(email=f"z{n}@example.org") for n in range(5)]
    monkeypatch.setenv("MAHALLE_CONTACT_KEYS", f"{new},{old}")
    fresh = zahra(email="fresh@example.org")
    real = Ring.rotate
    written: list[str] = []

    def cut_off(ring: Ring, sealed: str) -> str:
        if len(written) == 4:
            raise KeyboardInterrupt
        written.append(sealed)
        return real(ring, sealed)

    monkeypatch.setattr(Ring, "rotate", cut_off)
    with pytest.raises(KeyboardInterrupt):
        rekey.rekey(Ring.from_settings(CONTACT_KEYS))
    monkeypatch.setattr(Ring, "rotate", real)
    assert rekey.rekey(Ring.from_settings(CONTACT_KEYS)) == 2 * len(persons) - 4, "what was written anew before is not again"
    assert rekey.rekey(Ring.from_settings(CONTACT_KEYS)) == 0
    monkeypatch.setenv("MAHALLE_CONTACT_KEYS", new)
    for number, person in enumerate([*persons, fresh]):
        assert people.look(person, BY, WHY)["name_fa"] == ZAHRA["name_fa"]
        assert contacts.give("person", person, BY, WHY)["email"] in (f"z{number}@example.org", "fresh@example.org")
    monkeypatch.setenv("MAHALLE_CONTACT_KEYS", old)
    with pytest.raises(Unreadable):
        people.look(persons[0], BY, WHY)


def test_what_is_changed_while_keys_are_rotated_is_not_overwritten(registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    person = zahra()
    monkeypatch.setenv("MAHALLE_CONTACT_KEYS", f"{Fernet.generate_key().decode()},{os.environ['MAHALLE_CONTACT_KEYS']}")
    real = Ring.rotate

    def meanwhile(ring: Ring, sealed: str) -> str:
        monkeypatch.setattr(Ring, "rotate", real)
        people.change(person, {"name_fa": "نام نو"}, BY)
        return real(ring, sealed)

    monkeypatch.setattr(Ring, "rotate", meanwhile)
    rekey.rekey(Ring.from_settings(CONTACT_KEYS))
    assert people.look(person, BY, WHY)["name_fa"] == "نام نو"


def test_ids_of_reads_sort_by_time(registry: Any) -> None:
    contacts.note_read("person", ["x"], BY, WHY)
    [found] = registry["contact_reads"].find()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}-[0-9a-f]{12}", found["_id"])
    assert found["_id"][:10] == now().date().isoformat()


def test_the_command_says_how_much_it_wrote_anew(registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    zahra()
    monkeypatch.setenv("MAHALLE_CONTACT_KEYS", f"{Fernet.generate_key().decode()},{os.environ['MAHALLE_CONTACT_KEYS']}")
    words = [sys.executable, "-m", "services.registry.people.rekey"]
    said = [subprocess.run(words, text=True, capture_output=True, check=True, timeout=60).stdout for _ in range(2)]
    assert [each.split(" written")[0] for each in said] == ["rekey: 2", "rekey: 0"]
