"""The divisions and boundaries of ../shared/data as the files that the registry imports; nothing where they are absent.

Codes are made from the sources' own ids. English names are not in the sources: the code stands in for them.
"""
import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from deploy.local.folder import ROOT

DATA = ROOT.parent / "shared" / "data"
ABSENT = "../shared/data is not here"
Record = dict[str, Any]
TERRITORY = ("code", "kind", "parent", "name_fa", "name_en")


def table(path: str) -> list[dict[str, str]]:
    with (DATA / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shapes(name: str) -> list[Record]:
    features: list[Record] = json.loads((DATA / "boundaries" / name).read_text(encoding="utf-8"))["features"]
    return features


def csv_of(rows: Iterable[Record]) -> bytes:
    found = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(found[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return text.getvalue().encode()


def geojson_of(features: Iterable[tuple[Record, Any]]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": properties, "geometry": geometry} for properties, geometry in features]}).encode()


def place(code: str, kind: str, parent: str | None, name: str) -> Record:
    return dict(zip(TERRITORY, (code, kind, parent or "", name, code), strict=True))


def ahmadazizi(provinces: set[str] | None = None) -> Iterator[Record]:
    """All of Iran down to rural districts and cities, villages where the source has them; or of these provinces alone."""
    levels = (("ostan", "province", None), ("shahrestan", "county", "ostan"), ("bakhsh", "district", "shahrestan"),
              ("dehestan", "rural_district", "bakhsh"), ("shahr", "city", "bakhsh"),
              ("abadi_alborz_tehran_qazvin", "village", "dehestan"))
    for file, kind, above in levels:
        for row in table(f"admin/ahmadazizi_v3/{file}.csv"):
            if provinces is None or row.get("ostan", row["id"]) in provinces:
                yield place(f"ir-{file.split('_')[0]}-{row['id']}", kind, above and f"ir-{above}-{row[above]}", row["name"])


def typhoon(provinces: set[str]) -> Iterator[Record]:
    levels = (("provinces", "province", None), ("counties", "county", "province"), ("sectors", "district", "county"),
              ("rural_districts", "rural_district", "sector"), ("cities", "city", "sector"),
              ("city_districts", "region", "city"))
    prefix = {"province": "p", "county": "c", "sector": "s", "city": "t"}
    own = {"provinces": "p", "counties": "c", "sectors": "s", "rural_districts": "r", "cities": "t", "city_districts": "m"}
    for file, kind, above in levels:
        for row in table(f"admin/typhoon/{file}.csv"):
            if row.get("province_id", row["id"]) in provinces:
                parent = above and f"ir-{prefix[above]}{row[f'{above}_id']}"
                yield place(f"ir-{own[file]}{row['id']}", kind, parent, row["name"])
