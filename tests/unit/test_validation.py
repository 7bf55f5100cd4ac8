"""What a person wrote must be there to be seen."""
import pytest
from marshmallow import RAISE, Schema, fields

from chassis.validation import MOST, Words, in_persian, limit_of, load
from contracts.errors import Invalid, Malformed

WRITTEN = Schema.from_dict({"text": Words(required=True)})()


@pytest.mark.parametrize("text", ["", "  \n\t", "\u200f\u200e", "\u200c\u00a0", "\ufeff\u2066\u2069", "\x01"])
def test_what_cannot_be_seen_is_nothing(text: str) -> None:
    with pytest.raises(Invalid) as told:
        load(WRITTEN, {"text": text})
    assert told.value.errors == [{"pointer": "/text", "fa": "چیزی بنویسید؛ فاصلهٔ خالی کافی نیست.",
                                  "en": "Write something; spaces alone are not enough."}]


@pytest.mark.parametrize("text", ["آ", "؟", "\u200fکوچه\u200c‌ها", "🙂", " 4 "])
def test_what_can_be_seen_is_kept_as_it_is(text: str) -> None:
    assert load(WRITTEN, {"text": text}) == {"text": text}


def test_a_nul_is_refused_with_what_to_do() -> None:
    with pytest.raises(Invalid) as told:
        load(WRITTEN, {"text": "a\x00b"})
    assert "NUL" in told.value.errors[0]["fa"] and "NUL" in told.value.errors[0]["en"]


def test_every_bad_field_is_named_by_a_json_pointer_in_both_languages() -> None:
    inner = Schema.from_dict({"n": fields.Integer(strict=True)})
    schema = Schema.from_dict({"a/b": fields.Nested(inner), "list": fields.List(fields.Integer(strict=True)),
                               "text": Words(required=True)})(unknown=RAISE)
    with pytest.raises(Invalid) as told:
        load(schema, {"a/b": {"n": "x"}, "list": [1, "x"], "un~known": 1})
    named = {error["pointer"]: (error["fa"], error["en"]) for error in told.value.errors}
    number = ("اینجا عدد لازم است.", "Not a valid integer.")
    assert named == {
        "/a~1b/n": number, "/list/1": number,
        "/text": ("این بخش لازم است.", "Missing data for required field."),
        "/un~0known": ("چنین بخشی شناخته نیست. نام آن را بررسی کنید.", "Unknown field.")}


def test_numbers_are_told_in_persian_digits_and_codes_as_they_are_sent() -> None:
    assert in_persian("Must be greater than or equal to 1 and less than or equal to 5.") == "عددی بین ۱ و ۵ لازم است."
    assert in_persian("Must be one of: zone1, karaj-n12.") == "یکی از این‌ها را بنویسید: zone1, karaj-n12"
    with pytest.raises(Malformed) as told:
        limit_of({"limit": "x"})
    assert told.value.fa == "limit باید عددی بین ۱ و ۲۰۰ باشد."


def test_of_very_many_bad_fields_some_are_named_each_in_few_letters() -> None:
    with pytest.raises(Invalid) as told:
        load(WRITTEN, {"~" * 1_000 + str(number): 1 for number in range(1_000)})
    assert len(told.value.errors) == MOST
    assert all(error["pointer"] in ("/text", "/" + "~0" * 60) for error in told.value.errors)


@pytest.mark.parametrize("limit", ["", "0", "201", "-1", "+5", " 5", "5\n", "1e2", "۵", "²", "0000501111", "9" * 5_000])
def test_a_limit_that_is_no_number_within_bounds_is_refused(limit: str) -> None:
    with pytest.raises(Malformed):
        limit_of({"limit": limit})


def test_a_limit_within_bounds_counts_and_none_means_fifty() -> None:
    assert [limit_of(query) for query in ({"limit": "1"}, {"limit": "200"}, {"limit": "007"}, {})] == [1, 200, 7, 50]
