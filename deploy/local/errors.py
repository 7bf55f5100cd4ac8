"""What can stand in the way of a start, each with one sentence that says what to do."""
from collections.abc import Callable
from typing import NoReturn


class CannotStart(Exception):
    """Its text is one whole sentence for the person at the terminal."""


def end_with(sentence: object) -> NoReturn:
    raise SystemExit(f"mahalle: {sentence}")


def one_line(main: Callable[[], None]) -> None:
    """Runs `main`; whatever cannot start is one line on stderr and exit 1, not a traceback."""
    try:
        main()
    except CannotStart as error:
        end_with(error)
