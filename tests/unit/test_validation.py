"""What a person wrote must be there to be seen."""
import pytest
from marshmallow import Schema

from chassis.validation import Words, load
from contracts.errors import Invalid

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
