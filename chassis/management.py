"""The few calls of RabbitMQ's management API that make users, rights and agencies' queues while everything runs."""
import json
from typing import Any
from urllib.parse import quote, urlsplit

import urllib3


class ManagementError(Exception):
    """The broker's management refused; what and why stands in the text."""


class Management:
    """`address` is http://user:password@host:port. Every call is a PUT or DELETE that may be repeated.

    Raises OSError when nobody answers, ManagementError when it is refused.
    """

    def __init__(self, address: str, vhost: str) -> None:
        parts = urlsplit(address)
        self.user, self.password = parts.username or "", parts.password or ""
        self._base = f"{parts.scheme}://{parts.hostname}:{parts.port}/api"
        self._vhost = quote(vhost, safe="")
        self._pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=3, read=10), headers={
            **urllib3.make_headers(basic_auth=f"{self.user}:{self.password}"), "Content-Type": "application/json"})

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            answer = self._pool.request(method, self._base + path, body=json.dumps(body) if body is not None else None)
        except urllib3.exceptions.HTTPError as error:
            raise OSError(f"the management API does not answer: {type(error).__name__}") from error
        if answer.status >= 400 and not (method == "DELETE" and answer.status == 404):
            raise ManagementError(f"{method} {path}: {answer.status} {answer.data[:300]!r}")
        return json.loads(answer.data) if answer.data and method == "GET" else None

    def put_vhost(self) -> None:
        self.call("PUT", f"/vhosts/{self._vhost}", {})
        self.permit(self.user, ".*", ".*", ".*")

    def delete_vhost(self) -> None:
        self.call("DELETE", f"/vhosts/{self._vhost}")

    def put_user(self, user: str, password: str) -> None:
        self.call("PUT", f"/users/{quote(user, safe='')}", {"password": password, "tags": ""})

    def delete_user(self, user: str) -> None:
        self.call("DELETE", f"/users/{quote(user, safe='')}")

    def permit(self, user: str, configure: str, write: str, read: str) -> None:
        self.call("PUT", f"/permissions/{self._vhost}/{quote(user, safe='')}",
                  {"configure": configure, "write": write, "read": read})

    def permit_topic(self, user: str, exchange: str, write: str, read: str) -> None:
        self.call("PUT", f"/topic-permissions/{self._vhost}/{quote(user, safe='')}",
                  {"exchange": exchange, "write": write, "read": read})

    def put_policy(self, name: str, pattern: str, definition: dict[str, Any]) -> None:
        """For the queues whose names the pattern finds."""
        self.call("PUT", f"/policies/{self._vhost}/{quote(name, safe='')}",
                  {"pattern": pattern, "definition": definition, "apply-to": "queues"})

    def put_queue(self, queue: str, arguments: dict[str, Any]) -> None:
        self.call("PUT", f"/queues/{self._vhost}/{quote(queue, safe='')}",
                  {"durable": True, "auto_delete": False, "arguments": arguments})

    def delete_queue(self, queue: str) -> None:
        self.call("DELETE", f"/queues/{self._vhost}/{quote(queue, safe='')}")

    def bind(self, exchange: str, queue: str, key: str) -> None:
        self.call("POST", f"/bindings/{self._vhost}/e/{quote(exchange, safe='')}/q/{quote(queue, safe='')}",
                  {"routing_key": key, "arguments": {}})

    def queues(self) -> list[dict[str, Any]]:
        return list(self.call("GET", f"/queues/{self._vhost}?disable_stats=false"))
