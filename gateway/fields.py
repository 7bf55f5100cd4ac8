"""`?fields=id,status`: of a thing, or of each item of a list, only these fields.

They are picked here and not by the services, which always answer whole: what an answer is made of is said in one place.
"""
import re
from collections.abc import Sequence
from typing import Any

import orjson

from contracts.errors import Malformed

GRAMMAR = re.compile(r"[a-z][a-z0-9_]{0,59}(,[a-z][a-z0-9_]{0,59}){0,49}", re.ASCII)
SOMETIMES = {"original"}  # fields that only some things have


def read(typed: str) -> tuple[str, ...]:
    """Raises Malformed for what is no list of names."""
    if not GRAMMAR.fullmatch(typed):
        raise Malformed("bad_fields", "fields نام فیلدهاست با ویرگول میانشان، مانند id,status.",
                        "fields is names of fields with commas between, such as id,status.")
    return tuple(dict.fromkeys(typed.split(",")))


def picked(result: Any, names: Sequence[str]) -> Any:
    """A method's result with these fields only. Raises Malformed for a name that nothing in it has."""
    status, body, *headers = result if isinstance(result, tuple) else (200, result)
    found = orjson.loads(body) if isinstance(body, bytes) else body
    if not isinstance(found, dict):
        return result
    is_list = isinstance(found.get("items"), list)
    things = found["items"] if is_list else [found]
    unknown = [name for name in names if name not in SOMETIMES and not any(name in each for each in things)]
    if things and unknown:
        raise Malformed("unknown_field", f"فیلدی با نام {unknown[0]} در این پاسخ نیست. نامش را بررسی کنید.",
                        f"There is no field {unknown[0]} in this answer. Check its name.")
    only = [{name: each[name] for name in names if name in each} for each in things]
    return status, found | {"items": only} if is_list else only[0], *headers
