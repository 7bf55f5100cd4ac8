"""The one tree of errors, with stable codes and a sentence in Persian and English that says what to do next.

    Problem                 status  when
    ├── Malformed              400  the request cannot be read at all
    ├── Unauthenticated        401  nobody known is asking
    ├── NotAllowed             403  somebody known, who may not
    ├── NotFound               404  no such thing, or none that this caller may know of
    ├── MethodNotAllowed       405  the address exists, this verb does not
    ├── Refused                409  the rules of the domain forbid it in the present state
    ├── PreconditionFailed     412  somebody has changed it since the caller read it
    ├── TooLarge               413  over a stated limit of size
    ├── UnsupportedMediaType   415  the body is not JSON
    ├── Invalid                422  readable, but fields are wrong; `errors` says which
    ├── PreconditionRequired   428  it would replace what is there, and does not say which version was read
    ├── TooMany                429  asked or tried too often; `retry_after` says when to try again
    └── Unavailable            503  not now; `retry_after` says when to try again

They are raised by models and use cases, carried between services as JSON (`as_json`, `from_json`) and mapped to
problem+json (RFC 9457) in one place, the HTTP entrypoint.
"""
from typing import Any


class Problem(Exception):
    """`code` is stable and for programs; `fa` and `en` are for people. `errors`: [{pointer, fa, en}] (RFC 6901)."""

    status = 500

    def __init__(self, code: str, fa: str, en: str, errors: list[dict[str, str]] | None = None,
                 retry_after: int | None = None) -> None:
        super().__init__(f"{code}: {en}")
        self.code, self.fa, self.en = code, fa, en
        self.errors = errors or []
        self.retry_after = retry_after

    def as_json(self) -> dict[str, Any]:
        return {"status": self.status, "code": self.code, "fa": self.fa, "en": self.en, "errors": self.errors,
                "retry_after": self.retry_after}


class Malformed(Problem):
    status = 400


class Unauthenticated(Problem):
    status = 401


class NotAllowed(Problem):
    status = 403


class NotFound(Problem):
    status = 404


class MethodNotAllowed(Problem):
    status = 405


class Refused(Problem):
    status = 409


class PreconditionFailed(Problem):
    status = 412


class TooLarge(Problem):
    status = 413


class UnsupportedMediaType(Problem):
    status = 415


class Invalid(Problem):
    status = 422


class PreconditionRequired(Problem):
    status = 428


class TooMany(Problem):
    status = 429


class Unavailable(Problem):
    status = 503


KINDS: dict[int, type[Problem]] = {kind.status: kind for kind in Problem.__subclasses__()}


def from_json(found: dict[str, Any]) -> Problem:
    """The problem another service answered with; raises KeyError where `found` is none."""
    kind = KINDS.get(found["status"], Problem)
    return kind(found["code"], found["fa"], found["en"], found.get("errors"), found.get("retry_after"))


def not_found() -> NotFound:
    """One answer for "no such issue" and "not for you", so that nobody learns which issues exist."""
    return NotFound("not_found", "چنین چیزی پیدا نشد. نشانی، کد و رمز را، اگر رمزی دارد، دوباره بررسی کنید.",
                    "Nothing was found. Check the address, the code and, where there is one, the secret again.")


def reused_key() -> Invalid:
    """422, as the draft of the Idempotency-Key header says."""
    return Invalid("idempotency_key_reused", "این کلید پیش‌تر با درخواست دیگری آمده است. کلید تازه‌ای بسازید.",
                   "This Idempotency-Key came with another request before. Make a new key.")


def in_progress(retry_after: int = 1) -> Refused:
    """409, as the same draft says."""
    return Refused("in_progress", "همین درخواست هم‌اکنون در دست انجام است. کمی بعد با همان کلید دوباره بفرستید.",
                   "This very request is being carried out. Send it again in a moment, with the same key.",
                   retry_after=retry_after)


def internal() -> Problem:
    """What nobody foresaw, told without its text."""
    return Problem("internal", "خطایی در سامانه رخ داد و ثبت شد. بعداً دوباره تلاش کنید.",
                   "Something went wrong here and was recorded. Try again later.")


def unavailable(retry_after: int = 5) -> Unavailable:
    return Unavailable("unavailable", "این بخش اکنون پاسخ نمی‌دهد. کمی بعد دوباره تلاش کنید.",
                       "This part does not answer now. Try again in a moment.", retry_after=retry_after)
