"""`/livez`, `/readyz` and `/metrics`, the same three for every process, answered beside its work and not by it."""
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

PATHS = ("/livez", "/readyz", "/metrics")
Ready = Callable[[], dict[str, bool]]  # what this process needs → whether it is there


def answer(path: str, ready: Ready) -> tuple[int, str, bytes]:
    """Status, content type and body. Alive is who answers; ready is who has all that it needs."""
    if path == "/metrics":
        return 200, CONTENT_TYPE_LATEST, generate_latest()
    needs = ready() if path == "/readyz" else {}
    well = all(needs.values())
    return 200 if well else 503, "application/json", orjson.dumps({"status": "ok" if well else "not ready"} | needs)


def serve(address: tuple[str, int], ready: Ready) -> None:
    """In a thread of its own, for processes without an HTTP server. Raises OSError when the port is taken."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path in PATHS
            status, kind, body = answer(self.path, ready) if known else (404, "text/plain", b"not found\n")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Health is asked every few seconds; nobody reads that."""

    threading.Thread(target=ThreadingHTTPServer(address, Handler).serve_forever, daemon=True, name="health").start()
