"""Marshmallow's verdict as a Problem: every bad field with its JSON pointer and a sentence in both languages."""
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from marshmallow import Schema, ValidationError, missing
from marshmallow import fields as ma

from chassis.text import persian_digits
from contracts.errors import Invalid, Malformed

MOST = 50  # bad fields that one answer names
PERSIAN = (
    (r"Missing data for required field", "این بخش لازم است."),
    (r"Unknown field", "چنین بخشی شناخته نیست. نام آن را بررسی کنید."),
    (r"Field may not be null", "این بخش نمی‌تواند خالی باشد."),
    (r"Not a valid string", "اینجا متن لازم است."),
    (r"Not a valid (integer|number)", "اینجا عدد لازم است."),
    (r"Not a valid email", "این نشانی ایمیل درست نیست."),
    (r"Must be one of: (.*)\.", r"یکی از این‌ها را بنویسید: \1"),
    (r"Longer than maximum length (\d+)", r"حداکثر \1 نویسه بنویسید."),
    (r"Shorter than minimum length (\d+)", r"دست‌کم \1 نویسه بنویسید."),
    (r"Length must be between (\d+) and (\d+)", r"بین \1 تا \2 نویسه بنویسید."),
    (r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.", r"عددی بین \1 و \2 لازم است."),
    (r"Invalid input type", "اینجا یک شیء JSON لازم است."),
    (r"Write something", "چیزی بنویسید؛ فاصلهٔ خالی کافی نیست."),
    (r"A NUL character", "نویسهٔ NUL نگه داشته نمی‌شود. آن را بردارید."),
    (r"Not a valid (boolean|list|mapping type|UUID)", "این مقدار از نوع دیگری است."),
    (r"String does not match expected pattern", "از حرف‌های کوچک لاتین، رقم و خط تیره بسازید؛ مانند karaj-n12."),
    (r"Write a time of day", "ساعت را مانند 08:30 بنویسید."),
    (r"No such day", "این روز در تقویم نیست؛ مانند 2025-03-21 بنویسید."),
    (r"Name the place above it", "جای بالاتر (parent) را بنویسید."),
    (r"Name one place", "تنها یکی از این‌ها را بنویسید: territory، agency، committee، headquarters."),
    (r"It must close after it opens", "پایان ساعت کار باید پس از آغاز آن باشد."),
    (r"It must end after it starts", "پایان باید پس از آغاز باشد."),
    (r"Options are for the types", "گزینه‌ها برای نوع‌های one و many است و آن‌ها گزینه لازم دارند."),
    (r"An answer is a short text", "پاسخ متنی کوتاه، عدد، true یا false است."),
    (r"An agency that reads e-mail", "دستگاهی که کارها را با ایمیل می‌گیرد نشانی ایمیل لازم دارد."),
    (r"Give a point or a neighbourhood", "نقطه یا محله را بنویسید."),
    (r"It never opens", "این تقویم هیچ روز کاری ندارد: هر روز دارای ساعت اداری، تعطیل هفتگی است."),
    (r"An answer is a (short )?text", "پاسخ متن کوتاه، عدد، true یا false است."),
    (r"Give both lat and lon", "lat و lon را با هم بنویسید یا هیچ‌کدام را."),
    (r"Name each indicator once", "هر شاخص را یک بار بنویسید."),
    (r"The most must not be below the least", "بیشینه نباید از کمینه کمتر باشد."),
    (r"Write a telephone number", "شمارهٔ تلفن را با رقم بنویسید."),
    (r"Write an https address", "نشانی کاملی بنویسید که با https آغاز شود."),
    (r"Write a login name", "نام کاربری از حرف، رقم، نقطه و خط تیره است."),
)


# What nobody sees: spaces, line breaks, controls, and marks that only say how letters are written. Private and unassigned
# signs count as seen, so that one pattern, which the API's description tells, says it all.
UNSEEN = (r"\x00-\x20\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000"
          r"\ufeff\ufff9-\ufffb")
SEEN = re.compile(f"[^{UNSEEN}]")


class Words(ma.String):
    """What a person wrote: a string with something to see in it, and no NUL."""

    described = {"pattern": rf"^[^\x00]*[^{UNSEEN}][^\x00]*$"}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        found = str(super()._deserialize(value, attr, data, **kwargs))
        if not SEEN.search(found):
            raise ValidationError("Write something; spaces alone are not enough.")
        if "\x00" in found:
            raise ValidationError("A NUL character cannot be kept. Take it out.")
        return found


class Flag(ma.Boolean):
    """true or false of JSON; marshmallow's own takes "yes" and 1 as well."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Number(ma.Float):
    """A number of JSON that is neither infinite nor none; marshmallow's own takes "1.5" as well."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> float:
        if isinstance(value, str):
            raise self.make_error("invalid")
        return float(super()._deserialize(value, attr, data, **kwargs))


class Whole(ma.Integer):
    """A whole number of JSON, be it written 3 or 3.0; marshmallow's own takes "3" or 3.5 as well, or no 3.0."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if isinstance(value, str) or (isinstance(value, float) and not value.is_integer()):
            raise self.make_error("invalid")
        return int(super()._deserialize(value, attr, data, **kwargs))


def load(schema: Schema, body: dict[str, Any]) -> dict[str, Any]:
    """The checked body. Raises Invalid with one entry in `errors` for each bad field, MOST of them at most."""
    try:
        return dict(schema.load(body))
    except ValidationError as error:
        bad = list(islice(_errors(error.messages), MOST))
        raise Invalid("invalid", "بخش‌هایی از درخواست درست نیست؛ فهرست آن‌ها در errors آمده است.",
                      "Some fields are not right; errors lists them.", bad) from error


def _errors(messages: Any, pointer: str = "") -> Iterator[dict[str, str]]:
    if isinstance(messages, dict):
        for key, below in messages.items():
            step = "" if key == "_schema" else "/" + str(key)[:60].replace("~", "~0").replace("/", "~1")
            yield from _errors(below, pointer + step)
        return
    for message in messages:
        yield {"pointer": pointer, "fa": in_persian(str(message)), "en": str(message)}


def in_persian(message: str) -> str:
    for pattern, sentence in PERSIAN:
        if found := re.match(pattern, message):
            return re.sub(r"\\(\d)", lambda place: _in_persian_digits(found[int(place[1])]), sentence)
    return "این مقدار درست نیست."


def _in_persian_digits(said: str) -> str:
    """A number; a code stays as it must be sent."""
    return persian_digits(said) if re.fullmatch("-?[0-9.]+", said) else said


def bad_field(pointer: str, code: str, fa: str, en: str) -> Invalid:
    """A field that only the domain could find wrong."""
    return Invalid(code, fa, en, [{"pointer": pointer, "fa": fa, "en": en}])


def parameter(field: ma.Field[Any], query: Mapping[str, str], name: str) -> Any:
    """A parameter of the query as its field reads it, where it is absent the field's default, or None. Raises Malformed,
    `bad_<name>`."""
    try:
        found = field.deserialize(query.get(name, missing))
        return None if found is missing else found
    except ValidationError as error:
        [message, *_] = error.messages if isinstance(error.messages, list) else ["Not valid."]
        raise Malformed(f"bad_{name}", f"{name}: {in_persian(str(message))}", f"{name}: {message}") from error


def check_names(query: Mapping[str, str], known: Iterable[str]) -> None:
    """Raises Malformed for parameters that do not exist, naming those that do."""
    known = tuple(known)
    unknown = [name[:40] for name in query if name not in known]
    if unknown:
        raise Malformed("unknown_parameter", f"چنین پارامتری نیست: {'، '.join(unknown)}؛ این‌ها هست: {'، '.join(known)}",
                        f"No such parameter: {', '.join(unknown)}. There are {', '.join(known)}.")


def limit_of(query: dict[str, str], most: int = 200) -> int:
    """`limit` of a listing: 1 to `most`, 50 when absent. Raises Malformed."""
    found = query.get("limit", "50")
    if not re.fullmatch("[0-9]{1,6}", found) or not 1 <= int(found) <= most:
        raise Malformed("bad_limit", f"limit باید عددی بین ۱ و {persian_digits(str(most))} باشد.",
                        f"limit must be between 1 and {most}.")
    return int(found)
