"""Errors as the standard writes them: 404 for what is not there, 403 for an api_key, 400 for all else that a caller mends.

405, of which the standard says nothing, stays HTTP's, with Allow; 429 and what is ours (500, 503) too, with Retry-After: who
sends again must know that it helps. Whatever goes wrong below /open311 is told so, also at an address that is not there.
"""
from typing import Any

from werkzeug.wrappers import Request, Response

from contracts.errors import Problem
from gateway.http import language_for, problem_json
from gateway.open311.writing import answer

BELOW = "/open311"
STATUSES = {401: 403, 403: 403, 404: 404, 405: 405, 429: 429}
NAMES = {"/category": "service_code", "/text": "description", "/reason": "description", "/point": "lat, long",
         "/point/lat": "lat", "/point/lon": "long", "/lon": "long", "/neighbourhood": "address_id",
         "/contact/email": "email", "/contact/phone": "phone", "/contact/name": "first_name, last_name",
         "/photograph": "media_url"}  # our fields → the standard's
SAID = {"key_needed": {"fa": "api_key: برای این کار کلید لازم است؛ آن را در api_key بفرستید.",
                       "en": "api_key: this needs a key; send it as api_key."},
        "idempotency_key_reused": {
            "fa": "همین Idempotency-Key یا attribute[fixmystreet_id] پیش‌تر با درخواستی دیگر آمده است؛ برای درخواست تازه، "
                  "شمارهٔ تازه‌ای بفرستید.",
            "en": "This Idempotency-Key or attribute[fixmystreet_id] came with another request before; for a new request "
                  "send a new one."}}  # in place of what /v1 says
NO_SUCH_SERVICE = ("unknown_category", "category_not_in_force")


def problem_for(request: Request, problem: Problem) -> Response:
    """A problem as whoever called expects it: the standard's below /open311, problem+json everywhere else."""
    request.environ["mahalle.problem"] = problem.code
    if request.path != BELOW and not request.path.startswith(f"{BELOW}/"):
        return problem_json(request, problem)
    form = "json" if request.path.endswith(".json") else "xml"
    status = status_of(problem)
    return answer(form, "errors", list(told(problem, status, language_of(request))), status)


def status_of(problem: Problem) -> int:
    if problem.code in NO_SUCH_SERVICE:
        return 404
    return problem.status if problem.status >= 500 else STATUSES.get(problem.status, 400)


def told(problem: Problem, status: int, language: str) -> list[dict[str, Any]]:
    """One error for each bad field, by the standard's name of it; else one."""
    said = SAID.get(problem.code, {"fa": problem.fa, "en": problem.en})[language]
    lines = [f"{name_of(each['pointer'])}: {each[language]}" for each in problem.errors] or [said]
    return [{"code": status, "description": line} for line in lines]


def name_of(pointer: str) -> str:
    if pointer.startswith("/answers/"):
        return f"attribute[{pointer.removeprefix('/answers/')}]"
    return NAMES.get(pointer, pointer.strip("/"))


def language_of(request: Request) -> str:
    """`locale` of the query, where it is one of ours; else as everywhere."""
    try:
        wanted = request.args.get("locale", "").replace("_", "-").partition("-")[0].lower()
    except UnicodeError:
        wanted = ""  # the query is no UTF-8, which is what must be told
    return wanted if wanted in ("fa", "en") else language_for(request)
