"""JSON lines on stderr, with service and trace, and without personal data.

Keys that hold words of people or secrets are dropped, at any depth, and what looks like an e-mail address, a telephone
number, an API key or a token is masked wherever it stands, exceptions included.
"""
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import structlog

TRACE: ContextVar[str | None] = ContextVar("trace", default=None)
HIDDEN = {"authorization", "secret", "password", "token", "access_token", "refresh_token", "api_key", "contact", "email",
          "phone", "text", "body", "name", "words"}
LONGEST = 8000  # characters of one value; of a longer one the beginning and the end are kept
# Each alternative begins where nothing of its kind goes before: so every text is searched in one pass, however long.
PERSONAL = re.compile(r"""
    (?<![\w.+-]) [\w.+-]++ @ [\w-]+ \. [\w.-]+                                        # an e-mail address
  | (?<![0-9A-Za-z_۰-۹٠-٩-]) (?: [+0۰٠] [\d۰-۹٠-٩ ()-]{8,40} | [9۹٩] [\d۰-۹٠-٩]{8} ) \d (?![\dA-Za-z_-]) # a telephone number
  | (?<=://) [^/@\s]+ @                                                               # who, in an address
  | \b mhl_ [0-9a-f]{16} _ [\w-]{43}                                                  # an API key
  | \b mhr_ [0-9a-f]{32} _ \d{1,9} _ [0-9a-f]{64}                                      # a refresh token
  | (?<![\w-]) eyJ [\w-]++ \. [\w-]+ \. [\w-]*                                               # a token
""", re.VERBOSE)


def masked(value: Any) -> Any:
    """The same without personal data. What is no plain value is written as it would print itself."""
    if isinstance(value, str):
        kept = value if len(value) <= LONGEST else f"{value[:LONGEST // 2]} … {value[-LONGEST // 2:]}"
        return PERSONAL.sub("…", kept)
    if isinstance(value, Mapping):
        return {str(key): "…" if str(key).lower() in HIDDEN else masked(below) for key, below in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [masked(below) for below in value]
    return value if value is None or isinstance(value, (bool, int, float)) else masked(repr(value))


def _redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return dict(masked(event))


def _trace(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if trace := TRACE.get():
        event["trace"] = trace
    return event


class Stderr:
    """A line that cannot be written, since whoever read them is gone, is lost, and nobody's request with it."""

    def write(self, line: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(line)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def set_up(service: str, level: str = "info") -> None:
    """Once per process. Other libraries' log records take the same way out."""

    def named(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {"service": service, **event}

    told: list[Any] = [structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True), _trace,
                       named, structlog.processors.format_exc_info]
    written: list[Any] = [_redact, structlog.processors.JSONRenderer(ensure_ascii=False)]
    stderr: Any = Stderr()
    handler = logging.StreamHandler(stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *written], foreign_pre_chain=told))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("amqp", "kombu", "pika", "nameko", "pymongo"):
        logging.getLogger(noisy).setLevel("WARNING")
    logging.getLogger("urllib3").setLevel("ERROR")  # whom nobody answers says so itself, once, and not each try
    # Straight to stderr: by way of the standard library a line costs three times as much.
    structlog.configure(processors=[*told, *written], logger_factory=structlog.WriteLoggerFactory(stderr),
                        wrapper_class=structlog.make_filtering_bound_logger(level), cache_logger_on_first_use=True)


def get(name: str) -> Any:
    return structlog.get_logger(name)
