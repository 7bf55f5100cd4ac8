"""What the description still lacks, operation by operation: for whoever writes a route."""
from collections.abc import Iterator
from typing import Any

from deploy.describe import words
from deploy.describe.elsewhere import OTHER
from deploy.describe.open311 import is_open311
from deploy.describe.routes import Operation, operations

Json = dict[str, Any]


def lacking(found: Json, folders: list[str]) -> list[str]:
    """One line for each operation that lacks something; `folders`: only those that end there."""
    return [f"{operation.method} {operation.path} ({operation.where}): {', '.join(lacks)}" for operation in operations()
            if (not folders or operation.where in folders)
            and (lacks := list(lacks_of(operation, found["paths"][operation.path][operation.method.lower()])))]


def lacks_of(operation: Operation, written: Json) -> Iterator[str]:
    if operation.behind is None and operation.said("gives") is None and not is_open311(operation):
        yield "a service's route behind it (deploy/describe/elsewhere.py)"
    if not operation.text:
        yield "a docstring"
    if written["tags"][0] not in words.TAGS:
        yield f"a tag {written['tags'][0]} in deploy/describe/words.py"
    if is_open311(operation):
        return
    needed = {"gives": operation.said("status") != 204, "takes": operation.method in ("POST", "PUT", "PATCH")}
    for name in needed:
        if needed[name] and operation.said(name) is None and (name, operation.method, operation.path) not in OTHER:
            yield name
