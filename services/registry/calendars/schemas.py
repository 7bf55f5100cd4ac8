"""What a calendar of working time may say."""
from typing import Any
from zoneinfo import available_timezones

from marshmallow import ValidationError, fields, validate, validates_schema

from chassis.validation import Flag, Whole, Words
from services.registry.meaning import means
from services.registry.schemas import TIME, Marked, OfficeHoursSchema, Strict, name, several
from services.registry.values import Day, rule

ORDER = "It must end after it starts."
CLOSED = "It never opens: every day with office hours is a day of the weekend."


class HolidaySchema(Strict):
    date = Day(required=True)
    name_fa = name()
    name_en = name()
    estimated = Flag(load_default=False)


class ClosureSchema(Strict):
    """A whole day, or from `starts` until `ends`."""

    date = Day(required=True)
    reason = Words(required=True, validate=validate.Length(1, 300))
    starts = fields.String(allow_none=True, load_default=None, validate=TIME)
    ends = fields.String(allow_none=True, load_default=None, validate=TIME)
    described = rule(ORDER)

    @validates_schema
    def in_order(self, closure: dict[str, Any], **kwargs: Any) -> None:
        if (closure.get("starts") or "00:00") >= (closure.get("ends") or "24:00"):
            raise ValidationError(ORDER, "ends")


class CalendarSchema(Marked):
    time_zone = fields.String(required=True, validate=validate.OneOf(sorted(available_timezones())))
    weekend = fields.List(Whole(validate=validate.Range(1, 7)), required=True,
                          validate=validate.Length(max=6))
    office_hours = fields.List(fields.Nested(OfficeHoursSchema), required=True, validate=validate.Length(1, 200))
    holidays = several(HolidaySchema, 2000)
    closures = several(ClosureSchema, 2000)
    described = rule(CLOSED)

    @validates_schema
    def opens(self, calendar: dict[str, Any], **kwargs: Any) -> None:
        if {row["weekday"] for row in calendar.get("office_hours", ())} <= set(calendar.get("weekend", ())):
            raise ValidationError(CLOSED, "office_hours")


class ReopenQuery(Strict):
    starts = fields.String(**means("Where a part of the day is closed, when that part begins.", "10:00"))
