"""A service asked over HTTP, where every answer must be one that its route describes, and all that was asked must be too."""
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

import jsonschema
from apispec import APISpec

from chassis.caller import HEADER, Caller, sign
from deploy.describe.real import keep, name_of
from deploy.describe.routes import Route, routes
from deploy.describe.schemas import Plugin, schema_of

Json = dict[str, Any]
INTERNAL = "platform:serve"


@dataclass
class Described:
    """A running service. Keyword arguments are headers (`Issue_Secret=…`); `asks` is the query."""

    service: str
    url: str
    secret: str
    seen: set[str] = field(default_factory=set)  # functions that have answered, and shapes in which they did
    keys: Iterator[int] = field(default_factory=lambda: count(1))
    answers: dict[str, Json] = field(default_factory=dict)  # the first of each route

    def __post_init__(self) -> None:
        self._plugin = Plugin()
        self._spec = APISpec("", "", "3.1.1", [self._plugin])
        self._routes = [route for route in routes(f"services.{self.service}.service") if route.entrypoint.deed != INTERNAL]

    def get(self, path: str, caller: Caller, asks: dict[str, str] | None = None, **headers: str) -> Json:
        route = self.route("GET", path)
        known = self._said(route, "asks")
        assert set(asks or {}) <= set(known().fields if known else ()), f"{path} does not say what was asked: {asks}"
        return self._fits(route, self.tell("GET", f"{path}?{urlencode(asks or {})}", caller, **headers))

    def post(self, path: str, caller: Caller, body: Json, **headers: str) -> Json:
        route = self.route("POST", path)
        fits(body, self._schema(self._said(route, "takes")), self._components(), f"the body of POST {path}")
        return self._fits(route, self.tell("POST", path, caller, body, **headers))

    def described(self, method: str, path: str, answer: Json) -> Json:
        """An answer that came by another way, held to what this route describes."""
        return self._fits(self.route(method, path), answer)

    def unseen(self, *kinds: str) -> set[str]:
        """What is described and was never answered, of these kinds of deeds or of all: functions of routes, and shapes."""
        return {name for route in self._routes if not kinds or route.entrypoint.deed.partition(":")[0] in kinds
                for name in (route.function.__name__, *self._shapes(route))} - self.seen

    def keep(self) -> None:
        """Where MAHALLE_ANSWERS is set: the answers as examples for the API's description."""
        if os.environ.get("MAHALLE_ANSWERS"):
            keep(self.answers)

    def tell(self, method: str, path: str, caller: Caller, body: Json | None = None, **headers: str) -> Json:
        """The answer, whatever it is like. Fails for a problem, with what it says."""
        sent = {HEADER: sign(caller, self.secret), "Content-Type": "application/json"}
        if method == "POST":
            sent["Idempotency-Key"] = f"key-{next(self.keys)}"
        request = urllib.request.Request(self.url + path, None if body is None else json.dumps(body).encode(), sent | {
            name.replace("_", "-"): value for name, value in headers.items()}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                found: Json = json.loads(answer.read())
                return found
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def _fits(self, route: Route, answer: Json) -> Json:
        shapes, faults = self._shapes(route), []
        for name, schema in shapes.items():
            try:
                fits(answer, schema, self._components(), f"{route.method} {route.path} as {name}")
            except AssertionError as fault:
                faults.append(str(fault))
            else:
                self.seen |= {route.function.__name__, name}
                self.answers.setdefault(name_of(route), answer)
                return answer
        raise AssertionError("\n".join(faults))

    def _shapes(self, route: Route) -> dict[str, Json]:
        """What the route may answer, by name."""
        given = self._said(route, "gives")
        assert given is not None, f"{route.method} {route.path} does not say what it gives"
        return {each.__name__: self._schema(each) for each in (given if isinstance(given, tuple) else (given,))}

    def _said(self, route: Route, name: str) -> Any:
        found = getattr(route.entrypoint, name)
        chosen = set(route.chosen.values()) & set(found) if isinstance(found, dict) else ()
        return found[next(iter(chosen))] if chosen else found

    def route(self, method: str, path: str) -> Route:
        """The one with the fewest variables, as werkzeug takes it."""
        fitting = [route for route in routes(f"services.{self.service}.service") if route.method == method
                   and re.fullmatch(re.sub(r"{\w+}", "[^/]+", route.path), path)]
        return min(fitting, key=lambda route: route.path.count("{"))

    def _schema(self, given: Any) -> Json:
        assert self._plugin.converter
        return schema_of(given, self._plugin.converter)

    def _components(self) -> Json:
        found: Json = self._spec.to_dict()["components"]
        return found


def fits(value: Any, schema: Json, components: Json, what: str) -> None:
    """Fails with the deepest fault."""
    validator = jsonschema.Draft202012Validator(schema | {"components": components})
    fault = jsonschema.exceptions.best_match(validator.iter_errors(value))
    assert fault is None, f"{what}: {fault.json_path}: {fault.message[:500]}"
