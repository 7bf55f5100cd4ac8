"""gateway/openapi.json is what routes and schemas make today, is valid OpenAPI 3.1, and has all that the house asks for."""
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import orjson
import pytest
from openapi_spec_validator import validate

from deploy.describe import words
from deploy.describe.__main__ import WRITTEN, as_text
from deploy.describe.document import document
from deploy.describe.lacking import lacking
from deploy.describe.schemas import simple
from deploy.local.keys import SAMPLE

Json = dict[str, Any]
TOLD: Json = orjson.loads(WRITTEN.read_bytes())
OPERATIONS = {f"{method.upper()} {path}": operation
              for path, operations in TOLD["paths"].items() for method, operation in operations.items()}
OPEN = {"GET /openapi.json"}  # whose answers are none of our schemas


def everything(found: Any, path: str = "") -> Iterator[tuple[str, Json]]:
    """Every object of the document, with where it is."""
    if isinstance(found, dict):
        yield path, found
    for key, value in found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ():
        yield from everything(value, f"{path}/{key}")


def contents(operation: Json) -> Iterator[tuple[str, Json]]:
    """The body and the good answers of an operation by media type."""
    good = [answer for status, answer in operation["responses"].items() if status < "400"]
    for body in [operation.get("requestBody", {}), *good]:
        yield from body.get("content", {}).items()


def test_the_description_is_the_one_that_routes_and_schemas_make() -> None:
    assert as_text(document()) == WRITTEN.read_bytes(), "run python -m deploy.describe"


def test_it_is_valid_openapi() -> None:
    validate(TOLD)


def test_no_operation_lacks_anything() -> None:
    assert lacking(TOLD, []) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_what_it_does_for_whom_and_what_may_go_wrong(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["summary"] and operation["description"] and len(operation["summary"]) < 120
    assert operation["tags"][0] in words.TAGS and operation["x-deed"] and operation["x-roles"]
    assert operation["security"] and operation["operationId"]
    assert {"400", "403", "429", "431", "500", "503"} <= set(operation["responses"])
    assert ("404" in operation["responses"]) >= ("{" in name)
    if name.startswith(("POST", "PUT", "PATCH")) and "/v1/" in name:
        assert {"409", "415", "422"} <= set(operation["responses"]) and operation.get("requestBody")


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_shows_an_example_that_fits(name: str) -> None:
    for kind, media in contents(OPERATIONS[name]):
        assert "example" in media, kind
        jsonschema.validate(media["example"], media["schema"] | {"components": TOLD["components"]},
                            jsonschema.Draft202012Validator)
    for parameter in OPERATIONS[name]["parameters"]:
        assert parameter.keys() & {"$ref", "example"}, parameter


def test_no_example_is_left_out() -> None:
    """Of a text that nothing is known of there would be dots."""
    assert [path for path, found in everything(TOLD) if "…" in [*found.values()]] == []


def test_names_are_given_once() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)


def test_patterns_mean_the_same_in_every_language() -> None:
    patterns = {found["pattern"] for _, found in everything(TOLD) if isinstance(found.get("pattern"), str)}
    assert patterns and [each for each in patterns if not simple(each)] == []
    for each in patterns:
        re.compile(each)


def test_fields_that_go_together_are_no_other_body_to_a_generator_of_clients() -> None:
    """Beside `properties` it reads `anyOf` and `oneOf` as what may be sent instead; within `allOf` as what must hold too."""
    objects = {path: found for path, found in everything(TOLD["components"]["schemas"]) if "properties" in found}
    assert [path for path, found in objects.items() if {"anyOf", "oneOf"} & set(found)] == []
    assert any("allOf" in found for found in objects.values())


def test_a_list_says_what_is_in_it() -> None:
    lists = {path: found for path, found in everything(TOLD) if found.get("type") == "array"}
    assert [path for path, found in lists.items() if "items" not in found] == []


@pytest.mark.parametrize("register", [path.stem for path in SAMPLE.glob("*.json") if path.stem in words.CODES])
def test_the_example_of_an_address_is_there_in_the_sample_province(register: str) -> None:
    assert words.CODES[register] in {record["code"] for record in orjson.loads((SAMPLE / f"{register}.json").read_bytes())}


def test_only_who_is_known_or_shows_a_secret_may_do_what_is_the_filers() -> None:
    secured = {name: operation["security"] for name, operation in OPERATIONS.items()}
    assert {} in secured["GET /v1/issues/{ref}"] and {} not in secured["POST /v1/issues/{ref}/confirm"]
    assert all(({} in security) == (OPERATIONS[name]["x-roles"].get("public") == "everywhere")
               for name, security in secured.items())


def test_a_version_is_asked_for_where_there_is_one() -> None:
    """And 412 and 428 are answered there alone; 201 and 202 say where what was made is read, if it is."""
    for name, operation in OPERATIONS.items():
        conditional = {"$ref": "#/components/parameters/IfMatch"} in operation["parameters"]
        assert conditional == ("412" in operation["responses"]) == ("428" in operation["responses"]), name
    located = {name for name, operation in OPERATIONS.items() for answer in operation["responses"].values()
               if "Location" in answer.get("headers", {})}
    assert located == {"POST /v1/agencies", "POST /v1/imports", "POST /v1/issues", "POST /v1/people"}


def test_no_body_and_no_answer_may_hold_what_is_not_described() -> None:
    """An object names its fields, or says what every one of them holds."""
    objects = [(path, found) for path, found in everything(TOLD["components"]["schemas"])
               if "properties" in found and found.get("type") == "object"]
    assert [path for path, found in objects if found.get("additionalProperties", True) is True] == []
