"""`/livez`, `/readyz` and `/metrics`, the same three for every process, answered beside its work and not by it.

A port that is everybody's tells OUTSIDE alone: who counts what is refused, and how full we are, is told where to aim.
"""
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

PATHS = ("/livez", "/readyz", "/metrics")
OUTSIDE = ("/livez", "/readyz")
Ready = Callable[[], dict[str, bool]]  # what this process needs → whether it is there


def answer(path: str, ready: Ready) -> tuple[int, str, bytes]:
    """Status, content type and body. Alive is who answers; ready is who has all that it needs."""
    if path == "/metrics":
        return 200, CONTENT_TYPE_LATEST, generate_latest()
    needs = ready() if path == "/readyz" else {}
    well = all(needs.values())
    return 200 if well else 503, "application/json", orjson.dumps({"status": "ok" if well else "not ready"} | needs)


def serve(address: tuple[str, int], ready: Ready) -> None:
    """In a thread of its own (a green one where those are), for processes without an HTTP server, and for the gateway, whose
    server is everybody's. Raises OSError when the port is taken."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path in PATHS
            status, kind, body = answer(self.path, ready) if known else (404, "text/plain", b"not found\n")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *args: object) -> None:
            """Health is asked every few seconds; nobody reads that."""

    threading.Thread(target=ThreadingHTTPServer(address, Handler).serve_forever, daemon=True, name="health").start()
