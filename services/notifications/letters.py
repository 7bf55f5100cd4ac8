"""Letters: a template, what a delivery is about, and the words of the registry become subject and body.

Templates are plain text: `<name>.<language>.txt`, the first line is the subject. Persian letters have Jalali dates and
Persian digits throughout; times are Iran's. What a template names and nobody gave is an error, never an empty place.
"""
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from persiantools.jdatetime import JalaliDateTime

from chassis.text import persian_digits
from services.notifications.documents import Known

FOLDER = Path(__file__).parent / "templates"
IRAN = timezone(timedelta(hours=3, minutes=30))  # without daylight saving since 1401
NAMED = {"category": "category", "place": "territory", "agency": "agency"}  # what a delivery is about → its register
Names = dict[str, dict[str, Any]]  # `<register>:<code>` → {"fa", "en", "sample"}


class Letters:
    """Writes letters in one language, `fa` or `en`."""

    def __init__(self, language: str) -> None:
        self._language = language
        # Plain text for a mail program, not HTML: escaping would spoil it.
        self._templates = Environment(loader=FileSystemLoader(FOLDER), autoescape=False, undefined=StrictUndefined,
                                      trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
                                      auto_reload=False)
        self._templates.filters["moment"] = jalali if language == "fa" else gregorian

    def write(self, template: str, about: dict[str, Any], names: Names) -> tuple[str, str]:
        """Subject and body. Raises jinja2.TemplateError. A name that is not known is None in the template."""
        known = {thing: names.get(f"{register}:{about[thing]}", {}) for thing, register in NAMED.items()}
        words = about | {thing: name.get(self._language) for thing, name in known.items()} | {
            "tracking_code": spoken(about["tracking_code"]), "sample": any(name.get("sample") for name in known.values())}
        text = self._rendered(template, words)
        return parted(persian_digits(text) if self._language == "fa" else text)

    def write_code(self, template: str, code: str) -> tuple[str, str]:
        """Subject and body, the code in Latin digits: telephones offer these to be filled in."""
        return parted(self._rendered(template, {"code": code}))

    def _rendered(self, template: str, words: dict[str, Any]) -> str:
        return self._templates.get_template(f"{template}.{self._language}.txt").render(words)


def parted(text: str) -> tuple[str, str]:
    subject, _, body = text.partition("\n")
    return subject.strip(), body.strip() + "\n"


def spoken(tracking_code: str) -> str:
    """Grouped as it is read out: 1234-5678-901."""
    return f"{tracking_code[:4]}-{tracking_code[4:8]}-{tracking_code[8:]}"


def jalali(at: datetime) -> str:
    day = JalaliDateTime.to_jalali(at.astimezone(IRAN))
    return persian_digits(f"{day.strftime('%A', locale='fa')} {day.day} {day.strftime('%B %Y، ساعت %H:%M', locale='fa')}")


def gregorian(at: datetime) -> str:
    return f"{at.astimezone(IRAN):%A %-d %B %Y, %H:%M} (Iran)"


def names_for(deliveries: list[dict[str, Any]]) -> Names:
    """The names of everything that these deliveries are about, in one query."""
    keys = {f"{register}:{delivery['about'].get(thing)}" for delivery in deliveries for thing, register in NAMED.items()}
    found = Known._get_collection().find({"_id": {"$in": sorted(keys)}}, {"name_fa": 1, "name_en": 1, "sample": 1})
    return {row["_id"]: {"fa": row["name_fa"], "en": row["name_en"], "sample": row.get("sample", False)} for row in found}
