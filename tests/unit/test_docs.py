"""What the pages say is there is there: links, commands, settings, routes, alerts, decisions. And the other way round."""
import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
import yaml

from chassis.health import PATHS
from deploy.local.folder import ROOT
from gateway.registers import KEPT
from gateway.service import Service

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("clients/**/*.md")])
PRODUCT = ("contracts", "chassis", "services", "gateway", "clients", "deploy")
SOURCES = [path for folder in PRODUCT for path in sorted((ROOT / folder).rglob("*.py"))]
OURS = re.compile(r"(chassis|contracts|gateway|services|deploy|tests)\.")
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_([A-Z0-9]+|<[A-Z]+>))+")
HOLDERS = ("os.environ", "environment", "env", "Env()")  # whose get, str, int … reads a variable
READERS = ("required", "port_from", "service_url")


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def code_in(text: str) -> str:
    """Blocks and spans of code of a page, one under the other."""
    fenced = re.findall(r"^```.*?\n(.*?)^```", text, re.M | re.S)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return "\n".join([*fenced, *re.findall(r"^ {4}\S.*$", rest, re.M), *re.findall(r"`([^`\n]+)`", rest)])


def anchors(text: str) -> set[str]:
    """As they are made of headings where the pages are shown."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path, text: str) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        there = page.parent / path if path else page
        if not there.exists() or (anchor and anchor not in anchors(text if not path else there.read_text(encoding="utf-8"))):
            yield target


def unknown_modules(code: str) -> set[str]:
    """Of `python -m x.y`, and of the runbook's `mahalle x.y`, those that cannot be run."""
    named = set(re.findall(r"(?:python -m|mahalle) ([a-z_]+(?:\.[a-z_]+)*)", code))
    return {name for name in named if not runs(name)}


def runs(module: str) -> bool:
    path = ROOT / module.replace(".", "/")
    if not OURS.match(module):
        return find_spec(module) is not None
    return (path / "__main__.py").exists() or (path.with_suffix(".py").exists()
                                               and "__main__" in path.with_suffix(".py").read_text(encoding="utf-8"))


def unknown_words(code: str) -> set[str]:
    """Words after a command of several commands that are none of its own."""
    return {f"{module} {word}" for module, word in re.findall(r"(chassis\.dead_letters|chassis\.topology) ([a-z]+)", code)
            if word not in commands_of(module)}


def commands_of(module: str) -> set[str]:
    main = importlib.import_module(module).main
    assert isinstance(main, click.Group)
    return set(main.commands)


def unknown_targets(code: str) -> set[str]:
    known = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.M))
    return set(re.findall(r"(?<![\w/-])make ([a-z][a-z-]*)", code)) - known


def variables_read(source: str) -> set[str]:
    """Names of environment variables that a module reads, however it does."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and reads(node.func):
            found.add(name_in(node.args[0]))
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            found.add(name_in(node.slice))
        elif isinstance(node, ast.keyword) and node.arg == "envvar":
            found.add(name_in(node.value))
    return {name for name in found if VARIABLE.fullmatch(name)}


def reads(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):
        return function.attr != "setdefault" and ast.unparse(function.value).split("self.")[-1] in HOLDERS
    return isinstance(function, ast.Name) and function.id in READERS


def name_in(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "<SERVICE>" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""


def documented_variables(page: str) -> set[str]:
    first_columns = "\n".join(row.split("|")[1] for row in page.splitlines() if row.startswith("| `"))
    return set(re.findall(r"`([^`]+)`", first_columns))


def routes(service: type) -> set[tuple[str, str]]:
    """(method, path) of every entrypoint, with each of several words written out."""
    found = set()
    for function in (getattr(service, name) for name in dir(service)):
        for entrypoint in getattr(function, "nameko_entrypoints", ()):
            found |= {(entrypoint.method, path) for path in written_out(entrypoint.url)}
    return found


def written_out(url: str) -> set[str]:
    several = re.search(r"<any\(([^)]+)\):\w+>", url)
    words = [word.strip('"') for word in several[1].split(",")] if several else [""]
    return {re.sub(r"<(\w+)>", r"{\1}", url.replace(several[0], word) if several else url) for word in words}


def documented_routes(page: str) -> set[tuple[str, str]]:
    """(method, path) of every row of the table; `{register}` stands for each of the registers."""
    rows = re.findall(r"^\| (GET|POST|PUT|PATCH|DELETE) \| ([^|]+) \|", page, re.M)
    return {(method, path.replace("{register}", register)) for method, paths in rows
            for path in re.findall(r"`([^`]+)`", paths) for register in KEPT.split(",")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    code = code_in(text)
    assert list(broken_links(page, text)) == []
    assert unknown_modules(code) | unknown_words(code) == set()
    assert unknown_targets(code) == set()


def test_every_setting_is_in_the_table_and_the_table_has_no_other() -> None:
    read_by_code = set().union(*(variables_read(path.read_text(encoding="utf-8")) for path in SOURCES))
    read_by_compose = set(re.findall(r"\$\{([A-Z_]+)", read("docker-compose.yml")))
    assert read_by_code | read_by_compose == documented_variables(read("docs/settings.md"))


def test_every_address_of_the_api_is_in_the_table_and_the_table_has_no_other() -> None:
    assert routes(Service) | {("GET", path) for path in PATHS} == documented_routes(
        "\n".join(read(str(page.relative_to(ROOT))) for page in (ROOT / "README.md", *ROOT.glob("docs/*.md"))))


def test_every_alert_is_in_the_runbook_and_the_runbook_has_no_other() -> None:
    rules = yaml.safe_load(read("deploy/prometheus/alerts.yml"))["groups"][0]["rules"]
    headings = re.findall(r"^### (\w+)$", read("docs/runbook.md"), re.M)
    assert [rule["alert"] for rule in rules] == headings


def test_every_decision_is_in_the_index_under_its_title_and_has_all_its_parts() -> None:
    pages = sorted(path for path in (ROOT / "docs" / "adr").glob("*.md") if path.name != "README.md")
    rows = []
    for number, page in enumerate(pages, 1):
        text = page.read_text(encoding="utf-8")
        assert page.name.startswith(f"{number:04d}-") and text.startswith(f"# {number}. "), page.name
        assert re.findall(r"^## (.+)$", text, re.M) == ["Context", "Decision", "Not chosen", "Consequences"], page.name
        rows.append(f"| [{number:04d}]({page.name}) | {text.splitlines()[0].partition('. ')[2]} |")
    assert rows == re.findall(r"^\| \[\d{4}\].*$", read("docs/adr/README.md"), re.M)


def test_every_dependency_is_imported() -> None:
    dependencies = tomllib.loads(read("pyproject.toml"))["project"]["dependencies"]
    wanted = {re.split(r"[<>=]", each)[0].lower() for each in dependencies}
    sources = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", sources, re.M))
    used = {distribution.lower().replace("_", "-") for module, distributions in packages_distributions().items()
            if module in imported for distribution in distributions}
    assert wanted - used == {"setuptools"}, "which nameko imports without saying so"


PLANTED = """A [link](nowhere.md), [another](#nowhere-here). Run `make magic`, `make up` and

    python -m chassis.nothing && mahalle chassis.dead_letters bless && mahalle chassis.reemit
"""


def test_what_is_not_there_is_noticed() -> None:
    code = code_in(PLANTED)
    assert list(broken_links(ROOT / "README.md", PLANTED)) == ["nowhere.md", "#nowhere-here"]
    assert unknown_modules(code) == {"chassis.nothing"}
    assert unknown_words(code) == {"chassis.dead_letters bless"}
    assert unknown_targets(code) == {"magic"}


@pytest.mark.parametrize("source", [
    'Env().int("A_NEW", 1)', 'env.str("A_NEW", "")', 'required("A_NEW")', 'os.environ["A_NEW"]', 'os.environ.get("A_NEW")',
    'self.environment.get("A_NEW")', 'port_from("A_NEW", 1)', '@click.option("--new", envvar="A_NEW")\ndef f(): ...'])
def test_a_new_setting_is_noticed_however_it_is_read(source: str) -> None:
    assert variables_read(source) == {"A_NEW"}


def test_a_new_route_is_noticed() -> None:
    assert written_out("/v1/<any(a,b):x>/<ref>") == {"/v1/a/{ref}", "/v1/b/{ref}"}
    assert documented_routes("| GET | `/a` · `/b` | all | |\n| POST | `/a` | all | |") == {
        ("GET", "/a"), ("GET", "/b"), ("POST", "/a")}
