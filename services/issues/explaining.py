"""Where a problem would go, and why, in words: asked of the rules as they are, and of rules that are not saved yet."""
from typing import Any

from chassis.caller import Caller, demand_over
from chassis.validation import bad_field, load
from services.issues.atlas import Atlas
from services.issues.filing import category_of, place_of
from services.issues.questions import check
from services.issues.routing import FITS, Considered, Explanation, Map, Row
from services.issues.schemas import TryRoutingSchema

SCHEMA = TryRoutingSchema()
SENTENCES = {
    FITS: ("سازگار است.", "It fits."),
    "territory": ("برای جای دیگری است: {territory}.", "It is for another place: {territory}."),
    "category": ("برای دستهٔ دیگری است: {category}.", "It is for another category: {category}."),
    "answers": ("پاسخ‌هایی که می‌خواهد داده نشده است: {asked}.", "The answers it asks for were not given: {asked}."),
    "rule_not_in_force": ("این قاعده اکنون برقرار نیست.", "This rule is not in force now."),
    "agency_unknown": ("دستگاه آن شناخته نیست: {agency}.", "Its agency is not known: {agency}."),
    "agency_not_in_force": ("دستگاه آن اکنون برقرار نیست: {agency}.", "Its agency is not in force now: {agency}."),
    "refused_earlier": ("دستگاه آن این مسئله را نپذیرفته است: {agency}.", "Its agency refused this issue before: {agency}."),
}


def try_routing(body: Row, caller: Caller, atlas: Atlas) -> Row:
    """Where something would go if it were filed now, and every rule that was asked. Nothing is filed or saved.

    Questions that a filing must answer may stay open. Raises Invalid, NotAllowed where that is not their place.
    """
    asked = load(SCHEMA, body)
    known = atlas.current()
    category, place = category_of(asked["category"], known), place_of(asked, known, atlas)
    demand_over(caller, "routing:try", place["path"])
    answers = check(category.get("questions", ()), asked.get("answers") or {}, whole=False)
    demand_known(asked["rules"], known)
    found = known.with_rules(asked["rules"]).explain(category["code"], place["path"], answers)
    unsaved = {rule["code"] for rule in asked["rules"]}
    return {"category": category["code"], "neighbourhood": place["code"], "place": place["path"], "answers": answers,
            "winner": _rule_json(found.winner, unsaved) if found.winner else None, **_in_short(found, place, known),
            "rules": [explained(each, known, unsaved) for each in found.considered], "left_out": found.left_out}


def demand_known(rules: list[Row], known: Map) -> None:
    """Raises Invalid for the first unsaved rule that names what is not there."""
    for position, rule in enumerate(rules):
        for name, register in (("category", known.category), ("territory", known.territory), ("agency", known.agency)):
            if rule[name] not in register:
                raise bad_field(f"/rules/{position}/{name}", f"unknown_{name}",
                                f"قاعدهٔ {rule['code']} کدی را نام می‌برد که شناخته نیست: {rule[name]}",
                                f"The rule {rule['code']} names a {name} that is not known: {rule[name]}")


def explained(considered: Considered, known: Map, unsaved: set[str]) -> Row:
    """A rule with its verdict, and the verdict in a sentence of both languages."""
    rule, words = considered.rule, SENTENCES[considered.verdict]
    asked = "؛ ".join(f"{question}: {'، '.join(map(str, answers))}" for question, answers in rule.get("answers", {}).items())
    fa, en = (sentence.format(asked=asked, **{name: _name(known, name, rule[name], language)
                                              for name in ("territory", "category", "agency")})
              for sentence, language in zip(words, ("fa", "en"), strict=True))
    return {**_rule_json(rule, unsaved), "verdict": considered.verdict, "fa": fa, "en": en}


def _rule_json(rule: Row, unsaved: set[str]) -> Row:
    return {"rule": rule["code"], **{name: rule[name] for name in ("category", "territory", "agency", "priority")},
            "others": list(rule.get("others", ())), "committee": rule.get("committee"), "answers": rule.get("answers", {}),
            "saved": rule["code"] not in unsaved}


def _name(known: Map, register: str, code: str, language: str) -> str:
    found: dict[str, Any] = getattr(known, register).get(code, {})
    name = found.get(f"name_{language}")
    return f"{name} ({code})" if name else code


def _in_short(found: Explanation, place: Row, known: Map) -> Row:
    """The decision in a sentence of both languages."""
    if winner := found.winner:
        return {"fa": f"به {_name(known, 'agency', winner['agency'], 'fa')} می‌رود، به حکم قاعدهٔ {winner['code']}.",
                "en": f"It goes to {_name(known, 'agency', winner['agency'], 'en')}, by the rule {winner['code']}."}
    fa, en = "هیچ قاعده‌ای سازگار نیست: دبیر با دست ارجاع می‌دهد", "No rule fits: a secretary assigns it by hand"
    above = known.headquarters_above(place["path"])
    if above:
        fa, en = f"{fa} ({above['name_fa']})", f"{en} ({above['name_en']})"
    if place.get("contested_with"):
        other = place["contested_with"]
        fa = f"{fa}. {_name(known, 'territory', other, 'fa')} هم این محله را از خود می‌داند"
        en = f"{en}. {_name(known, 'territory', other, 'en')} claims this neighbourhood too"
    return {"fa": f"{fa}.", "en": f"{en}."}
