"""Why: of routing and of deadlines, field by field; made by `explaining`, `coverage` and `reckoning`."""
from marshmallow import fields, validate

from chassis.shown import (
    PAGING,
    Either,
    Shown,
    a_code,
    a_count,
    a_day,
    a_moment,
    a_part,
    a_text,
    asking,
    many,
    one_of,
    said,
    yes_no,
)
from services.issues.coverage import PARTS
from services.issues.life.moves import FOR_WHOM, TASK_STATES
from services.issues.routing import VERDICTS
from services.issues.schemas import AskedAnswer
from services.issues.shown import TASK, given_answers


class RuleShownSchema(Shown):
    """A routing rule."""

    rule = a_code("Its code.", "karaj-lamps")
    category = a_code("For this category and those below it.", "street-lighting")
    territory = a_code("For issues that lie here.", "karaj")
    agency = a_code("Whom it names.", "karaj-municipality")
    priority = a_count("The lowest is asked first.", 10)
    others = many(a_code("An agency.", "karaj-municipality"), "Who gets a part besides.")
    committee = a_code("The committee that watches over it.", "urban-services", null=True)
    answers = said(fields.Dict, "It fits only where these questions are answered with one of these.", {"dark": [True]},
                   keys=fields.String(), values=fields.List(AskedAnswer()))
    saved = yes_no("Whether it is there, or was only asked about.")


class ConsideredRuleSchema(RuleShownSchema):
    """A rule that was asked, and what it said."""

    verdict = one_of(VERDICTS, "That it fits, or the first reason why it does not.", "fits")
    fa = a_text("The verdict in Persian.", "سازگار است.")
    en = a_text("The verdict in English.", "It fits.")


class TriedRoutingSchema(Shown):
    """Where an issue would go, and why."""

    category = a_code("What was asked about.", "street-lighting")
    neighbourhood = a_code("Where it lies.", "karaj-mehrvilla")
    place = many(a_code("A place.", "alborz"), "From the province down to it.", ["alborz", "karaj", "karaj-mehrvilla"])
    answers = given_answers()
    winner = a_part(RuleShownSchema, "The first rule that fits; null: a secretary assigns it by hand.", null=True)
    fa = a_text("The decision in Persian.", "به شهرداری کرج (karaj-municipality) می‌رود، به حکم قاعدهٔ karaj-lamps.")
    en = a_text("The decision in English.", "It goes to karaj-municipality, by the rule karaj-lamps.")
    rules = many(ConsideredRuleSchema, "Those of its category and place in the order of asking, then near misses.")
    left_out = a_count("How many near misses more there are.", 0)


class HoleSchema(Shown):
    """A category that routes nowhere in a neighbourhood."""

    category = a_code("The category.", "street-lighting")
    neighbourhood = a_code("The neighbourhood.", "karaj-mehrvilla")
    if_answered = many(a_code("A rule.", "karaj-lamps"), "Rules that route some of these issues, depending on answers.")


class OverlapSchema(Shown):
    """Two rules that may fit the same issue and name different agencies."""

    rules = many(a_code("A rule.", "karaj-lamps"), "The two.", ["karaj-lamps", "karaj-lights"],
                 validate=validate.Length(equal=2))
    agencies = many(a_code("An agency.", "karaj-municipality"), "Whom they name.",
                    ["karaj-municipality", "alborz-electricity"], validate=validate.Length(equal=2))
    category = a_code("Of both.", "street-lighting")
    territory = a_code("Of both.", "karaj")
    priority = a_count("Of both.", 10)


class RoutingReportSchema(Shown):
    """A page of holes or overlaps, and how many there are of both."""

    part = one_of(PARTS, "What is listed.", "holes")
    items = many(Either(HoleSchema, OverlapSchema, says="As `part` says."), "In order.")
    next_cursor = a_text("Ask with it as `cursor` for the next page; null on the last.", null=True)
    holes = a_count("How many.", 12)
    overlaps = a_count("How many; ten thousand at most are counted.", 1)


class WhyShutSchema(Shown):
    """Why a day, or a part of it, does not count."""

    kind = a_text("`weekend`, `holiday`, `closure`, `no_hours` (none on that weekday) or `outside` (office hours).",
                  "holiday", validate=validate.Regexp("^[a-z_]+$"))
    fa = a_text("In Persian.", "عید نوروز")
    en = a_text("In English.", "Nowruz")
    estimated = yes_no("It hangs on a moon that is not sighted yet.")


class CountedDaySchema(Shown):
    """A day of a deadline."""

    day = a_day("Local to the calendar's zone.")
    minutes = a_count("How much of it counted.", 450)
    why = many(WhyShutSchema, "Why not more of it did.")


class StopSchema(Shown):
    """A time in which the clock stood."""

    start = a_moment("Since when.")
    end = a_moment("Until when; null: it still stands.", null=True)
    kind = one_of(TASK_STATES, "The state in which it stood.", "waiting")
    for_whom = one_of(FOR_WHOM, "Whom the agency waited for.", "filer", null=True)


class ExtensionSchema(Shown):
    """A later deadline that was granted."""

    at = a_moment("When it was granted.")
    to = a_moment("The deadline since then.", "2026-12-20T08:30:00.000Z")


class DeadlineSchema(Shown):
    """Why a deadline falls on the day on which it falls."""

    task = a_text("The task's id.", TASK)
    version = a_count("The issue's: counted up at every change.", 7, least=1)
    due = a_moment("Until when it must be finished.", "2026-12-08T08:30:00.000Z")
    accept_by = a_moment("Until when it must be accepted.", "2026-11-25T08:30:00.000Z")
    counted_from = a_moment("The filing; of working days, the hour from which they count.")
    finish_hours = a_count("Hours to finish.", 72)
    finish_days = a_count("Working days to finish, which count in place of the hours.", 10, null=True)
    calendar = a_code("In whose working time; null: by the clock on the wall.", "alborz", null=True)
    calendar_version = a_count("By which version of it.", 3, least=1, null=True)
    promised = a_moment("A deadline from outside in place of a reckoned one.", null=True)
    stops = many(StopSchema, "When the clock stood.")
    extensions = many(ExtensionSchema, "What was granted.")
    days = many(CountedDaySchema, "From the filing on; none where hours of the clock on the wall count.")


RoutingReportQuery = asking("RoutingReportQuery", ("part", *PAGING), PAGING | {
    "part": one_of(PARTS, "Which of the two is listed.", "holes")})
