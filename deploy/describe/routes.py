"""What can be asked at the gateway, address by address, and who answers it in the end."""
import importlib
import inspect
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from chassis.http_server import Http
from chassis.topology import SERVICES
from deploy.describe.elsewhere import ELSEWHERE

VARIABLE = re.compile(r"<(?:any\(([^)]*)\):)?(\w+)>")
PREFIX = "/v1"


@dataclass(frozen=True)
class Route:
    """One method of one address, without `any`: `chosen` are the words that stood there, by name."""

    method: str
    path: str
    entrypoint: Any
    function: Any
    chosen: Mapping[str, str]
    service: str

    @property
    def key(self) -> tuple[str, str]:
        return self.method, nameless(self.path)


@dataclass(frozen=True)
class Operation:
    """A route of the gateway, and the service's route behind it, where there is one."""

    front: Route
    behind: Route | None

    @property
    def path(self) -> str:
        return self.front.path

    @property
    def method(self) -> str:
        return self.front.method

    @property
    def deed(self) -> str:
        return str(self.front.entrypoint.deed)

    @property
    def id(self) -> str:
        words = re.sub(r"[{]", "by-", self.path.removeprefix(PREFIX)).replace("}", "")
        return "_".join([self.method.lower(), *re.findall(r"[\w-]+", words)]).replace("-", "_")

    @property
    def variables(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    @property
    def where(self) -> str:
        """The folder of whose hands the answer is."""
        return f"services/{self.behind.service}" if self.behind else "gateway"

    def said(self, name: str) -> Any:
        """`takes`, `asks`, `gives` or `status` as the route says it; the gateway's own word goes before."""
        for route in filter(None, (self.front, self.behind)):
            found = getattr(route.entrypoint, name, None)
            if isinstance(found, dict) and (named := set(found) & set(route.chosen.values())):
                return found[named.pop()]
            if found is not None and (name, found) != ("status", 200):
                return found
        return 200 if name == "status" else None

    @property
    def text(self) -> str:
        """The service's docstring, else the gateway's."""
        found = [inspect.getdoc(route.function) or "" for route in (self.behind, self.front) if route]
        return next(filter(None, found), "")

    @property
    def seconds(self) -> float:
        return float(self.front.entrypoint.seconds)


def nameless(path: str) -> str:
    return re.sub(r"{\w+}", "{}", path)


def expanded(url: str) -> Iterator[tuple[str, dict[str, str]]]:
    """`/<any(a,b):x>/<y>` is `/a/{y}` and `/b/{y}`."""
    variables = list(VARIABLE.finditer(url))
    several = [match for match in variables if match[1] is not None]
    for words in itertools.product(*(match[1].split(",") for match in several)):
        chosen = {match[2]: word.strip(' "') for match, word in zip(several, words, strict=True)}
        yield VARIABLE.sub(lambda match, chosen=chosen: chosen.get(match[2], f"{{{match[2]}}}"), url), chosen  # type: ignore[misc]


def routes(module: str) -> Iterator[Route]:
    """Every route of a nameko service's class and the surfaces that it inherits."""
    service = importlib.import_module(module).Service
    for _, function in inspect.getmembers(service):
        for entrypoint in getattr(function, "nameko_entrypoints", ()):
            if isinstance(entrypoint, Http):
                for path, chosen in expanded(entrypoint.url):
                    yield Route(entrypoint.method, path, entrypoint, function, chosen, service.name)


@cache
def operations() -> tuple[Operation, ...]:
    """All of them, by address. A service's own word for an address goes before one with a variable there."""
    behind = {route.key: route for service in SERVICES for route in routes(f"services.{service}.service")}
    fronts = sorted(routes("gateway.service"), key=lambda route: (route.path, route.method))
    return tuple(Operation(front, behind.get(inner_key(front))) for front in fronts)


def inner_key(front: Route) -> tuple[str, str]:
    method, path = front.key
    named = ELSEWHERE.get((method, front.path))
    if named is None:
        return method, path.removeprefix(PREFIX) if path.startswith(f"{PREFIX}/") else path
    return named[0], nameless(named[1])
