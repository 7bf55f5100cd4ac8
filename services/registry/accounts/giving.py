"""Which keys there may be, and who gives them: a role of `contracts.policy` with some of its deeds.

A secretary gives the keys of what lies in their own territory, an operator all; keys of case workers and agencies, who see
of cases what a secretary does not, an operator gives, and that is written down.
"""
from collections.abc import Callable, Collection, Iterable

from chassis.caller import Caller
from chassis.validation import bad_field
from contracts import policy
from contracts.errors import Invalid, NotAllowed

GIVEN = tuple(role for role in policy.OUTSIDE if role != "public")  # roles that a key may have
OF_ONE = tuple(role for role in GIVEN if role == "agency" or (role in policy.OF_A_PLACE and role != "secretary"))
BY_A_SECRETARY = tuple(role for role in GIVEN if role not in policy.BY_OPERATORS)
LONGEST = 30  # characters of a scope that an answer repeats
PlacesOf = Callable[[str, str], Collection[str]]  # of a key's role and subject: its territory's code and all above it


def scopes_of(role: str) -> list[str]:
    """All deeds that this role is allowed and that a key must be made for."""
    return [deed for deed in policy.RULES if policy.allowed(role, deed) and deed not in policy.UNSCOPED]


def demand_right(role: str, subject: str, scopes: Iterable[str]) -> None:
    """Raises Invalid for a key of one place or agency that names none, and for a scope that is none or not this role's."""
    if role in OF_ONE and not subject:
        raise bad_field("/subject", "subject_needed", "کد دستگاه یا محدوده‌ای را که این کلید از آنِ اوست بنویسید.",
                        "Write the code of the agency or the territory that this key is for.")
    bad = [(number, scope) for number, scope in enumerate(scopes) if scope not in scopes_of(role)]
    if bad:
        raise Invalid("bad_scope", "این نقش چنین دامنه‌ای ندارد. دامنه‌های هر نقش در docs/rights.md است.",
                      "This role has no such scope. docs/rights.md has those of each role.", [
                          {"pointer": f"/scopes/{number}", "fa": "این نقش چنین دامنه‌ای ندارد.",
                           "en": f"This role has no scope {scope[:LONGEST]}."} for number, scope in bad])


def may_give(by: Caller, role: str, subject: str, places_of: PlacesOf) -> bool:
    """Whether a key of this role for this subject is `by`'s to give, to see and to revoke."""
    return by.role == "operator" or role == "resident" or (
        role in BY_A_SECRETARY and policy.reaches(by.role, by.subject, "keys:write", places_of(role, subject)))


def demand_giving(by: Caller, role: str, subject: str, places_of: PlacesOf, scopes: Collection[str] = ()) -> None:
    """Raises NotAllowed where `may_give` says no. A key that has not all scopes of its role gives none that it lacks itself:
    who was given less than their office gets no more by a roundabout way."""
    if not may_give(by, role, subject, places_of):
        raise NotAllowed("not_yours_to_give", "کلیدی با این اختیار را راهبر سامانه می‌دهد.",
                         "A key of this role is given by an operator.")
    less = by.scopes is not None and not by.scopes.issuperset(scopes_of(by.role))
    if less and not (by.scopes or frozenset()).issuperset(scopes):
        raise NotAllowed("not_yours_to_give", "کلید شما همهٔ این دامنه‌ها را ندارد، پس آن‌ها را نمی‌دهد.",
                         "Your own key has not all of these scopes, so it gives none of them. Leave out what it has not.")
