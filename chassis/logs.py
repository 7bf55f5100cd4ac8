"""JSON lines on stderr, with service and trace, and without personal data.

Keys that hold words of people or secrets are dropped, and what looks like an e-mail address or a telephone number is
masked wherever it stands, exceptions included.
"""
import logging
import re
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

import structlog

TRACE: ContextVar[str | None] = ContextVar("trace", default=None)
HIDDEN = {"authorization", "secret", "password", "token", "contact", "email", "phone", "text", "body", "name", "words"}
PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|(?<![\w-])[+0۰٠][\d۰-۹٠-٩ -]{8,}\d(?![\w-])|(?<=://)[^/@\s]+@")


def _redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key in HIDDEN:
            event[key] = "…"
        elif isinstance(value, str):
            event[key] = PERSONAL.sub("…", value)
    return event


def _trace(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if trace := TRACE.get():
        event["trace"] = trace
    return event


def set_up(service: str, level: str = "info") -> None:
    """Once per process. Other libraries' log records take the same way out."""

    def named(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {"service": service, **event}

    shared: list[Any] = [
        structlog.stdlib.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True), _trace, named,
        structlog.processors.format_exc_info, structlog.stdlib.PositionalArgumentsFormatter(), _redact,
    ]
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.stdlib.ExtraAdder(),
                    _redact, render], foreign_pre_chain=shared))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("amqp", "kombu", "pika", "nameko", "pymongo", "urllib3"):
        logging.getLogger(noisy).setLevel("WARNING")
    structlog.configure(processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
                        logger_factory=structlog.stdlib.LoggerFactory(), cache_logger_on_first_use=True,
                        wrapper_class=structlog.stdlib.BoundLogger)


def get(name: str) -> Any:
    return structlog.stdlib.get_logger(name)
