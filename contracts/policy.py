"""Who may do what to which things: one table, asked by every surface, the gateway's and the services' own.

A deed is one kind of doing (`issues:file`), and by the same name the scope of an API key, but for those UNSCOPED, which
every good credential is for. A rule says for each role how far it reaches:

    everywhere   any such thing
    place        what lies in the territory that the role is held for, or below it
    own          what is this caller's own: the tasks of its agency, what it filed itself
    filer        any such thing, for whoever proves to be its filer, by the issue's secret or by the account that filed it

Who is not named may not. `python -m contracts.policy` prints docs/rights.md.
"""
from collections.abc import Collection, Mapping
from dataclasses import dataclass

EVERYWHERE, PLACE, OWN, FILER = "everywhere", "place", "own", "filer"
OF_A_PLACE = ("neighbourhood_manager", "reporter", "case_worker", "secretary")  # whose subject is a territory's code
OUTSIDE = ("public", "resident", "agency", *OF_A_PLACE, "operator")  # those that come through the gateway
ROLES = (*OUTSIDE, "service")
BY_OPERATORS = ("operator", "case_worker", "agency")  # who may do or see what secretaries may not: their keys, seats and
#                                                       accounts are given by an operator alone
UNSCOPED = ("sessions:read", "sessions:write")  # deeds that are no scope: who one is, whoever is known may ask
ALL = dict.fromkeys(OUTSIDE, EVERYWHERE)
PROVEN = dict.fromkeys(OUTSIDE, FILER)
SECRETARY = {"secretary": PLACE}
KEEPERS = {"secretary": PLACE, "operator": EVERYWHERE}  # who keeps registers, people and accounts
SERVICE = {"service": EVERYWHERE}


@dataclass(frozen=True)
class Rule:
    """`who`: from roles to how far they reach."""

    deed: str
    says: str
    who: Mapping[str, str]


RULES = {rule.deed: rule for rule in (
    Rule("platform:read", "the API's description, public keys, what is there", ALL),
    Rule("registers:read", "all registers, of seats without who holds them", ALL),
    Rule("registers:history", "what a record was, and who changed it", KEEPERS),
    Rule("registers:write", "records of the registers, and reshaping territories", KEEPERS),
    Rule("registers:import", "import files, and read what became of them", KEEPERS),
    Rule("registers:export", "registers as files", KEEPERS),
    Rule("seats:write", "appoint and vacate", KEEPERS),
    Rule("profiles:read", "a territory's profile and its indicators", ALL),
    Rule("profiles:write", "indicators, weightings, facilities and profiles, and their corrections", KEEPERS),
    Rule("people:read", "people's names and addresses; each reading is written down", KEEPERS),
    Rule("people:write", "people and their certificates, and erasing them", KEEPERS),
    Rule("people:audit", "who has read whose address", KEEPERS),
    Rule("accounts:write", "invite, shut and open accounts", KEEPERS),
    Rule("keys:write", "list, make and revoke API keys", KEEPERS),
    Rule("sessions:read", "who one is, as what, with which scopes, until when", ALL),
    Rule("sessions:write", "sign in and out, refresh, ask for a code, take up an invitation, set up the second factor", ALL),
    Rule("sessions:audit", "who signed in, and what was changed of accounts and keys", {"operator": EVERYWHERE}),
    Rule("issues:read", "issues that are public, and one's own by its secret or as who filed it", ALL),
    Rule("issues:story", "the whole story of an issue, with what its agencies ask for and why",
         {"neighbourhood_manager": PLACE, "secretary": PLACE}),
    Rule("issues:file", "file an issue", {"resident": EVERYWHERE, "secretary": PLACE}),
    Rule("issues:join", "join an issue of somebody else", {"resident": EVERYWHERE, "secretary": PLACE}),
    Rule("issues:answer", "confirm, say that it is not fixed, withdraw, leave",
         PROVEN | {"neighbourhood_manager": PLACE, "secretary": PLACE}),
    Rule("issues:check", "a second person's check of what is done",
         {"neighbourhood_manager": PLACE, "reporter": PLACE, "secretary": PLACE}),
    Rule("issues:assign", "offer an issue, or a part of it, to an agency", {"secretary": PLACE, "case_worker": PLACE}),
    Rule("issues:decide", "reject, prioritise, mark duplicates, decide of agencies' tasks; see that a case is there",
         SECRETARY),
    Rule("issues:worklists", "what waits for one's own hand",
         {"agency": OWN, "neighbourhood_manager": PLACE, "secretary": PLACE}),
    Rule("messages:read", "conversation on an issue", ALL),
    Rule("messages:write", "write to who has a part in an issue",
         PROVEN | {"agency": OWN, "neighbourhood_manager": PLACE, "case_worker": PLACE, "secretary": PLACE}),
    Rule("routing:try", "try where an issue would go, and what is covered", SECRETARY),
    Rule("deliveries:read", "what was sent to whom of an issue, without addresses", KEEPERS),
    Rule("tasks:read", "an agency's own tasks", {"agency": OWN}),
    Rule("tasks:move", "accept, refuse, refer, finish and the like", {"agency": OWN}),
    Rule("cases:hide", "make an issue confidential", {"secretary": PLACE, "case_worker": PLACE}),
    Rule("cases:read", "confidential issues and their assessments; each reading is written down", {"case_worker": PLACE}),
    Rule("cases:assess", "assess what a case needs", {"case_worker": PLACE}),
    Rule("cases:audit", "who has read which case", {"case_worker": PLACE, "operator": EVERYWHERE}),
    Rule("statistics:read", "published numbers", ALL),
    Rule("platform:serve", "what services ask each other", SERVICE),
)}


def allowed(role: str, deed: str) -> bool:
    """Whether this role may do it at all; how far, `reaches` says. Raises KeyError for a deed without a rule."""
    return role in RULES[deed].who


def covers(scopes: Collection[str] | None, deed: str) -> bool:
    """Whether a key with these scopes is for a deed; None are all."""
    return scopes is None or deed in UNSCOPED or deed in scopes


def reaches(role: str, subject: str, deed: str, places: Collection[str]) -> bool:
    """Whether a role that is allowed may do it here: `places` are the codes of the thing's territory and all above it.

    A secretary without a subject is the whole platform's. Of `own` and `filer` whoever keeps the thing decides.
    """
    return RULES[deed].who[role] != PLACE or subject in places or (role == "secretary" and not subject)


def page() -> str:
    """docs/rights.md, whole."""
    head = ["deed", "what", *OUTSIDE]
    lines = [[f"`{rule.deed}`", rule.says + ("; needs no scope" if rule.deed in UNSCOPED else ""),
              *(rule.who.get(role, "–") for role in OUTSIDE)] for rule in RULES.values() if rule.who != SERVICE]
    table = "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *lines])
    return f"{INTRODUCTION}\n{table}\n"


INTRODUCTION = """# Rights

Written by `python -m contracts.policy` from the one table that every surface asks; a test walks every address with every
role and compares.

- **everywhere**: any such thing. **place**: in the territory that the role is held for, and below it. **own**: the tasks of
  one's own agency, what one filed oneself. **filer**: for whoever proves to be the filer, by the issue's secret or by the
  account that filed it. **–**: no.
- A role comes from a seat and ends with its term: a `head`, `clerk` or `case_worker` of an agency speaks for the agency; a
  `secretary`, `neighbourhood_manager`, `reporter` or `case_worker` of a territory is that there, and the secretary of a
  headquarters is one in its territory; every other seat is an honour, and leaves one a resident.
- An API key has one role and, of its deeds, those among its scopes, and those that need none.
- A record lies in its territory, or in that of what it hangs on: an agency's, a headquarters', a committee's headquarters'.
  What lies in none, as categories and what is counted of neighbourhoods, is kept by operators and by secretaries who are
  held to no territory. Who moves something must reach both where it lies and where it goes.
- Keys, seats and accounts of operators, of case workers and of who speaks for an agency are an operator's to give: a
  secretary who could fill such a seat, or held its account, would read by it the cases that are hidden from secretaries. An
  account that a secretary's invitation began has none of these rights until an operator invites anew.
- The people of a secretary are those who hold or held a seat in their territory, and those who were entered there; to look
  at anybody else is answered as if there were no such person. Who sits elsewhere besides is changed and erased by whoever
  reaches all of their seats.
- What is not one's place is refused (403, `not_your_place`); of a confidential issue, and of another agency's tasks, it is
  as if they were not there (404). Of cases fewer see less: [cases](cases.md).
- A secret or an account is of one issue; somebody else's address is shown to nobody ([why](adr/0036-rights.md)).
"""

if __name__ == "__main__":
    print(page(), end="")
