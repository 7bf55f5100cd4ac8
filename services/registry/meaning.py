"""What the words of the registers mean: said once for each, for every body, query and answer that has them.

A field that means something else in one place says so itself, by its own `metadata`.
"""
from typing import Any

from marshmallow import Schema, fields

WORDS: dict[str, tuple[Any, ...]] = {  # name → what it is, and an example
    "accept_days": ("Working days within which an agency accepts; counts instead of `accept_hours` where given.", 2),
    "accept_hours": ("Hours of working time within which an agency accepts.", 16),
    "address": ("A telephone number or an e-mail address.", "09121234567"),
    "after_hours": ("Hours past the deadline.", 48),
    "agency": ("Code of an agency.", "alborz-water"),
    "allowances": ("Other deadlines for one level of agency or one priority; the one that fits best counts.",),
    "answers": ("Question → the answers of which one must have been given.", {"where": ["street", "alley"]}),
    "appointed_by": ("Who entered the appointment.", "secretary:alborz"),
    "as_of": ("The day as of which it is answered; today where it is not said.", "2026-03-21"),
    "as_": ("As whom to act: one of the `rights`, the first where it is not said.",),
    "became": ("What it was merged or split into when it ended.", ["karaj-eslamabad-new"]),
    "category": ("Code of a category.", "street-lighting"),
    "channel": ("How the agency takes its tasks: from its queue (AMQP), by asking (HTTP) or by e-mail.", "queue"),
    "checked_by": ("Who is asked to look whether it is really fixed; null: nobody.", "reporter"),
    "closes": ("Until this time of day.", "14:30"),
    "closures": ("One-off closures, by day.",),
    "code": ("Its code: small Latin letters, digits and hyphens.", "karaj-eslamabad"),
    "codes": ("Codes of those that become one.", ["karaj-eslamabad", "karaj-moradab"]),
    "committee": ("Code of a committee.", "utilities"),
    "confidential": ("Whether issues of this category are cases that few may see.", False),
    "contested_with": ("Code of another place that claims this one; null where none does.", "karaj-moradab"),
    "cursor": ("`next_cursor` of the page before, with everything else asked as there.", "a2FyYWotbjEy"),
    "date": ("The day.", "2026-03-21"),
    "day": ("From this day on; today where it is not said.", "2026-03-21"),
    "email": ("An e-mail address.", "alborz-water@example.org"),
    "ends": ("Until this time of day; null: until the day is over.", "14:30"),
    "entries": ("The figures, each indicator once.",),
    "estimated": ("Whether the day hangs on a moon that is not sighted yet.", False),
    "expires": ("The first day on which it counts no more; null: it does not end.", "2028-03-20"),
    "finish_days": ("Working days within which the work is done; counts instead of `finish_hours` where given.", 10),
    "finish_hours": ("Hours of working time within which the work is done.", 80),
    "given": ("The first day on which it counts.", "2026-03-21"),
    "headquarters": ("Code of a headquarters.", "alborz-headquarters"),
    "higher_is": ("Whether a higher figure is worse or better for who lives there.", "worse"),
    "holidays": ("Public holidays, by day.",),
    "how": ("How they came to the seat.", "elected"),
    "indicator": ("Code of an indicator.", "population"),
    "into": ("What they become.",),
    "kind": ("What kind of place it is.", "neighbourhood"),
    "ladder": ("What is done when nobody keeps the deadline, step by step.",),
    "key": ("An API key.", "mhl_0123456789abcdef_…"),
    "lat": ("Latitude in degrees (WGS 84).", 35.83),
    "least": ("The lowest figure that may be entered; null: what its kind allows.", 0),
    "level": ("At which level it works.", "county"),
    "limit": ("How many items a page has at most.", 50),
    "login": ("The name to sign in with.", "zahra.ahmadi"),
    "lon": ("Longitude in degrees (WGS 84).", 50.95),
    "members": ("Codes of the agencies in it.", ["alborz-water", "alborz-gas"]),
    "most": ("The highest figure that may be entered; null: what its kind allows.", 100),
    "name_en": ("Its name in English, or in Latin letters.", "Eslamabad"),
    "name_fa": ("Its name in Persian.", "کوی اسلام‌آباد"),
    "neighbourhood": ("Code of a neighbourhood.", "karaj-eslamabad"),
    "office_hours": ("When it is open. On a day with dated rows the undated ones of its weekday do not count.",),
    "opens": ("From this time of day.", "08:00"),
    "options": ("The answers to choose from, of the types `one` and `many`.",),
    "others": ("Codes of the agencies that get a part of the work beside the lead.", ["alborz-electricity"]),
    "owner": ("Whose it is: agency:<code>, person:<id> or service:<name>.", "agency:alborz-water"),
    "parent": ("Code of the one above it; null at the top.", "karaj"),
    "password": ("The password, of 12 letters at least.", "چهار واژهٔ دور از هم"),
    "path": ("Codes from the root down to itself.", ["alborz", "karaj", "karaj-eslamabad"]),
    "person": ("Id of a person.", "3f0f6a3e-8f44-4b57-9a64-0c4a7c9d2a10"),
    "photograph": ("Whether a photograph is asked for.", True),
    "place": ("Code of the agency or the territory; empty for the whole platform.", "alborz"),
    "polygon": ("Its boundary: a GeoJSON Polygon or MultiPolygon in WGS 84, longitude first.", {
        "type": "Polygon", "coordinates": [[[50.93, 35.82], [50.95, 35.82], [50.95, 35.84], [50.93, 35.82]]]}),
    "priority": ("Of an issue; null: any.", "high"),
    "questions": ("What is asked of the reporter besides the text.",),
    "reason": ("Why, for whoever reads the history.", "مصوبهٔ شورا"),
    "refresh_token": ("The refresh token of the last answer.", "mhr_…"),
    "reopen_days": ("Days after its closing on which an issue can be reopened.", 30),
    "required": ("Whether it must be answered.", True),
    "role": ("What who sits there does.", "neighbourhood_manager"),
    "sample": ("Whether it is made up for trying things out.", False),
    "scopes": ("The deeds that it is for: docs/rights.md.", ["tasks:read", "tasks:move"]),
    "session": ("The session's id.", "5b1e0c62-7f2d-4c49-9b0d-52a1b9d0f7aa"),
    "silence_days": ("Days after which an issue that was done closes if nobody answers.", 14),
    "source": ("Where the figure comes from.", "سرشماری خانه‌به‌خانه"),
    "starts": ("From this time of day; null: the whole day, or from its beginning.", "10:00"),
    "subject": ("What it is about.", "آب و فاضلاب"),
    "supporting_agency": ("Code of the agency that looks after it; null: none.", "karaj-municipality"),
    "takes": ("Codes right below the old ones that go to this one.", ["karaj-eslamabad-z3"]),
    "target": ("Whether the headquarters works for it in particular.", True),
    "telephone": ("A telephone number, in any digits.", "۰۹۱۲۱۲۳۴۵۶۷"),
    "territory": ("Code of a territory.", "karaj-eslamabad"),
    "time_zone": ("The time zone of its times of day.", "Asia/Tehran"),
    "token": ("The token of the invitation.", "Zk3v9pQ1…"),
    "to": ("Whom it goes to.", "agency_head"),
    "type": ("How it is answered; `one` and `many` choose of `options`.", "one"),
    "unit": ("The unit of its figures; empty: none.", "متر مربع"),
    "valid_from": ("The first day on which it holds; today where it is not said.", "2026-03-21"),
    "valid_to": ("The first day on which it holds no more; 9999-12-31 stands for ever.", "2027-03-21"),
    "value": ("The figure; of yes and no, 1 and 0.", 5120),
    "weekday": ("1 for Monday to 7 for Sunday.", 6),
    "weekend": ("The weekdays on which all is closed: 1 for Monday to 7 for Sunday.", [5]),
    "weights": ("How much each indicator counts.",),
    "why": ("What it is needed for; it is written down with who asked.", "دعوت به نشست شورا"),
    "year": ("A year of the Iranian calendar.", 1404),
}


class Worded(Schema):
    """Its fields say what they mean: by their own `metadata`, else by WORDS."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        said = dict(zip(("description", "example"), WORDS.get(field_name, ()), strict=False))
        field_obj.metadata = field_obj.metadata if "description" in field_obj.metadata else said | dict(field_obj.metadata)


def means(says: str, example: Any = None) -> dict[str, Any]:
    """`metadata` of a field that means something else here."""
    return {"metadata": {"description": says} | ({} if example is None else {"example": example})}
