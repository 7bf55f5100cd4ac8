"""Every service's docstring is its table of contents: what it owns, answers, emits and consumes, and all of it."""
import ast
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from chassis.consume import Consumes
from chassis.http_server import Http
from chassis.topology import SERVICES, WORK

ROOT = Path(__file__).parents[2]
LONGEST = 250  # lines of a file; one that passes it holds two concepts


def contents(service: str) -> str:
    return ast.get_docstring(ast.parse((ROOT / "services" / service / "__init__.py").read_text())) or ""


def entrypoints(service: str) -> list[Any]:
    """Everything by which the service may be called, in its own class and in the surfaces that it inherits."""
    module = importlib.import_module(f"services.{service}.service")
    return [entrypoint for _, method in inspect.getmembers(module.Service)
            for entrypoint in getattr(method, "nameko_entrypoints", ())]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_names_what_it_owns_answers_emits_and_consumes(service: str) -> None:
    assert re.findall(r"^(owns|answers|emits|consumes)\b", contents(service), re.M) == [
        "owns", "answers", "emits", "consumes"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_consumes_the_queues_of_the_topology_and_says_so(service: str) -> None:
    declared = {work.name for work in WORK if work.service == service}
    assert {each.queue for each in entrypoints(service) if isinstance(each, Consumes)} == declared
    assert all(queue in contents(service) for queue in declared)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_what_it_answers(service: str) -> None:
    for url in (each.url for each in entrypoints(service) if isinstance(each, Http)):
        for word in re.findall(r"[a-z-]{4,}", re.sub(r"<(?:any\(([^)]*)\):)?[a-z]+>", r"\1", url)):
            assert word in contents(service), f"{service}: {url} is not in its docstring"


def test_no_file_holds_two_concepts() -> None:
    files = [path for folder in ("contracts", "chassis", "services", "gateway", "deploy", "clients")
             for path in (ROOT / folder).rglob("*.py") if "build" not in path.parts]
    long = {str(path.relative_to(ROOT)): lines for path in files
            if (lines := len(path.read_text().splitlines())) > LONGEST}
    assert not long


def test_no_file_of_tests_imports_another() -> None:
    found = [str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("*.py")
             if re.search(r"^from tests\.(\w+\.)*test_", path.read_text(encoding="utf-8"), re.MULTILINE)]
    assert not found, "what several share lies in a file of its own"
