"""What imports and exports may be asked with; and an export, as it is answered."""
from collections.abc import Mapping

from marshmallow import fields

from chassis.shown import Shown, a_text, one_of
from chassis.validation import parameter
from services.registry import schemas
from services.registry.imports.tables import TABLES
from services.registry.meaning import means
from services.registry.queries import AsOfQuery
from services.registry.schemas import Strict

CONTENT = {"csv": "text/csv", "geojson": "application/geo+json"}
TRUE, FALSE = ("true", "1"), ("false", "0")
ImportQuery = Strict.from_dict({
    "register": schemas.one_of(*TABLES, required=True, **means("Into which register.", "territories")),
    "file": fields.String(**means("The name of the file, which is told back.", "neighbourhoods.csv")),
    "from": fields.String(**means("The first day on which it holds, in either calendar; else today.", "1405-01-01")),
    "dry_run": schemas.one_of(*TRUE, *FALSE, load_default="false", **means("Whether it is only tried.", "true"))},
    name="ImportQuery")


class ExportQuery(AsOfQuery):
    format = schemas.one_of(*CONTENT, load_default="csv", **means("Of which format.", "csv"))


class File(Shown):
    """What the gateway makes a file of."""

    name = a_text("Its name.", "territories-2026-03-21.csv")
    type = one_of(CONTENT.values(), "Its media type.", "text/csv")
    content = a_text("Its text.", "code,name_fa")


def is_dry(query: Mapping[str, str]) -> bool:
    """`dry_run`. Raises Malformed for what is neither yes nor no: it must not be carried out in earnest."""
    return parameter(ImportQuery().fields["dry_run"], query, "dry_run") in TRUE
