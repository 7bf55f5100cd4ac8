"""HTTP as no library writes it: half requests, broken ones, ones without an end."""
import socket
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

SECONDS = 30


@dataclass
class Answer:
    """The first answer on a connection. No status when the connection ended without one."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        return orjson.loads(self.body)


def connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 80), SECONDS)


def request(method: str, path: str, *lines: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode("latin-1")


def send(url: str, content: bytes) -> Answer:
    """What comes back for these bytes, until the answer is whole or the connection ends."""
    with connect(url) as line:
        try:
            line.sendall(content)
        except OSError:
            pass  # it would hear no more; perhaps it has answered
        return answer_on(line)


def answer_on(line: socket.socket) -> Answer:
    found = b""
    try:
        while (read := line.recv(65536)):
            found += read
            if is_whole(found):
                break
    except OSError:
        pass  # reset: what came before counts
    return parsed(found)


def is_whole(found: bytes) -> bool:
    head, end, body = found.partition(b"\r\n\r\n")
    length = parsed(head + end).headers.get("content-length")
    return bool(end) and length is not None and len(body) >= int(length)


def parsed(found: bytes) -> Answer:
    head, end, body = found.partition(b"\r\n\r\n")
    if not end:
        return Answer()
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Answer(int(first.split()[1]), headers, body)


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))
