"""A service's client that holds every good answer against what the answering route says of itself: not a field more, none
that lacks, and each of its kind."""
from functools import cache
from typing import Any

import jsonschema
import orjson
from apispec import APISpec
from werkzeug.routing import Map, Rule

from chassis.caller import Caller
from chassis.http_client import Client
from deploy.describe.routes import Route, routes
from deploy.describe.schemas import Plugin, schema_of

Json = dict[str, Any]
DRAFT = jsonschema.Draft202012Validator
KINDS = DRAFT.FORMAT_CHECKER


class Described(Client):
    """`seen`: the routes that have answered, each as (method, address)."""

    def __init__(self, url: str, secret: str, service: str) -> None:
        super().__init__(url, secret)
        self._service = service
        self.seen: set[tuple[str, str]] = set()

    def _call(self, method: str, path: str, asking: Caller, *more: Any, **content: Any) -> bytes:
        answer = super()._call(method, path, asking, *more, **content)
        route = route_of(self._service, method, path)
        self.seen.add((method, route.path))
        hold(self._service, route, orjson.loads(answer))
        return answer


def hold(service: str, route: Route, answer: Any) -> None:
    """Fails with the place and the reason where an answer leaves its schema."""
    if route.entrypoint.gives is None:
        assert route.entrypoint.deed == "platform:serve", f"{route.method} {route.path} does not say what it gives"
        return
    validator = DRAFT(schemas(service)[route.method, route.path], format_checker=KINDS)
    if error := jsonschema.exceptions.best_match(validator.iter_errors(answer)):
        raise AssertionError(f"{route.method} {route.path}: {error.json_path}: {error.message[:500]}")


@cache
def all_routes(service: str) -> dict[tuple[str, str], Route]:
    return {(route.method, route.path): route for route in routes(f"services.{service}.service")}


@cache
def addresses(service: str) -> Map:
    return Map([Rule(path.replace("{", "<").replace("}", ">"), methods=[method], endpoint=path)
                for method, path in all_routes(service)])


def route_of(service: str, method: str, path: str) -> Route:
    endpoint, _ = addresses(service).bind("").match(path, method)
    return all_routes(service)[method, endpoint]


@cache
def schemas(service: str) -> dict[tuple[str, str], Json]:
    """From each route to the JSON Schema of its answer, with all that it refers to."""
    plugin = Plugin()
    spec = APISpec("", "", "3.1.1", [plugin])
    given = {key: schema_of(gives, plugin.converter) for key, route in all_routes(service).items()
             if (gives := chosen(route)) is not None}
    return {key: {**schema, "components": spec.to_dict()["components"]} for key, schema in given.items()}


def chosen(route: Route) -> Any:
    gives = route.entrypoint.gives
    named = set(route.chosen.values()) & set(gives) if isinstance(gives, dict) else set()
    return gives[named.pop()] if named else gives
