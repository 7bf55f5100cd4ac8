"""What can be asked of profiles: enter, read, compare by year, and how deprived the neighbourhoods of a province are."""
from typing import Any

from chassis.store import answering
from chassis.validation import load
from contracts.errors import Invalid, TooLarge, not_found
from contracts.schema import instant
from services.registry.days import year_of
from services.registry.model import periods
from services.registry.places.locating import demand_point
from services.registry.profiles import dated, deprivation, schemas
from services.registry.profiles.documents import Facility, Indicator, ProfileEntry, Weighting
from services.registry.profiles.entries import add, figures, flaws, newest, read_on
from services.registry.registers import REGISTERS
from services.registry.use_cases import demand_code, find, standing

Record = dict[str, Any]
KEPT = {"indicators": (Indicator, schemas.IndicatorSchema()), "weightings": (Weighting, schemas.WeightingSchema()),
        "facilities": (Facility, schemas.FacilitySchema())}
TERM = ("valid_from", "valid_to", "reason")
MOST_YEARS, MOST_NEIGHBOURHOODS = 10, 2000
USUAL = "deprivation"  # the weighting where none is named


def keep(kind: str, code: str, body: Record, by: str) -> Record:
    """Puts an indicator, a weighting or a facility from `valid_from` (else today) on, until `valid_to` or for good."""
    demand_code(code)
    document, schema = KEPT[kind]
    values = load(schema, body)
    term = {name: values.pop(name) for name in TERM if name in values}
    if kind == "weightings":
        _demand_indicators(values["weights"])
    if kind == "facilities":
        _demand_facility(values)
    changed = dated.put(document, code, values, term, by)
    return {"code": code, "changed": changed, **values}


def neighbourhoods_of(kind: str, code: str, body: Record | None = None) -> set[str]:
    """Where a facility is, was, and by this body would be; of what belongs to no place none."""
    document: Any = KEPT[kind][0]
    with answering():
        found = document._get_collection().find_one({"_id": code}, {"edits.values.neighbourhood": 1}) or {"edits": ()}
    said = [body or {}, *(edit.get("values") or {} for edit in found["edits"])]
    return {each["neighbourhood"] for each in said if isinstance(each.get("neighbourhood"), str)}


def _demand_indicators(weights: list[Record]) -> None:
    named = {name for weight in weights for name in (weight["indicator"], weight["per"]) if name}
    known = Indicator._get_collection().find({"_id": {"$in": sorted(named)}}, {"_id": 1})
    unknown = named - {found["_id"] for found in known}
    if unknown:
        raise Invalid("unknown_indicator", "شاخص‌هایی در فهرست نیست.", "Some indicators are in no register.", [
            {"pointer": "/weights", "fa": f"«{code}» در فهرست نیست.", "en": f"{code} is not in the register."}
            for code in sorted(unknown)])


def _demand_facility(values: Record) -> None:
    if values["lat"] is not None:
        demand_point(values["lat"], values["lon"])
    _neighbourhood(values["neighbourhood"])


def _neighbourhood(code: str, year: int | None = None) -> Record:
    """A neighbourhood that there ever was, or was on some day of a year. Raises NotFound."""
    start, after = year_of(year) if year else ("", "9999-12-31")
    for period in reversed(periods(find(REGISTERS["territories"], code) or [])):
        if period.valid_from < after and period.valid_to > start and period.values["kind"] == "neighbourhood":
            return {"code": code, "name_fa": period.values["name_fa"], "name_en": period.values["name_en"]}
    raise not_found()


def listing(kind: str, day: str, neighbourhood: str | None = None) -> Record:
    query = {"edits.values.neighbourhood": neighbourhood} if neighbourhood else {}
    found = dated.standing(KEPT[kind][0], day, query)
    return {"items": [each for each in found if neighbourhood in (None, each.get("neighbourhood"))]}


def look_kept(kind: str, code: str, day: str) -> Record:
    """Raises NotFound where it is not in force on that day."""
    found = dated.look(KEPT[kind][0], code, day)
    if found is None:
        raise not_found()
    return found


def enter(neighbourhood: str, body: Record, by: str) -> Record:
    """Adds figures of a year, all or none where one is wrong. Raises NotFound, Invalid with a pointer for each."""
    asked = load(schemas.EntriesSchema(), body)
    year, entries = asked["year"], asked["entries"]
    known = {each["code"]: each for each in dated.standing(Indicator, read_on(year))}
    _neighbourhood(neighbourhood, year)
    wrong = [{"pointer": f"/entries/{number}/{what}", "fa": fa, "en": en} for number, entry in enumerate(entries)
             for what, fa, en in flaws(entry, known.get(entry["indicator"]), year)]
    if len({entry["indicator"] for entry in entries}) < len(entries):
        wrong.append({"pointer": "/entries", "fa": "هر شاخص را یک بار بنویسید.", "en": "Name each indicator once."})
    if wrong:
        raise Invalid("bad_entries", "بخش‌هایی از درخواست درست نیست؛ فهرست آن‌ها در errors آمده است.",
                      "Some fields are not right; errors lists them.", wrong[:50])
    return {"year": year, "added": add(neighbourhood, year, entries, by)}


def profile(neighbourhood: str, year: int, told: bool = True) -> Record:
    """A neighbourhood in a year: its figures, which are `missing`, and its facilities as of the year's last day (or today).

    `told`: say by whom each was entered. Raises NotFound, Invalid.
    """
    day, place = read_on(year), _neighbourhood(neighbourhood, year)
    known = {each["code"]: each for each in dated.standing(Indicator, day)}
    found = {code: entry for (_, _, code), entry in newest({"neighbourhood": neighbourhood, "year": year}).items()}
    return {**place, "year": year, "as_of": day, "missing": [code for code in known if code not in found],
            "indicators": [_named(known.get(code), code) | _told(entry, told) for code, entry in sorted(found.items())],
            "facilities": listing("facilities", day, neighbourhood)["items"]}


def _named(indicator: Record | None, code: str) -> Record:
    """An indicator that is in the register no more is shown by its code."""
    names = ("name_fa", "name_en", "unit", "kind", "higher_is")
    return {"indicator": code, **{name: (indicator or {}).get(name) for name in names}}


def _told(entry: Record, told: bool) -> Record:
    return {"value": entry["value"], "day": entry["day"], "source": entry["source"], "at": instant(entry["at"]),
            "corrections": entry["number"] - 1, **({"by": entry["by"]} if told else {})}


def compare(neighbourhood: str, years: list[int], told: bool = True) -> Record:
    """A neighbourhood's figures over years, oldest first, each with its `difference` from the one before that is known."""
    years = sorted(set(years))
    if not 1 <= len(years) <= MOST_YEARS:
        raise Invalid("bad_years", f"بین ۱ تا {MOST_YEARS} سال بنویسید.", f"Name 1 to {MOST_YEARS} years.", [])
    place, day = _neighbourhood(neighbourhood), [read_on(year) for year in years][-1]
    known = {each["code"]: each for each in dated.standing(Indicator, day)}
    found = newest({"neighbourhood": neighbourhood, "year": {"$in": years}})
    return {**place, "years": years, "indicators": [
        {**_named(known.get(code), code), "years": _over([found.get((neighbourhood, year, code)) for year in years], told)}
        for code in sorted({code for _, _, code in found})]}


def _over(entries: list[Record | None], told: bool) -> list[Record]:
    rows: list[Record] = []
    for entry in entries:
        if entry is not None:
            difference = entry["value"] - rows[-1]["value"] if rows else None
            rows.append({"year": entry["year"], **_told(entry, told), "difference": difference})
    return rows


def corrections(neighbourhood: str, year: int, indicator: str) -> Record:
    """Every entry of a figure, oldest first."""
    wanted = {"neighbourhood": neighbourhood, "year": year, "indicator": indicator}
    with answering():
        found = list(ProfileEntry._get_collection().find(wanted).sort("number", 1).limit(1000))
    return {"items": [_told(entry, True) for entry in found]}


def deprived(province: str, year: int, weighting: str = USUAL) -> Record:
    """The neighbourhoods of a province (or of a place in it) by how deprived they are beside each other in a year, the
    most first; those of which nothing is known last. Raises NotFound, TooLarge, Invalid."""
    day = read_on(year)
    places = {code: values for code, values in standing(REGISTERS["territories"], day, {"path": province})
              if values["kind"] == "neighbourhood"}
    used = dated.look(Weighting, weighting, day)
    if not places or used is None:
        raise not_found()
    if len(places) > MOST_NEIGHBOURHOODS:
        raise TooLarge("too_many_neighbourhoods", "محله‌ها بیش از اندازه‌اند؛ شهرستانی را نام ببرید.",
                       "Too many neighbourhoods; name a county instead.")
    weights = _weights(used, day)
    named = sorted({name for weight in weights for name in (weight.indicator, weight.per) if name})
    scored = deprivation.scores(figures(sorted(places), year, named), weights)
    return {"province": province, "year": year, "as_of": day, "weighting": weighting, "compared": len(places),
            "items": [_scored(code, places[code], scored[code]) for code in sorted(scored, key=lambda code: (
                scored[code].index is None, -(scored[code].index or 0), code))]}


def _weights(weighting: Record, day: str) -> list[deprivation.Weight]:
    """Those of indicators that are in force."""
    known = {each["code"]: each for each in dated.standing(Indicator, day)}
    used = [(each, known[each["indicator"]]) for each in weighting["weights"] if each["indicator"] in known]
    return [deprivation.Weight(each["indicator"], each["weight"], indicator["higher_is"] == "worse", each["per"])
            for each, indicator in used]


def _scored(code: str, place: Record, score: deprivation.Score) -> Record:
    return {"neighbourhood": code, "name_fa": place["name_fa"], "name_en": place["name_en"], "target": place["target"],
            "index": None if score.index is None else round(score.index, 6), "coverage": round(score.coverage, 6),
            "missing": list(score.missing), "parts": {name: round(part, 6) for name, part in score.parts.items()}}
