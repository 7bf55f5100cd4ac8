"""Residents, programs and staff with accounts, who go through the front door while it is broken, and insist as well.

A resident signs in by the code that a letter brings, files, refreshes, and may sign out. A program gets a key, which may be
revoked. A person is entered and invited, sets a password, and signs in.

Where no more is promised, a lost answer costs what it costs a person: a code was used, and another is asked for; an
invitation was taken up, and the password is good; a refresh token was exchanged longer ago than AGAIN, and the session is
over. `prove` asks at the end whether all that was given is good still, and what was ended is not.
"""
import itertools
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from chassis.text import fold
from tests.chaos.insisting import Client, Insisted
from tests.chaos.ledger import Deed
from tests.chaos.workload import Workload

RESIDENTS, OFFICES = 4, 2  # threads
EVERY = 1.0  # seconds from the beginning of a visit to that of the next, of each thread
ARRIVES = 150.0  # seconds: a sender that died holds a letter for a minute
AGAIN = 30.0  # seconds within which a refresh token whose answer was lost brings the same answer
ASKED = 3  # times for a code
AT_ONCE = 4  # who prove what they have
GOOD, OVER = "good", "over"
PASSWORD = "چهار واژهٔ بی ربط و دراز"
OPERATOR = {"role": "operator"}
Visit = Callable[[str, random.Random], None]  # of a name that no other has, and of what is left to chance in it


class Letters:
    """The folder into which codes are sent."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._read = folder, dict[str, tuple[str, str]]()

    def codes(self, address: str) -> list[str]:
        """Those that have come to an address."""
        for letter in self._folder.glob("*.txt"):
            if letter.name not in self._read:
                self._read[letter.name] = parted(letter.read_text(encoding="utf-8"))
        return [code for to, code in list(self._read.values()) if to == address]

    @property
    def addresses(self) -> set[str]:
        self.codes("")
        return {to for to, _ in self._read.values()}


def parted(letter: str) -> tuple[str, str]:
    """To whom it goes, and the code."""
    address, _, words = letter.partition("\n")
    return address, re.findall(r"(?<!\d)\d{6}(?!\d)", fold(words))[0]


@dataclass
class Session:
    """As its holder has it: `refresh` and `access` are the newest tokens that came."""

    id: str
    account: str
    refresh: str
    access: str
    number: int = 1

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"}

    def took(self, answer: dict[str, Any]) -> None:
        self.refresh, self.access = answer["refresh_token"], answer["access_token"]
        self.number += 1


def begun(answer: dict[str, Any]) -> Session:
    return Session(answer["refresh_token"].split("_")[1], f"resident:{answer['as']['place']}", answer["refresh_token"],
                   answer["access_token"])


def keyed(name: str) -> str:
    """Under which Idempotency-Key the API key of this name is asked for."""
    return name.replace(" ", "-")


class Visits:
    """Starts at `start`; `stop_coming` lets whoever is there finish."""

    def __init__(self, client: Client, workload: Workload, letters: Letters, seed: int) -> None:
        self.client, self.letters = client, letters
        self._workload, self._seed = workload, seed
        self._sessions: dict[str, Session] = {}
        self._keys: dict[str, tuple[dict[str, Any], str]] = {}  # by id: what was asked, and the key
        self._logins: dict[str, str] = {}  # by person
        self._numbers, self._no_more = itertools.count(1), threading.Event()
        visitors: list[tuple[Visit, ...]] = [(self._resident,)] * RESIDENTS
        visitors += [(self._program, self._person)] * OFFICES
        self._threads = [threading.Thread(target=self._come, args=visits, name=f"visitor {number}", daemon=True)
                         for number, visits in enumerate(visitors)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop_coming(self) -> None:
        self._no_more.set()

    @property
    def present(self) -> int:
        """How many have not left yet."""
        return sum(thread.is_alive() for thread in self._threads)

    def _come(self, *visits: Visit) -> None:
        while not self._no_more.is_set():
            began, name = time.monotonic(), f"{self._seed}-{next(self._numbers)}"
            chance = random.Random(f"visit {name}")
            chance.choice(visits)(name, chance)
            self._no_more.wait(began + EVERY - time.monotonic())

    def _resident(self, name: str, chance: random.Random) -> None:
        session = self._sign_in(f"resident{name}@example.org")
        if session is None:
            return
        self._workload.file(**session.bearer)
        if all(self._refresh(session) for _ in range(chance.randrange(4))) and chance.random() < 0.5:
            self._sign_out(session)

    def _sign_in(self, address: str) -> Session | None:
        """None where all that somebody may ask for was asked for, and each answer that mattered was lost."""
        tried: set[str] = set()
        for time_asked in range(1, ASKED + 1):
            asked = Deed("http", "code", f"code-{time_asked}-{address}", of=address)
            insisted = self._ask("/v1/sign-in/code", {"address": address}, asked)
            if insisted.status != 202:
                self._leave_or_refuse(asked, insisted, insisted.status == 429)
                return None
            self.client.settle(asked)
            for code in self._codes(address, tried):
                deed = Deed("http", "sign in", f"sign-in-{code}-{address}", asked={"address": address})
                entered = self._ask("/v1/sign-in/resident", {"address": address, "code": code}, deed)
                if entered.status == 200:
                    session = begun(entered.body)
                    self._sessions[session.id] = session
                    self.client.settle(deed, replace(deed, of=session.id, account=session.account))
                    return session
                self._leave_or_refuse(deed, entered, insisted.lost or entered.lost)
                if entered.lost:
                    break
        return None

    def _codes(self, address: str, tried: set[str]) -> Iterator[str]:
        """Each that a letter brings, as it comes, but for those that were tried."""
        end = time.monotonic() + ARRIVES
        while time.monotonic() < end and not self.client.stopping:
            for code in set(self.letters.codes(address)) - tried:
                tried.add(code)
                yield code
            time.sleep(0.2)

    def _refresh(self, session: Session) -> bool:
        deed = Deed("http", "refresh", f"refresh-{session.number}-{session.id}", of=session.id, account=session.account)
        insisted = self._ask("/v1/sessions/refresh", {"refresh_token": session.refresh}, deed)
        if insisted.status != 200:
            self._leave_or_refuse(deed, insisted, insisted.lost and insisted.seconds > AGAIN)
            return False
        session.took(insisted.body)
        self.client.settle(deed)
        return True

    def _sign_out(self, session: Session) -> None:
        deed = Deed("http", "sign out", f"sign-out-{session.id}", of=session.id, account=session.account)
        if self.client.do("/v1/sessions/end", {"refresh_token": session.refresh}, deed):
            self.client.settle(deed)

    def _program(self, name: str, chance: random.Random) -> None:
        asked = {"name": f"chaos {name}", "owner": "service:chaos", "role": "resident", "scopes": ["platform:read"]}
        deed = Deed("http", "key", keyed(f"chaos {name}"), asked=asked)
        answer = self.client.do("/v1/keys", deed.asked, deed, **OPERATOR)
        if answer is None:
            return
        id, key = answer.body["id"], answer.body["key"]
        self._keys[id] = deed.asked, key
        self.client.settle(deed, replace(deed, of=id))
        used = self.client.insist("/v1/me", None, Authorization=f"Bearer {key}")
        if used.status >= 400:
            self.client.refuse(deed, f"the key that was just given: {used.status}")
        revoked = Deed("http", "revoke", f"revoke-{name}", of=id)
        if chance.random() < 0.5 and self.client.do(f"/v1/keys/{id}/revoke", {}, revoked, **OPERATOR):
            self.client.settle(revoked)

    def _person(self, name: str, chance: random.Random) -> None:
        entered = Deed("http", "person", f"person-{name}", asked={"name_fa": f"شخص {name}"})
        answer = self.client.do("/v1/people", entered.asked, entered, **OPERATOR)
        if answer is None:
            return
        person, login = answer.body["id"], f"chaos.{name}"
        self.client.settle(entered, replace(entered, of=person))
        invited = Deed("http", "invite", f"invite-{name}", of=person)
        answer = self.client.do("/v1/accounts", {"person": person, "login": login}, invited, **OPERATOR)
        if answer is None:
            return
        self.client.settle(invited)
        self._accept(person, login, answer.body["token"])

    def _accept(self, person: str, login: str, token: str) -> None:
        deed = Deed("http", "take up", f"take-up-{person}", of=person)
        insisted = self._ask("/v1/invitations/accept", {"token": token, "password": PASSWORD}, deed)
        if insisted.status == 200 or (insisted.lost and self._has_password(login)):
            self._logins[person] = login
            self.client.settle(deed)
        else:
            self._leave_or_refuse(deed, insisted, insisted.answer is None)

    def _has_password(self, login: str) -> bool:
        return self.client.insist("/v1/sign-in", {"login": login, "password": PASSWORD}).status == 200

    def _ask(self, path: str, body: dict[str, Any], deed: Deed) -> Insisted:
        """Of what has no key and may be refused the second time, because the first answer was lost."""
        self.client.pending[deed.key] = deed
        return self.client.insist(path, body)

    def _leave_or_refuse(self, deed: Deed, insisted: Insisted, may_be: bool) -> None:
        if may_be or insisted.answer is None:
            self.client.leave(deed)
        else:
            self.client.refuse(deed, f"{insisted.status} {insisted.body}")

    def prove(self) -> dict[str, str]:
        """By session, key and person: GOOD where the platform lets them in now, OVER where it does not."""
        asked = ({id: partial(self._of_a_session, session) for id, session in self._sessions.items()}
                 | {id: partial(self._of_a_key, *key) for id, key in self._keys.items()}
                 | {person: partial(self._of_a_person, login) for person, login in self._logins.items()})
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(zip(asked, pool.map(lambda ask: ask(), asked.values()), strict=True))

    def _of_a_person(self, login: str) -> str:
        return GOOD if self._has_password(login) else OVER

    def _of_a_session(self, session: Session) -> str:
        refreshed = self.client.insist("/v1/sessions/refresh", {"refresh_token": session.refresh})
        if refreshed.status == 200:
            session.took(refreshed.body)
        return self._seen(session.bearer, refreshed.status)

    def _of_a_key(self, asked: dict[str, Any], key: str) -> str:
        """A request for a key that comes once more is answered with the same key."""
        again = self.client.insist("/v1/keys", asked, Idempotency_Key=keyed(asked["name"]), **OPERATOR)
        return self._seen({"Authorization": f"Bearer {key}"}) if again.body["key"] == key else "another key"

    def _seen(self, bearer: dict[str, str], refreshed: int = 0) -> str:
        """What the platform says to who bears this, and said to their refresh token."""
        statuses = {self.client.insist("/v1/me", None, **bearer).status, *([refreshed] if refreshed else [])}
        return GOOD if statuses == {200} else OVER if statuses == {401} else f"both, {statuses}"
