"""What may be entered of profiles."""
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from chassis.validation import Number, Whole, Words
from services.registry.days import JALALI
from services.registry.meaning import means
from services.registry.queries import AsOfQuery
from services.registry.schemas import Named, Strict, code, one_of, several
from services.registry.values import NULL, NUMBER, Day, either, given, rule

MOST = validate.Range(-1e12, 1e12)
YEAR = validate.Range(JALALI[0], JALALI[-1])
NO_NUL = validate.Regexp(r"^[^\x00]*\Z", error="A NUL character cannot be kept. Take it out.")
NO_YES = (0.0, 1.0)
WORSE_OR_BETTER = ("worse", "better")
BOUNDS = {"count": (0.0, 1e12), "share": (0.0, 100.0), "area": (0.0, 1e12), "yes_no": NO_YES}


BELOW, ONCE = "The most must not be below the least.", "Name each indicator once."


class Figure(Number):
    """A number; yes and no are 1 and 0."""

    def __init__(self, **more: Any) -> None:
        super().__init__(validate=MOST, **more)


class Dated(Strict):
    valid_from = Day()
    valid_to = Day(allow_none=True)
    reason = Words(validate=validate.Length(1, 1000), allow_none=True)


class IndicatorSchema(Named, Dated):
    """`kind`: count, share (0 to 100, per cent), area (in `unit`) or yes_no. `least`, `most`: what a figure may be."""

    kind = one_of(*BOUNDS, required=True, **means(
        "A count, a share of 100, an area in `unit`, or 1 and 0 for yes and no.", "count"))
    unit = fields.String(load_default="", validate=[validate.Length(max=50), NO_NUL])
    higher_is = one_of(*WORSE_OR_BETTER, required=True)
    least = Figure(allow_none=True, load_default=None)
    most = Figure(allow_none=True, load_default=None)
    described = rule(BELOW)

    @validates_schema
    def in_order(self, indicator: dict[str, Any], **kwargs: Any) -> None:
        if None not in (indicator.get("least"), indicator.get("most")) and indicator["least"] > indicator["most"]:
            raise ValidationError(BELOW, "most")


class WeightSchema(Strict):
    """`per`: the indicator by which this one is divided, as clinics by population."""

    indicator = code(required=True)
    weight = Number(required=True, validate=validate.Range(0, 1000, min_inclusive=False), **means("How much it counts.", 2))
    per = code(allow_none=True, load_default=None, **means("Code of the one by which it is divided first.", "population"))


class WeightingSchema(Named, Dated):
    weights = fields.List(fields.Nested(WeightSchema), required=True, validate=validate.Length(1, 50))
    described = rule(ONCE)

    @validates_schema
    def each_once(self, weighting: dict[str, Any], **kwargs: Any) -> None:
        named = [weight.get("indicator") for weight in weighting.get("weights", ())]
        if len(set(named)) < len(named):
            raise ValidationError(ONCE, "weights")


class FacilitySchema(Named, Dated):
    """`kind`: clinic, park, school, lighting, … as the province calls them."""

    neighbourhood = code(required=True)
    kind = code(required=True, **means("What it is, as the province calls it.", "clinic"))
    lat = Number(allow_none=True, load_default=None)
    lon = Number(allow_none=True, load_default=None)
    described = either({"properties": {"lat": NULL, "lon": NULL}}, given(lat=NUMBER, lon=NUMBER))

    @validates_schema
    def has_both(self, facility: dict[str, Any], **kwargs: Any) -> None:
        if (facility.get("lat") is None) != (facility.get("lon") is None):
            raise ValidationError("Give both lat and lon, or neither.", "lat")


class EntrySchema(Strict):
    """`day`: on which it was counted, where that is known."""

    indicator = code(required=True)
    value = Figure(required=True)
    day = Day(allow_none=True, load_default=None, **means("On which it was counted, where that is known.", "2025-09-01"))
    source = Words(allow_none=True, load_default=None, validate=validate.Length(1, 300))


class EntriesSchema(Strict):
    year = Whole(required=True, validate=YEAR)
    entries = several(EntrySchema, 200)


class FacilitiesQuery(AsOfQuery):
    neighbourhood = code(**means("Only those of this neighbourhood.", "karaj-eslamabad"))


KEPT = {"indicators": IndicatorSchema, "weightings": WeightingSchema, "facilities": FacilitySchema}
LISTS = {"indicators": AsOfQuery, "weightings": AsOfQuery, "facilities": FacilitiesQuery}


class YearQuery(Strict):
    year = fields.Integer(required=True, validate=YEAR)


class YearsQuery(Strict):
    years = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{4}(,[0-9]{4}){0,9}\Z"), **means(
        "Up to ten years of the Iranian calendar, with commas between them.", "1403,1404"))


class CorrectionsQuery(YearQuery):
    indicator = code(required=True)


class DeprivationQuery(YearQuery):
    province = code(required=True, **means("Code of a province, or of another place above neighbourhoods.", "alborz"))
    weighting = code(load_default="deprivation", **means("Code of a weighting.", "deprivation"))
