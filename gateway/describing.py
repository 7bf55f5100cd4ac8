"""The API's own description: OpenAPI as `python -m deploy.describe` wrote it, and the same as a page to read.

The page is whole in itself: nothing is fetched for it and no script runs, which its Content-Security-Policy enforces.
"""
import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from werkzeug.wrappers import Response

from chassis.http_server import Call
from gateway.http import public
from gateway.reading import STYLE, page

WRITTEN = Path(__file__).parent / "openapi.json"
OPENAPI = {"type": "object", "required": ["openapi", "info", "paths"], "additionalProperties": True,
           "properties": {"openapi": {"type": "string"}, "info": {"type": "object"}, "paths": {"type": "object"}},
           "examples": [{"openapi": "3.1.1", "info": {"title": "Mahalle · محله", "version": "1.0.0"}, "paths": {}}]}
KEPT = {"Cache-Control": "no-cache"}  # and asked for again with its ETag
POLICY = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@cache
def description() -> bytes:
    return WRITTEN.read_bytes()


@cache
def reading_page() -> bytes:
    return page(orjson.loads(description())).encode()


def policy() -> str:
    return POLICY.format(base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode())


class Describing:
    @public("GET", "/openapi.json", "platform:read", gives=OPENAPI)
    def openapi(self, call: Call) -> Any:
        """This description: OpenAPI 3.1."""
        return Response(description(), 200, KEPT, content_type="application/json")

    @public("GET", "/docs", "platform:read", gives={"type": "string"})
    def docs(self, call: Call) -> Any:
        """This description as a page to read."""
        return Response(reading_page(), 200, KEPT | {"Content-Security-Policy": policy()},
                        content_type="text/html; charset=utf-8")
