"""The services as the gateway asks them, given to every surface as `self.ask`."""
from typing import Any
from urllib.parse import urlencode

import orjson
from nameko.extensions import DependencyProvider

from chassis import logs
from chassis.caller import Caller
from chassis.http_client import Client
from chassis.http_server import Call
from contracts.errors import from_json
from gateway.credentials import Credentials
from gateway.http import idempotency_key
from gateway.joining import Joined, Shared
from gateway.known import GATEWAY

Answer = tuple[int, bytes, dict[str, str]]


class Asking(DependencyProvider):
    """Clients of the four services, the joined filing and the shared reads, and what is known of who asks."""

    credentials = Credentials()

    def setup(self) -> None:
        secret, found = self.container.config["settings"].internal_secret, self.container.config["gateway"]()
        self.registry, self.issues, self.booklet, self.notifications = (
            Client(found.urls[name], secret) for name in ("registry", "issues", "booklet", "notifications"))
        self._joined = Joined(self._file)
        self._shared = Shared()

    def get_dependency(self, worker_ctx: Any) -> "Asking":
        return self

    def file(self, by: Caller, key: str, body: dict[str, Any]) -> Any:
        """The receipt of a filing. A key is its account's: two who hold the same office may well choose the same."""
        return self._joined({"caller": by.id, "key": f"{by.account}|{key}" if by.account else key, "body": body,
                             "trace": logs.TRACE.get()})

    def _file(self, filings: list[dict[str, Any]]) -> list[Any]:
        logs.TRACE.set(filings[0]["trace"] if len(filings) == 1 else None)  # a joined call is nobody's trace
        outcomes = self.issues.post("/filings", GATEWAY, {"filings": filings})["outcomes"]
        return [from_json(o["problem"]) if "problem" in o else o["issue"] for o in outcomes]

    def hand_on(self, client: Client, call: Call) -> Any:
        """The same request, signed with who is calling, for a service that answers under the same path without `/v1`."""
        path, headers = call.request.path.removeprefix("/v1"), handed_on(call)
        if call.request.method in ("GET", "HEAD"):
            return client.get(path, call.caller, call.query, headers=headers)
        headers |= {"Idempotency-Key": idempotency_key(call)}
        if call.request.method == "DELETE":
            return client.delete(path, call.caller, call.query, headers)
        change = client.put if call.request.method == "PUT" else client.post
        return change(path, call.caller, call.json(), headers)

    def page(self, client: Client, path: str, call: Call, here: str) -> Answer:
        """A listing that anybody may read, handed on as it came, with a Link to the next page (RFC 8288)."""
        query = call.query
        key = (id(client), path, call.caller, tuple(sorted(query.items())))
        raw = self._shared(key, lambda: client.get_raw(path, call.caller, query))
        following = orjson.loads(raw).get("next_cursor")
        if not following:
            return 200, raw, {}
        again = query | {"cursor": following} | ({"fields": asked} if (asked := call.request.args.get("fields")) else {})
        return 200, raw, {"Link": f'<{here}?{urlencode(again)}>; rel="next"'}


def handed_on(call: Call) -> dict[str, str]:
    """The headers by which a caller proves to be an issue's filer, and says which version a change is for."""
    return {name: call.headers[name] for name in ("Issue-Secret", "If-Match", "If-None-Match") if name in call.headers}
