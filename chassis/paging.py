"""Cursors of lists: opaque to whoever holds one; inside, the key of the last item of a page."""
import base64

from contracts.errors import Malformed


def cursor_of(*key: str) -> str:
    return base64.urlsafe_b64encode("\n".join(key).encode()).decode().rstrip("=")


def key_of(cursor: str, parts: int = 1) -> list[str]:
    """The key in a cursor. Raises Malformed for one that is not ours."""
    try:
        key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("\n")
    except ValueError as error:
        raise bad_cursor() from error
    if len(key) != parts:
        raise bad_cursor()
    return key


def bad_cursor() -> Malformed:
    return Malformed("bad_cursor", "این نشانگر صفحه از ما نیست. از صفحهٔ نخست آغاز کنید.",
                     "This cursor is not one of ours. Start from the first page.")
