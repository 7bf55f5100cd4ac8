"""A mail server that takes every letter and keeps it, for as long as a test runs."""
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from deploy.local.ports import free_ports


class Postbox:
    """`letters` as they came, oldest first."""

    def __init__(self) -> None:
        self.port, self.letters = free_ports(1)[0], list[EmailMessage]()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    @property
    def variables(self) -> dict[str, str]:
        """With which notifications sends its letters here."""
        return {"MAHALLE_SMTP": f"smtp://127.0.0.1:{self.port}", "MAHALLE_MAIL_FROM": "mahalle@example.org"}

    def to(self, address: str, about: str = "") -> list[EmailMessage]:
        """Letters to an address; `about` narrows to those that hold these words."""
        return [letter for letter in self.letters if letter["To"] == address and about in letter.get_content()]


@contextmanager
def a_postbox() -> Iterator[Postbox]:
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
