"""What is answered of profiles: indicators, weightings and facilities, figures by year, and how deprived a place is."""
from marshmallow import fields, validate

from chassis.shown import Shape, Shown, a_count, a_day, a_moment, a_number, a_text, listing, many, one_of, yes_no
from services.registry import schemas
from services.registry.meaning import means
from services.registry.profiles.schemas import (
    BOUNDS,
    WORSE_OR_BETTER,
    Dated,
    FacilitySchema,
    IndicatorSchema,
    WeightingSchema,
)
from services.registry.shown import Told, a_code, a_version, days, told

KEPT = {"indicators": (IndicatorSchema, "Indicator"), "weightings": (WeightingSchema, "Weighting"),
        "facilities": (FacilitySchema, "Facility")}
TERM = tuple(Dated().fields)
ITEMS = {kind: told(schema, f"{name}OnADay", a_code() | a_version() | days(), without=TERM)
         for kind, (schema, name) in KEPT.items()}
LISTS = {kind: listing(f"{name}List", ITEMS[kind]) for kind, (_, name) in KEPT.items()}
CHANGED: dict[str, Shape] = {
    kind: told(schema, f"{name}Kept", a_code() | {"changed": yes_no("Whether anything was new.")}, without=TERM)
    for kind, (schema, name) in KEPT.items()}


class EndedCode(Told):
    code = schemas.code(required=True)


class EnteredFigure(Told):
    """The newest figure of an indicator in a year."""

    value = a_number("The figure; of yes and no, 1 and 0.", 5120, least=-1e12, most=1e12)
    day = a_day("On which it was counted; null where that is not known.", null=True)
    source = a_text("Where it comes from; null where that was not said.", "سرشماری خانه‌به‌خانه", null=True)
    at = a_moment("When it was entered.")
    corrections = a_count("How often it was corrected before.", 0)
    by = a_text("Who entered it; for who may enter figures.", "secretary:alborz", may_lack=True)


class NamedIndicator(Told):
    """Of one that is in the register no more, only the code is told."""

    indicator = schemas.code(required=True)
    name_fa = a_text("Its name in Persian.", "جمعیت", null=True)
    name_en = a_text("Its name in English.", "Population", null=True)
    unit = a_text("The unit of its figures; empty: none.", "نفر", null=True)
    kind = one_of(BOUNDS, "What its figures are.", "count", null=True)
    higher_is = one_of(WORSE_OR_BETTER, "What a higher figure is for who lives there.", "worse", null=True)


class Figure(NamedIndicator, EnteredFigure):
    pass


class YearsEntry(EnteredFigure):
    year = a_count("A year of the Iranian calendar.", 1404)
    difference = a_number("From the figure before that is known; null of the first.", 120, least=None, null=True)


class FigureOverYears(NamedIndicator):
    years = many(YearsEntry, "The years of which a figure is known, oldest first.")


class NamedNeighbourhood(Told):
    code = schemas.code(required=True)
    name_fa = schemas.name()
    name_en = schemas.name()


class Profile(NamedNeighbourhood):
    year = a_count("A year of the Iranian calendar.", 1404)
    as_of = a_day("The last day of the year, or today where it is not over.")
    missing = fields.List(schemas.code(), required=True, **means("Indicators of which no figure is known.", ["clinics"]))
    indicators = many(Figure, "What is known, by indicator.")
    facilities = many(ITEMS["facilities"], "What there is in the neighbourhood.")


class Comparison(NamedNeighbourhood):
    years = many(a_count("A year of the Iranian calendar."), "The years that are compared, oldest first.", [1403, 1404])
    indicators = many(FigureOverYears, "What is known, by indicator.")


Corrections = listing("FigureEntries", EnteredFigure)


class Entered(Shown):
    year = a_count("The year of the figures.", 1404)
    added = a_count("How many figures were new; what was said already is not entered again.", 2)


class Deprived(Told):
    neighbourhood = schemas.code(required=True)
    name_fa = schemas.name()
    name_en = schemas.name()
    target = yes_no("Whether the headquarters works for it in particular.")
    index = a_number("From 0 for the best to 1 for the worst; null where nothing is known.", 0.62, most=1, null=True)
    coverage = a_number("The share of the weights of which a figure is known.", 0.8, most=1)
    missing = fields.List(schemas.code(), required=True, **means("Indicators of which no figure is known.", ["clinics"]))
    parts = fields.Dict(schemas.code(), fields.Float(validate=validate.Range(0, 1)), required=True, **means(
        "What each indicator adds, before its weight.", {"population": 0.4}))


class Deprivation(Told):
    """Neighbourhoods beside each other, the most deprived first; those of which nothing is known last."""

    province = schemas.code(required=True, **means("Code of the place whose neighbourhoods are compared.", "alborz"))
    year = a_count("A year of the Iranian calendar.", 1404)
    as_of = a_day("The last day of the year, or today where it is not over.")
    weighting = schemas.code(required=True, **means("Code of the weighting.", "deprivation"))
    compared = a_count("How many neighbourhoods are compared.", 63)
    items = many(Deprived, "The most deprived first.")
