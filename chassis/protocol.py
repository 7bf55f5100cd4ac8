"""One connection: what a client sends, judged as it comes, and how long it may take.

eventlet's own protocol waits thirty seconds for every single byte, lets a line of a chunked body grow without end, takes
for a length whatever Python takes for a number, and reads on behind what it could not read. What stands between a proxy
and us must be read by both alike: what is not by the letter is refused here, and the connection ends.
"""
import re
import socket
from itertools import takewhile
from math import inf
from typing import Any

import eventlet
import orjson
from eventlet.wsgi import ChunkReadError, HeaderLineTooLong, HeadersTooLarge, Input
from nameko.web.server import HttpOnlyProtocol

from chassis import metrics

HEAD_WITHIN = 10  # seconds for a request line and all headers, from their first byte
TAKEN_WITHIN = 30  # seconds for an answer to be taken, and for a large one
SLOWEST = 20_000  # bytes a second besides
HEARD_OUT = 8 * 1024 * 1024  # bytes that are taken of what is refused
HEARD_WITHIN = 5  # seconds
PIECE = 64 * 1024
LINE = 1024  # bytes of a line between chunks
TRAILERS = 20  # lines behind the last chunk
TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
ASKED = re.compile(TOKEN + rb" (?!//)[\x21-\x7e\x80-\xff]+ HTTP/[0-9.]{1,20}\r\n")
ABOVE_ASCII = re.compile(rb"[\x80-\xff]")
END, FIELD = b"\r\n", re.compile(TOKEN + rb":[^\r\n\0]*\r\n")
SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
LENGTH = re.compile(r"[0-9]{1,15}", re.ASCII)
WORDS = {
    400: ("malformed_request", "درخواست به زبان HTTP نیست. برنامه‌تان را بررسی کنید.", "This is not a request in HTTP/1.1."),
    408: ("too_slow", "درخواست بیش از اندازه طول کشید. دوباره بفرستید.", "The request took too long. Send it again."),
    414: ("address_too_long", "نشانی بیش از اندازه بلند است. آن را کوتاه کنید.", "The address is too long. Shorten it."),
    431: ("headers_too_large", "سرآیندها بیش از ۱۰۰ تا یا ۶۴ کیلوبایت است. از آن‌ها بکاهید.",
          "There are over 100 headers, or over 64 kB of them. Send fewer."),
    503: ("too_many_connections", "اتصال‌های باز بیش از اندازه است. کمی بعد دوباره تلاش کنید.",
          "Too many connections are open. Use one for several requests, and try again in a moment.")}


class Late(Exception):
    """The head of a request did not come in time."""


class Unreadable(Exception):
    """A head that others might read in another way."""


class Head:
    """The lines of a head: a name, a colon; none goes on in the next, ends in its middle, or without a carriage return
    (RFC 9112, 2.2, 5.1, 5.2). The last is there: of half a head nobody knows what else was to be said."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readline(self, size: int = -1) -> bytes:
        line: bytes = self._file.readline(size)
        if line != END and not FIELD.fullmatch(line):
            raise Unreadable
        return line


class Chunks(Input):
    """A body in chunks (RFC 9112, 7.1), read as it comes. Raises ValueError for what is none, OSError where it ends."""

    _left, _whole = 0, False  # bytes of the present chunk; whether the last one has come

    def _chunked_read(self, rfile: Any, length: int | None = None, use_readline: bool = False) -> bytes:
        if self.should_send_hundred_continue:
            self.send_hundred_continue_response()
            self.is_hundred_continue_response_sent = True
        found, wanted = [], inf if length is None or length < 0 else length
        while wanted and (self._left or self._begin(rfile)):
            piece = rfile.read(int(min(wanted, self._left, PIECE)))
            if not piece:
                raise OSError("a body broke off")
            found.append(piece)
            wanted -= len(piece)
            self._left -= len(piece)
            if not self._left and rfile.readline(LINE) != b"\r\n":
                raise ChunkReadError("a chunk is longer than it says")
        return b"".join(found)

    def _begin(self, rfile: Any) -> bool:
        """Whether another chunk follows."""
        if self._whole:
            return False
        size = SIZE.fullmatch(rfile.readline(LINE))
        if not size:
            raise ChunkReadError("no size of a chunk")
        self._left = int(size[1], 16)
        if not self._left:
            lines = (rfile.readline(LINE) for _ in range(TRAILERS))
            self._whole = END in takewhile(lambda line: line == END or FIELD.fullmatch(line), lines)
            if not self._whole:
                raise ChunkReadError("no end of the trailers")
        return bool(self._left)


class Protocol(HttpOnlyProtocol):
    """One connection, which the application finds as `environ["mahalle.connection"]` and may `end`."""

    ended = False
    raw_requestline: bytes
    rfile: Any
    _late: Any = None
    _gone: Any = None

    def handle_one_request(self) -> None:
        self.server.connections.waits(self.connection)
        try:
            super().handle_one_request()
        except Late:
            self.send_error(408)
        except Unreadable:
            self.send_error(400)
        finally:
            self._stop_timers()
        if self.ended:
            self._hear_out()

    def end(self) -> None:
        """After the answer, without waiting for anything more from this client."""
        self.close_connection = self.ended = True

    def _stop_timers(self) -> None:
        for timer in filter(None, (self._late, self._gone)):
            timer.cancel()
        self._late = self._gone = None

    def _read_request_line(self) -> bytes:
        """A connection may be idle as long as its time-out says; from the first byte on the whole head has HEAD_WITHIN."""
        try:
            if not self.rfile.peek(1):
                return b""
        except TimeoutError:
            raise
        except OSError:
            return b""  # gone
        self._late = eventlet.Timeout(HEAD_WITHIN, Late())
        line: bytes = super()._read_request_line() or b""
        if line in (b"\r\n", b"\n"):  # some send one behind a body (RFC 9112, 2.2)
            line = super()._read_request_line() or b""
        if len(line) >= self.server.url_length_limit:
            self.send_error(414)
            return b""
        return line

    def parse_request(self) -> bool:
        """The standard library takes any blank of Unicode for a space, bytes of Persian letters among them, and two slashes
        for one."""
        if not ASKED.fullmatch(self.raw_requestline):
            raise Unreadable
        self.raw_requestline = ABOVE_ASCII.sub(lambda byte: b"%%%02X" % ord(byte[0]), self.raw_requestline)
        self.rfile = Head(self.rfile)
        try:
            if not super().parse_request():
                return False
        except (HeaderLineTooLong, HeadersTooLarge):
            self.send_error(431)
            return False
        if not well_formed(self.headers, self.request_version):
            self.send_error(400)
            return False
        return True

    def get_environ(self) -> dict[str, Any]:
        self._late.cancel()
        self.server.connections.asks(self.connection)
        environ: dict[str, Any] = super().get_environ()
        body = environ["eventlet.input"]
        if body.chunked_input:
            environ["wsgi.input"] = environ["eventlet.input"] = Chunks(
                body.rfile, None, self.connection, body.wfile, body.wfile_line, chunked_input=True)
        environ["mahalle.connection"] = self
        return environ

    def expect_taken(self, length: int) -> None:
        """The answer that is sent now must be taken in time; else the connection ends, and nobody waits on it."""
        hub = eventlet.hubs.get_hub()
        self._gone = hub.schedule_call_global(TAKEN_WITHIN + length / SLOWEST, self._give_up)

    def _give_up(self) -> None:
        metrics.REFUSED.labels(self.server.name, "answer_not_taken").inc()
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def log_message(self, *args: object) -> None:
        """Nothing: the standard library would write the request into our log of JSON lines."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What cannot be read is told so, without being repeated, and the connection ends: what follows is no request."""
        self._stop_timers()
        self.end()
        metrics.REFUSED.labels(self.server.name, WORDS.get(code, WORDS[400])[0]).inc()
        try:
            self.wfile.write(refusal(code))
            self.wfile.flush()
        except OSError:
            pass  # gone

    def _hear_out(self) -> None:
        """Takes what is still on its way: to close on it would reset the connection, and the answer be lost."""
        self.server.connections.waits(self.connection)
        try:
            self.connection.shutdown(socket.SHUT_WR)
            with eventlet.Timeout(HEARD_WITHIN, False):
                left = HEARD_OUT
                while left > 0 and (read := self.connection.recv(PIECE)):
                    left -= len(read)
        except OSError:
            pass  # gone


def well_formed(headers: Any, version: str) -> bool:
    """Whether nobody could think that the body ends, or the request goes, somewhere else. HTTP/1.0 knows no chunks."""
    lengths, codings = headers.get_all("content-length", []), headers.get_all("transfer-encoding", [])
    return len(lengths) + len(codings) <= 1 and len(headers.get_all("host", [])) <= 1 and all(
        map(LENGTH.fullmatch, lengths)) and (not codings or version == "HTTP/1.1")


def refusal(code: int) -> bytes:
    """A whole answer, in Persian: nobody knows yet which language is wanted."""
    word, fa, _ = WORDS.get(code, WORDS[400])
    told = orjson.dumps({"type": f"urn:mahalle:problem:{word}", "title": word.replace("_", " "), "status": code,
                         "code": word, "detail": fa})
    again = "Retry-After: 5\r\n" if code == 503 else ""
    head = (f"HTTP/1.1 {code} {word.replace('_', ' ')}\r\nContent-Type: application/problem+json\r\nContent-Language: fa\r\n"
            f"Content-Length: {len(told)}\r\nX-Content-Type-Options: nosniff\r\n{again}Connection: close\r\n\r\n")
    return head.encode() + told
