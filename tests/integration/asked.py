"""What the process of the tests asks of MongoDB, command by command."""
from collections.abc import Callable
from typing import Any

from pymongo import monitoring


class Asked(monitoring.CommandListener):
    """`commands` since it began to listen, the first first; clear them where only what follows counts."""

    def __init__(self) -> None:
        self.listens = False
        self.commands: list[monitoring.CommandStartedEvent] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if self.listens:
            self.commands.append(event)

    def succeeded(self, event: Any) -> None: ...
    def failed(self, event: Any) -> None: ...

    @property
    def names(self) -> list[str]:
        return [each.command_name for each in self.commands]

    @property
    def of(self) -> list[tuple[str, Any]]:
        """(command, collection) of each."""
        return [(each.command_name, each.command.get(each.command_name)) for each in self.commands]

    def by(self, ask: Callable[[], Any]) -> list[tuple[str, Any]]:
        """The same of what this asks alone."""
        self.commands.clear()
        ask()
        return self.of


ASKED = Asked()
monitoring.register(ASKED)  # before there is a client
