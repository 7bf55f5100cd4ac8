"""What may be asked of the numbers and what is answered, field by field; `counting` says what each number is."""
from typing import Any

from marshmallow import validate

from chassis.shown import (
    Field,
    Shown,
    a_code,
    a_count,
    a_day,
    a_moment,
    a_number,
    a_part,
    a_text,
    asking,
    many,
    one_of,
    yes_no,
)
from services.booklet import days
from services.booklet.lines import CLOCKS, MEASURES, SHARES, SUMS
from services.booklet.questions import BY, PARAMETERS
from services.booklet.sketches import QUANTILES
from services.booklet.use_cases import MOST

DAY = validate.Regexp(f"^{days.DAY.pattern}$")
SAYS = {
    "filed": "How many were filed, or offered to the agency.", "open": "On how many there is work to do.",
    "waiting": "How many wait for somebody.", "awaiting_funds": "How many await funds.", "solved": "How many are done.",
    "closed": "How many are closed.", "confirmed": "How many are closed because their filer said that it is fixed.",
    "not_fixed": "How often somebody said that it is not fixed.", "overdue": "How many are open and late.",
    "on_time": "what was finished in time", "not_fixed_share": "what somebody said of that it is not fixed",
    "reopened": "what was reopened after it was closed", "silence": "what was closed because nobody said anything",
    "referred": "what was handed on", "escalated": "what cost a step of the ladder",
    "accept": "From the offer to accepting.", "finish": "From the filing to the work's end.",
    "calendar": "By the clock on the wall.", "working": "In working time, without the time it stood.",
    "median": "Half took no longer.", "p90": "Nine of ten took no longer."}


def made(name: str, **described: Field) -> Any:
    return Shown.from_dict(described, name=name)


def shares() -> dict[str, Field]:
    """Each share, and by how many it was divided."""
    found: dict[str, Field] = {}
    for share in SHARES:
        of = SAYS.get(f"{share}_share", SAYS[share])
        found |= {f"{share}_share": a_number(f"The share, 0 to 1, of {of}; null of nothing.", 0.8125, most=1, null=True),
                  f"{share}_of": a_count("Of how many that is the share.", 16)}
    return found


TookSchema = made("TookSchema", **{name: a_count(f"{SAYS[name]} Minutes; null of nothing.", 1440, null=True)
                                   for name in QUANTILES}, of=a_count("Of how many.", 16))
ClocksSchema = made("ClocksSchema", **{clock: a_part(TookSchema, SAYS[clock]) for clock in CLOCKS})
NUMBERS: dict[str, Field] = {
    **{name: a_count(SAYS[name], 16) for name in SUMS}, **shares(),
    "satisfaction": a_number("The mean of the answers 1 to 5; null of none.", 4.25, least=1, most=5, null=True),
    "satisfaction_of": a_count("Of how many answers.", 12),
    **{f"{measure}_minutes": a_part(ClocksSchema, SAYS[measure]) for measure in MEASURES}}


class NamedLineSchema(made("Numbers", **NUMBERS)):  # type: ignore[misc]
    """A line of published numbers. Places and categories have what is above them, months their days."""

    code = a_text("The code of a place, an agency or a category; of a month, `1405-09` for Azar 1405.", "karaj-mehrvilla")
    name_fa = a_text("Its name in Persian.", "گلشهر")
    name_en = a_text("Its name in English.", "Golshahr")
    sample = yes_no("Whether it is made up for trying things out.")
    kind = a_text("The kind of a place.", "neighbourhood", may_lack=True, validate=validate.Regexp("^[a-z_]+$"))
    parent = a_code("What it lies under.", "karaj", null=True, may_lack=True)
    since = a_day("The first day of a month.", "2026-11-22", may_lack=True, data_key="from")
    until = a_day("The first day after it.", "2026-12-22", may_lack=True, data_key="to")


class TotalsSchema(made("Numbers", **NUMBERS)):  # type: ignore[misc]
    """The numbers of everything that was asked for, each issue or task once."""

    confidential = a_count("How many confidential issues there are, in steps of 5; only of everything, and from 5 on.", 15,
                           least=5, may_lack=True)


class AskedSchema(Shown):
    """The question, as it was understood."""

    by = one_of(BY, "What there is a line for.", "neighbourhood")
    category = a_code("Of this category and those below it.", "street-lighting", null=True)
    territory = a_code("In this place.", "karaj", null=True)
    agency = a_code("Of this agency.", "karaj-municipality", null=True)
    since = a_day("Filed on this day or later.", null=True, data_key="from")
    until = a_day("Filed before this day.", "2027-03-21", null=True, data_key="to")


class SmallNumbersSchema(Shown):
    """A word on small numbers, for whoever shows them."""

    below = a_count("Of fewer than so many, shares and means say little.", 5)
    fa = a_text("In Persian.")
    en = a_text("In English.")


class DurationsSchema(Shown):
    """A word on durations, for whoever shows them."""

    unit = one_of(("minutes",), "What they are counted in.")
    within = a_number("How exact they are, as a share of the value.", 0.02, most=1)
    fa = a_text("In Persian.")
    en = a_text("In English.")


class StatisticsSchema(Shown):
    """Published numbers."""

    by = one_of(BY, "What there is a line for.", "neighbourhood")
    unit = one_of(("issues", "tasks"), "What is counted: of an agency its tasks, else issues.", "issues")
    asked = a_part(AskedSchema, "The question, as it was understood.")
    time_zone = a_text("In which days and months fall.", "Asia/Tehran")
    items = many(NamedLineSchema, f"The lines by code, {MOST} at most; also those of which nothing was filed.")
    totals = a_part(TotalsSchema, "Of all of it.")
    counted_at = a_moment("When it was counted.")
    small_numbers = a_part(SmallNumbersSchema, "On small numbers.")
    durations = a_part(DurationsSchema, "On durations.")


StatisticsQuery = asking("StatisticsQuery", PARAMETERS, {
    "by": one_of(BY, "A line for each of these; `territory`: for each place right below the one asked for.", "county"),
    "category": a_text("Of this category and those below it; its code.", "street-lighting"),
    "territory": a_text("In this place of any level; its code.", "karaj"),
    "agency": a_text("Of this agency; its code. Then its tasks are counted.", "karaj-municipality"),
    "from": a_text("Filed on this day or later.", "2026-03-21", validate=DAY, metadata={"format": "date"}),
    "to": a_text("Filed before this day.", "2027-03-21", validate=DAY, metadata={"format": "date"})})
