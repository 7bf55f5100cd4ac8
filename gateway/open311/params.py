"""The parameters of a call, from its query and its form together: some clients send in one what others send in the other.

Optional means that an empty one is none. What is said twice is refused, but for lists, of which the standard says so.
"""
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from chassis.text import persian_digits
from contracts.errors import Malformed

MOST = 200  # parameters of one call
ATTRIBUTE = re.compile(r"attribute\[([A-Za-z0-9_-]{1,60})\](\[\])?")
YEARS = [str(year) for year in range(1970, 2200)]  # with which one can reckon
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)


class Params:
    def __init__(self, query: str, form: str = "") -> None:
        """Raises Malformed for what is no UTF-8, or too much."""
        self._sources = [grouped(query), grouped(form)]

    def values(self, name: str) -> list[str]:
        """Every value of a parameter that may be sent several times."""
        return [value for source in self._sources for value in source.get(name, ())]

    def one(self, name: str) -> str:
        """The value, or "" for none. Raises Malformed where it is sent twice, or otherwise in query and form."""
        found = [source[name] for source in self._sources if name in source]
        if any(len(values) > 1 for values in found) or len({values[0] for values in found}) > 1:
            raise twice(name)
        return found[0][0] if found else ""

    def several(self, name: str) -> list[str]:
        """The values that are set apart by commas, each once."""
        found = [each.strip() for value in self.values(name) for each in value.split(",")]
        return list(dict.fromkeys(filter(None, found)))

    def number(self, name: str, default: int, most: int) -> int:
        """From 1 to `most`. Raises Malformed."""
        found = self.one(name)
        if not found:
            return default
        if not re.fullmatch("[0-9]{1,6}", found) or not 1 <= int(found) <= most:
            raise wrong(name, f"عددی از ۱ تا {persian_digits(str(most))} لازم است.",
                        f"it must be a number from 1 to {most}.")
        return int(found)

    def choice(self, name: str, allowed: Sequence[str]) -> list[str]:
        """Of a list, the values that are allowed. Raises Malformed for any other."""
        found = self.several(name)
        if not set(found) <= set(allowed):
            raise wrong(name, f"یکی از این‌ها را بنویسید: {', '.join(allowed)}.", f"it must be one of {', '.join(allowed)}.")
        return found

    def moment(self, name: str) -> datetime | None:
        """W3C date and time with its zone, in UTC, to the second; a + that came as a space is meant. Raises Malformed."""
        found = self.one(name).replace(" ", "+")
        if not found:
            return None
        try:
            if MOMENT.fullmatch(found) and found[:4] in YEARS:
                return datetime.fromisoformat(found).astimezone(UTC).replace(microsecond=0)
        except (ValueError, OverflowError):
            pass
        raise wrong(name, "زمان را با منطقهٔ زمانی بنویسید؛ مانند 2026-03-21T08:00:00Z.",
                    "it must be a date and time with its time zone, such as 2026-03-21T08:00:00Z.")

    def attributes(self) -> dict[str, list[str]]:
        """The values of each `attribute[CODE]` and `attribute[CODE][]`. Raises Malformed."""
        found: dict[str, list[str]] = {}
        for name in dict.fromkeys(name for source in self._sources for name in source if name.startswith("attribute[")):
            read = ATTRIBUTE.fullmatch(name)
            if not read:
                raise wrong(name[:80], "آن را مانند attribute[CODE] یا attribute[CODE][] بنویسید.",
                            "write it as attribute[CODE] or attribute[CODE][].")
            found.setdefault(read[1], []).extend(self.values(name) if read[2] else [self.one(name)])
        return found

    def again(self) -> list[tuple[str, str]]:
        """All of the query but what must not stand in an address that is handed on: for a link to the next page."""
        return [(name, value) for name, values in self._sources[0].items() for value in values
                if name not in ("api_key", "page", "cursor")]


def grouped(encoded: str) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(encoded, errors="strict", max_num_fields=MOST)
    except ValueError as error:
        raise Malformed("malformed_parameters", "پارامترها خواندنی نیست؛ حداکثر ۲۰۰ تا، با UTF-8.",
                        "The parameters cannot be read. Send up to 200, as UTF-8, percent-escaped.") from error
    found: dict[str, list[str]] = defaultdict(list)
    for name, value in pairs:
        if value.strip():
            found[name].append(value.replace("\r\n", "\n").replace("\r", "\n").strip())
    return dict(found)


def wrong(name: str, fa: str, en: str) -> Malformed:
    return Malformed("bad_parameter", f"{name}: {fa}", f"{name}: {en}")


def too_long(name: str, most: int) -> Malformed:
    return wrong(name, persian_digits(f"حداکثر {most} نویسه بنویسید."), f"it must be {most} characters at most.")


def missing(name: str) -> Malformed:
    return Malformed("missing_parameter", f"{name} را بنویسید.", f"{name} was not provided.")


def twice(name: str) -> Malformed:
    return wrong(name, "بیش از یک بار فرستاده شده است؛ یک بار بفرستید.", "it was sent more than once; send it once.")
