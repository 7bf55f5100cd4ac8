"""The running platform keeps to its description, whatever schemathesis makes of it: every operation, all checks.

`make fuzz` makes more requests of each (MAHALLE_FUZZ), and others every time.
"""
import os
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    unsupported_method,
)

from chassis.validation import in_persian
from contracts.policy import EVERYWHERE
from deploy.describe.__main__ import WRITTEN
from tests.described import validator
from tests.e2e.fuzzed import Ground, number_of
from tests.e2e.province import a_province
from tests.postbox import a_postbox

EXAMPLES = int(os.environ.get("MAHALLE_FUZZ", "0"))  # of each operation; none: a few, and the same every time
TOLD = orjson.loads(WRITTEN.read_bytes())
BY_SCHEMA = ("invalid", "malformed_json", "not_json", "unknown_parameter")  # codes of what a schema forbids
NOBODY = 12  # of so many requests one comes from nobody known
BUSY = ("imports_under_way",)
GUARDED: set[str] = set()  # operations of which was tried already that nobody unknown may
NEVER = '"v999999999"'  # a version that nothing here has
CONDITIONAL = {"$ref": "#/components/parameters/IfMatch"}
HIDING = {"fields", "cursor", "If-Match", "If-None-Match", "Idempotency-Key"}  # made up, they hide much else
BETWEEN_FIELDS = {rule for found in TOLD["components"]["schemas"].values() for rule in found.get("x-rules", ())}
REFUSED = ["401", "403", "404", "409", "412", "413", "428"]  # for reasons of their own
CONFIG = schemathesis.Config.from_dict({
    "generation": {"max-examples": EXAMPLES or 20, "deterministic": not EXAMPLES, "database": "none", "no-shrink": True,
                   "with-security-parameters": False},
    "checks": {"negative_data_rejection": {"expected-statuses": [*REFUSED, "400", "415", "422", "429"]},
               "positive_data_acceptance": {"expected-statuses": [*REFUSED, "2xx", "304"]}},
    "warnings": False,
})
FEW = 50  # words of an enumeration; all time zones of the world would be asked for one by one


def shortened(found: Any) -> Any:
    """With no more than FEW words of each enumeration, and the time zone of the sample."""
    if isinstance(found, list):
        return [shortened(each) for each in found]
    if not isinstance(found, dict):
        return found
    words = found.get("enum")
    if isinstance(words, list) and len(words) > FEW:
        found = found | {"enum": [*words[:FEW], *({"Asia/Tehran"} & set(words))]}
    return {key: shortened(value) for key, value in found.items()}


schema = schemathesis.openapi.from_dict(shortened(TOLD), config=CONFIG)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with a_postbox() as postbox, a_province(tmp_path_factory.mktemp("fuzzed"), postbox) as province:
        yield Ground(province)


@schema.parametrize()
@pytest.mark.timeout(600 + 10 * EXAMPLES)
def test_every_answer_is_as_described(case: Any, ground: Ground) -> None:
    number = number_of(case.path_parameters, case.query, case.body)
    issue = None
    if case.meta is None or case.meta.generation.mode.is_positive:
        issue = ground.place(case.operation.path, case.path_parameters, number)
        ground.ask_about(case.operation.path, case.query or {}, number)
        ground.tell(case.body if isinstance(case.body, dict) else {}, number)
        for given in filter(None, (case.query, case.headers)):
            for name in HIDING & set(given) if number % 8 else ():
                del given[name]
        if CONDITIONAL in case.operation.definition.raw["parameters"] and number % 8 < 5:
            case.headers["If-Match"] = "*" if number % 8 else NEVER  # `*`, or nothing that is there would be replaced
    who = case.operation.definition.raw["x-roles"]
    headers = ground.headers(who, number, issue) if number % NOBODY else {}
    response = case.call(base_url=ground.api.address, headers=headers, timeout=30, session=ground.session)
    case.validate_response(response, excluded_checks=list(excluded(case, response)))
    if headers and response.status_code < 300:
        GUARDED.add(case.operation.label)
    assert response.status_code >= 400 or case.method == "OPTIONS" or headers or who.get("public") == EVERYWHERE, "whoever"
    assert response.status_code >= 400 or case.headers.get("If-Match") != NEVER, "somebody's work was overwritten"
    assert response.status_code not in (429, 503) or "retry-after" in response.headers
    assert case.method != "OPTIONS" or allowed(response) == methods(case.operation.path)


def excluded(case: Any, response: Any) -> Iterator[Any]:
    """What is no breach: see each."""
    problem = problem_of(response)
    if "" in (case.query or {}).values():
        yield negative_data_rejection  # a parameter that is empty is none
    if case.meta is not None and not case.meta.phase.data.description:
        yield negative_data_rejection  # nothing wrong is left in what was sent
    if case.query and "fields" in case.query and response.status_code == 200:
        yield response_schema_conformance  # of such an answer only these are there, and these are as they must be
        assert validator(case.operation.definition.raw["operationId"], "200", "application/json", whole=False).is_valid(
            response.json())
    if case.operation.path.startswith("/open311") and "service_request_id" in (case.query or {}):
        yield negative_data_rejection  # which overrides all else, as that standard has it
    secured = {name for each in case.operation.definition.raw["security"] for name in each}
    if "issue_secret" in secured or case.operation.label in GUARDED:
        yield ignored_auth  # with a wrong secret it is as if there were no such issue: 404
    yield allow_header_conformance  # which does not know that another address with a variable there takes more: `methods`
    if case.method in methods(case.operation.path):
        yield unsupported_method
    if response.status_code == 503 and problem.get("code") in BUSY:
        yield from (not_a_server_error, positive_data_acceptance, negative_data_rejection)
    if response.status_code == 429 or (response.status_code in (400, 422) and not by_schema(problem)):
        yield positive_data_acceptance


def allowed(response: Any) -> set[str]:
    """The methods of the header Allow that a description speaks of."""
    return set(re.findall(r"\w+", ",".join(response.headers["allow"]))) - {"HEAD", "OPTIONS"}


@cache
def methods(path: str) -> set[str]:
    """What an address takes, and every other that has a variable where this one has a word."""
    return {method.upper() for other, operations in TOLD["paths"].items() for method in operations
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", other), path)}


def by_schema(problem: dict[str, Any]) -> bool:
    """Whether the schema could have told: no rule of the domain, and none between fields, which JSON Schema cannot say."""
    between = all(told(each["detail"]) for each in problem["errors"]) if problem.get("errors") else False
    return problem.get("code") in BY_SCHEMA and not between


def told(detail: str) -> bool:
    return any(detail.startswith((sentence, in_persian(sentence))) for sentence in BETWEEN_FIELDS)


def problem_of(response: Any) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
