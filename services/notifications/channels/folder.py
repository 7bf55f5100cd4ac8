"""Each message a file of a folder, for a platform on one machine: whoever tries things out reads there what was sent."""
import os
from pathlib import Path

from services.notifications.channels import Later, Message


class Folder:
    """The files, and the folder where it is made here, can be read by their owner alone."""

    name = "folder"
    needs_address = True
    at_once = 1

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Message) -> None:
        text = f"{message.address}\n{message.subject}\n\n{message.body}"
        draft = self._folder / f".{message.id}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)
            with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            draft.rename(self._folder / f"{message.id}.txt")
        except OSError as error:
            raise Later(type(error).__name__) from error

    def close(self) -> None:
        """Nothing to let go of."""
