"""Training certificates: which of them count on a day, and which will soon count no more."""
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

Certificate = dict[str, Any]  # name, given, expires (None: never)


def state(certificate: Certificate, day: str, within: int) -> str | None:
    """`expired` on a day, `expiring` at most `within` days after it, None for neither. On `expires` it counts no more."""
    expires = certificate["expires"]
    if expires is None:
        return None
    if expires <= day:
        return "expired"
    return "expiring" if expires <= (date.fromisoformat(day) + timedelta(within)).isoformat() else None


def lapsing(certificates: Iterable[Certificate], day: str, within: int) -> Iterator[Certificate]:
    """Of each training the certificate that counts longest, where it has expired or expires soon, with its state."""
    longest: dict[str, Certificate] = {}
    for each in certificates:
        if each["given"] <= day and _end(each) >= _end(longest.get(each["name"], each)):
            longest[each["name"]] = each
    for each in longest.values():
        if found := state(each, day, within):
            yield {**each, "state": found}


def _end(certificate: Certificate) -> str:
    return str(certificate["expires"] or "9999-12-31")
