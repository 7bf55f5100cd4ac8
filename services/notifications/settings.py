"""Settings of `notifications` alone."""
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from environs import Env

from chassis.settings import stop_with
from services.notifications.channels.sms import ADDRESS, SmsProvider
from services.notifications.channels.smtp import SmtpServer

LANGUAGES = ("fa", "en")
PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True)
class NotificationsSettings:
    """`smtp` None: messages go to the log alone. `mail_from` is the letters' From; `language` theirs. `sms`: by whom codes
    go to telephones; `letters`: the folder for codes that have no other way."""

    smtp: SmtpServer | None
    mail_from: str
    language: str
    sms: SmsProvider | None = None
    letters: Path | None = None


def read() -> NotificationsSettings:
    """MAHALLE_SMTP, MAHALLE_MAIL_FROM (default: the server's user where that is an address, else mahalle@<its host>),
    MAHALLE_MAIL_LANGUAGE (fa), MAHALLE_SMS and MAHALLE_LETTERS. Exits 2 with one line, without the password, where one is
    wrong."""
    env = Env()
    server = smtp_server(env.str("MAHALLE_SMTP", ""))
    mail_from = env.str("MAHALLE_MAIL_FROM", "") or default_from(server)
    language = env.str("MAHALLE_MAIL_LANGUAGE", "") or "fa"
    if language not in LANGUAGES:
        stop_with(f"setting: MAHALLE_MAIL_LANGUAGE is one of {', '.join(LANGUAGES)}.")
    if mail_from.count("@") != 1 or set(mail_from) & set(" \r\n<>,"):
        stop_with("setting: MAHALLE_MAIL_FROM is not one plain e-mail address, such as mahalle@example.org.")
    folder = env.str("MAHALLE_LETTERS", "")
    return NotificationsSettings(server, mail_from, language, sms_provider(env.str("MAHALLE_SMS", "")),
                                 Path(folder) if folder else None)


def smtp_server(url: str) -> SmtpServer | None:
    """None for an empty address."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        known, port = parts.scheme in PORTS and parts.hostname, parts.port
    except ValueError:
        known, port = None, None
    if not known:
        stop_with("setting: MAHALLE_SMTP does not read smtp://user:password@host:port or smtps://...")
    return SmtpServer(known, port or PORTS[parts.scheme], parts.scheme == "smtps", unquote(parts.username or ""),
                      unquote(parts.password or ""))


def sms_provider(url: str) -> SmsProvider | None:
    """None for an empty address. The key goes over TLS, or to this machine."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port, asked = f":{parts.port}" if parts.port else "", parse_qs(parts.query)
        private = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost"))
        known = private and parts.username and parts.hostname and not parts.path.strip("/") and (
            set(asked) <= {"template", "sender"})
    except ValueError:
        known = None
    if not known:
        stop_with(f"setting: MAHALLE_SMS does not read https://KEY@{urlsplit(ADDRESS).hostname}?template=NAME&sender=LINE.")
    [template], [sender] = (asked.get(name, [""])[-1:] for name in ("template", "sender"))
    return SmsProvider(f"{parts.scheme}://{parts.hostname}{port}", unquote(parts.username or ""), template, sender)


def default_from(server: SmtpServer | None) -> str:
    if server is None:
        return "mahalle@localhost"
    return server.user if "@" in server.user else f"mahalle@{server.host}"
