"""The books of accounts: what was given works, what was ended stays ended, and nothing was given twice."""
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tests.chaos.checker import LOST, Finding, judge
from tests.chaos.ground import Ground, a_province
from tests.chaos.ledger import Deed
from tests.chaos.visits import GOOD, OVER, Visits

GIVES = {"sign in": "session", "key": "key", "take up": "account"}  # by deed, what whoever did it has from then on
ENDS = ("sign out", "revoke")
AUDITED = {"key": "key_made", "revoke": "key_revoked", "invite": "invited", "take up": "invitation_accepted",
           "sign in": "signed_in", "sign out": "signed_out"}
BEHIND = ("accounts", "api_keys", "sessions", "sign_in_tries", "signing_keys")  # in which entries lie until they are carried


@dataclass
class Accounts:
    """The books. `stands`: by session, key and person, GOOD, OVER or what else was seen; `audit`: how often each deed
    concerns whom; `keys`: how many there are of each name; `people`: how many were entered; `letters`: to whom codes came.
    """

    deeds: list[Deed]
    unknown: list[Deed]
    stands: dict[str, str]
    audit: Counter[tuple[str, str]] = field(default_factory=Counter)
    keys: Counter[str] = field(default_factory=Counter)
    people: int = 0
    letters: set[str] = field(default_factory=set)

    def did(self, action: str) -> list[Deed]:
        return [deed for deed in self.deeds if deed.action == action]

    def perhaps(self, action: str) -> list[Deed]:
        return [deed for deed in self.unknown if deed.action == action]


def collect(ground: Ground, visits: Visits, deeds: list[Deed], unknown: list[Deed]) -> Accounts:
    """While the platform runs: whoever holds something is let in, or not."""
    stands = visits.prove()
    return Accounts(
        deeds, unknown, stands,
        audit=Counter((entry["deed"], entry["of"]) for entry in ground.store("registry", "accounts_audit").find()),
        keys=Counter(key["name"] for key in ground.store("registry", "api_keys").find({"owner": "service:chaos"})),
        people=ground.store("registry", "people").count_documents({}) - len(a_province()["people"]),
        letters=visits.letters.addresses)


def not_carried(ground: Ground) -> int:
    """How many documents hold entries of the audit that are not in it yet."""
    return sum(ground.store("registry", name).count_documents({"audit.0": {"$exists": True}}) for name in BEHIND)


def concerned(deed: Deed) -> str:
    """Whom the audit's entry of a deed names."""
    return deed.account or (f"key:{deed.of}" if deed.action in ("key", "revoke") else f"person:{deed.of}")


def codes_arrived(books: Accounts) -> Iterator[Finding]:
    """A code that was asked for came, one of them where several were."""
    for address in {deed.of for deed in books.did("code")} - books.letters:
        yield Finding(LOST, f"the code for {address}")


def kept(books: Accounts) -> Iterator[Finding]:
    """Who has a session, a key or a password is let in, and nobody by one that was ended."""
    ended = {deed.of for deed in books.deeds if deed.action in ENDS}
    unsure = {deed.of for deed in books.unknown if deed.action in (*ENDS, "refresh")}
    for deed in books.deeds:
        if deed.action in GIVES and deed.of not in unsure:
            expected = OVER if deed.of in ended else GOOD
            if books.stands.get(deed.of) != expected:
                yield Finding(LOST, f"{GIVES[deed.action]} {deed.of} is {books.stands.get(deed.of)}, not {expected}")


def given_once(books: Accounts) -> Iterator[Finding]:
    """Nothing that was asked for under one key was made twice, and nothing that nobody asked for."""
    wanted = Counter(deed.asked["name"] for deed in books.did("key"))
    perhaps = Counter(deed.asked["name"] for deed in books.perhaps("key"))
    for name in wanted.keys() | books.keys.keys():
        yield from judge(books.keys[name], wanted[name], f"keys of the name {name}", perhaps[name])
    yield from judge(books.people, len(books.did("person")), "people entered", len(books.perhaps("person")))


def written_down_once(books: Accounts) -> Iterator[Finding]:
    """The audit has every deed, once. Of who signs in again, because an answer was lost, each time."""
    for action, entry in AUDITED.items():
        done = Counter(concerned(deed) for deed in books.did(action))
        perhaps = Counter(concerned(deed) for deed in books.perhaps(action)) + unanswered(books, action)
        for whom, count in done.items():
            yield from judge(books.audit[entry, whom], count, f"{entry} of {whom} in the audit", perhaps[whom])


def unanswered(books: Accounts, action: str) -> Counter[str]:
    """By account, how often somebody perhaps signed in without learning of it; they are known by their address alone."""
    if action != "sign in":
        return Counter()
    account = {deed.asked["address"]: deed.account for deed in books.did("sign in")}
    return Counter(account.get(deed.asked["address"], "") for deed in books.perhaps("sign in"))


RULES: tuple[Callable[[Accounts], Iterable[Finding]], ...] = (codes_arrived, kept, given_once, written_down_once)


def check(books: Accounts) -> list[Finding]:
    """Everything that is wrong; nothing when the platform kept its word."""
    return [finding for rule in RULES for finding in rule(books)]
