"""What a change demands of the version it meets: If-Match and If-None-Match (RFC 9110, section 13.1).

A thing's version counts its changes from 1. Its ETag is `"v7-9c01d2ab"`: the version, and a mark of how it was shown, which
differs from reader to reader; for a change only the version counts, and `"v7"` alone will do.
"""
import re
from dataclasses import dataclass
from typing import Protocol

from contracts.errors import Malformed, PreconditionFailed, PreconditionRequired

TAG = r'"v([0-9]{1,9})(?:-[0-9a-f]{1,64})?"'
TAGS = re.compile(rf"{TAG}(?:\s*,\s*{TAG})*")
ANY = "*"


class Headers(Protocol):
    """Those of a request; names in any case."""

    def get(self, key: str, /) -> str | None: ...


@dataclass(frozen=True)
class Condition:
    """`seen`: the versions that are as good as the one that was read; None: not said. `there`: it must be there, in whatever
    version. `new`: it must not be there. `demanded`: of what is there one of the first two must be said."""

    seen: frozenset[int] | None = None
    there: bool = False
    new: bool = False
    demanded: bool = False

    def demand(self, version: int) -> None:
        """Raises PreconditionFailed and PreconditionRequired; `version` as it is just before the write, 0: not there."""
        if (self.seen is not None and version not in self.seen) or (self.there and not version):
            raise PreconditionFailed(
                "changed_meanwhile", "این از وقتی آن را خواندید تغییر کرده است. دوباره بخوانید و سپس بفرستید.",
                f"This has changed since you read it; it is v{version} now. Read it again, then send.")
        if self.new and version:
            raise PreconditionFailed("exists_already", "این از پیش هست. آن را بخوانید و با If-Match تغییر دهید.",
                                     "It is there already. Read it, and change it with If-Match.")
        if self.demanded and version and self.seen is None and not self.there:
            raise PreconditionRequired(
                "precondition_required", "نخست آن را بخوانید و ETag آن را در If-Match بفرستید تا کار کس دیگری از میان نرود.",
                "Read it first, and send its ETag as If-Match, so that nobody's work is overwritten.")


def condition_of(headers: Headers, demanded: bool = False, makes: bool = False) -> Condition:
    """What these headers demand; If-None-Match of a change alone that `makes` what is not there. Raises Malformed."""
    given, fresh = headers.get("If-Match"), headers.get("If-None-Match") if makes else None
    if fresh is not None and fresh.strip() != ANY:
        raise Malformed("bad_if_none_match", "در PUT تنها If-None-Match: * معنا دارد؛ یعنی «اگر نیست».",
                        "With a PUT only If-None-Match: * makes sense; it means: if it is not there.")
    return Condition(seen_in(given), given is not None and given.strip() == ANY, fresh is not None, demanded)


def seen_in(if_match: str | None) -> frozenset[int] | None:
    """The versions in an If-Match header; None for none, and for `*`. Raises Malformed."""
    if if_match is None or if_match.strip() == ANY:
        return None
    if not TAGS.fullmatch(if_match.strip()):
        raise Malformed("bad_if_match", 'If-Match همان ETag است که خواندید، مانند "v7".',
                        'If-Match is the ETag that you have read, such as "v7".')
    return frozenset(map(int, re.findall(TAG, if_match)))
