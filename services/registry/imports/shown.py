"""What is answered of imports: where one stands, and what became of each row."""
from marshmallow import fields

from chassis.shown import Shown, a_count, a_moment, a_text, many, one_of, yes_no
from services.registry import schemas
from services.registry.imports.jobs import STATES
from services.registry.imports.tables import TABLES
from services.registry.meaning import means
from services.registry.shown import Told


class BadCell(Shown):
    line = a_count("The line of the file, from 1; 0: the file as a whole.", 17)
    column = a_text("The name of the column, or its letter; null: the whole row.", "name_fa", null=True)
    code = a_text("What is wrong, for programs.", "too_long")
    value = a_text("What stands there, shortened.", "کوی بهار و همهٔ کوچه‌هایی که …")
    fa = a_text("What is wrong and what to do, in Persian.", "این خانه بیش از ۲۰۰ نویسه دارد.")
    en = a_text("The same in English.", "This cell has more than 200 letters.")


class Alike(Told):
    code = schemas.code(required=True)
    name_fa = a_text("The name that is known.", "کوی اسلام‌آباد")
    score = a_count("How alike the two names are, up to 100.", 94, most=100)


class Proposal(Told):
    """A new name that may be another spelling of a known one. Nothing is decided by it."""

    line = a_count("The line of the file.", 17, least=1)
    code = schemas.code(required=True)
    name_fa = a_text("The name in the file.", "اسلام آباد")
    may_be = many(Alike, "What it may be, the likeliest first.")


class Report(Told):
    register = one_of(TABLES, "Of which register.", "territories")
    dry_run = yes_no("Whether it was only tried.")
    stored = yes_no("Whether it came into force.")
    change_set = a_text("The set of edits by which it did; null where nothing was changed.", null=True)
    rows = a_count("Rows of the file.", 63)
    new = a_count("Records that are new.", 3)
    changed = a_count("Records that say something else now.", 2)
    unchanged = a_count("Records that say nothing new.", 58)
    bad = a_count("Rows with something wrong.", 0)
    errors = a_count("Reasons for which rows are wrong.", 0)
    unchecked_points = a_count("Points with no known boundary to hold them against.", 0)
    proposed = a_count("Names that may be other spellings of known ones.", 1)
    proposals = many(Proposal, "The first 1000 of them.")
    bad_rows = many(BadCell, "The first 1000 of the errors, by line.")


class InTheWay(Shown):
    """Something else than the file was in the way."""

    code = a_text("What it was, for programs.", "cut_off")
    fa = a_text("What to do, in Persian.", "همان فایل را دوباره بفرستید.")
    en = a_text("The same in English.", "Send the same file again.")


class Import(Shown):
    id = fields.UUID(required=True, **means("Its id, by which it is looked at.", "7a4f3c0e-5d0a-4b51-9d3f-2f0a6f1f7c11"))
    at = a_moment("When it was asked for.")
    state = one_of(STATES, "queued and running are under way; refused: nothing of it came into force.", "done")
    register = one_of(TABLES, "Of which register.", "territories")
    dry_run = yes_no("Whether it is only tried.")
    report = fields.Nested(Report, required=True, allow_none=True, **means("What became of the rows; null until it ends."))
    problem = fields.Nested(InTheWay, required=True, allow_none=True, **means("Why it did not come to its end."))


class BegunImport(Import):
    file = a_text("The name of the file, as it was told; it is not kept.", "neighbourhoods.csv")
