"""E-mail by SMTP. What the server answers decides: 4xx come again, 5xx never; whatever concerns the connection or our
own account, and not this one letter, is come again too.

A password goes only over TLS or to this machine itself. The Message-ID is made of the delivery, so that a letter sent
twice (a crash after sending, before marking) is recognisable as one.
"""
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.header import Header
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime

from chassis.clock import now
from services.notifications.channels import Later, Message, Never

SECONDS = 15.0  # for each answer of the server


class Subject(UnstructuredHeader, BaseHeader):
    """Folds by itself: Python up to 3.12 loses a space wherever it folds a subject in Persian (python/cpython#92081)."""

    def fold(self, *, policy: Policy) -> str:
        return f"Subject: {Header(str(self), header_name='Subject').encode(linesep=policy.linesep)}{policy.linesep}"


HEADERS = HeaderRegistry()
HEADERS.map_to_type("subject", Subject)
LETTER = SMTP.clone(header_factory=HEADERS)


@dataclass(frozen=True)
class SmtpServer:
    """Where to hand letters in. `tls`: from the first byte on (smtps); otherwise STARTTLS where the server offers it."""

    host: str
    port: int
    tls: bool
    user: str
    password: str

    @property
    def on_this_machine(self) -> bool:
        return self.host in ("127.0.0.1", "::1", "localhost")


class Smtp:
    """Keeps its connection between letters until it is closed."""

    name = "smtp"
    needs_address = True
    at_once = 1

    def __init__(self, server: SmtpServer, sender: str) -> None:
        self._server, self._sender = server, sender
        self._connection: smtplib.SMTP | None = None

    def send(self, message: Message) -> None:
        letter = self._letter(message)
        connection = self._connection or self._connect()
        try:
            connection.send_message(letter, self._sender, [str(message.address)])
        except smtplib.SMTPRecipientsRefused as error:
            raise _answered(error, *[code for code, _ in error.recipients.values()]) from error
        except smtplib.SMTPResponseException as error:
            raise _answered(error, error.smtp_code) from error
        except (smtplib.SMTPNotSupportedError, UnicodeError) as error:  # an address this server cannot write to
            raise Never(type(error).__name__) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Later(type(error).__name__) from error
        finally:
            if connection.sock is None:
                self._connection = None

    def close(self) -> None:
        """At once; a server that does not answer is not waited for."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage(LETTER)
        try:
            letter["From"], letter["To"], letter["Subject"] = self._sender, message.address, message.subject
        except ValueError as error:  # a line break in it
            raise Never("BadHeader") from error
        letter["Date"] = format_datetime(now())
        letter["Message-ID"] = f"<{message.id}@{self._sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine answers it
        letter.set_content(message.body, cte="base64")
        return letter

    def _connect(self) -> smtplib.SMTP:
        """Whatever goes wrong here is not the letter's fault."""
        try:
            self._connection = connected(self._server)
        except (OSError, smtplib.SMTPException) as error:
            raise Later(f"{type(error).__name__} on connecting") from error
        return self._connection


def connected(server: SmtpServer) -> smtplib.SMTP:
    """Greeted, encrypted where possible, logged in. Raises OSError or SMTPException."""
    open_: Callable[..., smtplib.SMTP] = smtplib.SMTP_SSL if server.tls else smtplib.SMTP
    connection = open_(server.host, server.port, timeout=SECONDS)
    try:
        connection.ehlo()
        if not server.tls and connection.has_extn("starttls"):
            connection.starttls(context=ssl.create_default_context())
            connection.ehlo()
        if server.user:
            _log_in(connection, server)
    except BaseException:
        connection.close()
        raise
    return connection


def _log_in(connection: smtplib.SMTP, server: SmtpServer) -> None:
    if not isinstance(connection.sock, ssl.SSLSocket) and not server.on_this_machine:
        raise smtplib.SMTPNotSupportedError("a password only goes over TLS")
    connection.login(server.user, server.password)


def _answered(error: smtplib.SMTPException, *codes: int) -> Later | Never:
    """All codes 5xx: never; one of them 4xx, or 421 in between: later."""
    kind = Never if all(500 <= code <= 599 for code in codes) else Later
    return kind(f"{type(error).__name__} {max(codes, default=0)}")
