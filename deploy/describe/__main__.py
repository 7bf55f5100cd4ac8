"""Writes gateway/openapi.json, or says what it lacks."""
import sys
from pathlib import Path

import orjson

from deploy.describe.document import document
from deploy.describe.lacking import lacking

WRITTEN = Path(__file__).parents[2] / "gateway" / "openapi.json"


def as_text(found: object) -> bytes:
    return orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def main(arguments: list[str]) -> int:
    found = document()
    if arguments[:1] != ["--check"]:
        WRITTEN.write_bytes(as_text(found))
        return 0
    missing = lacking(found, arguments[1:])
    print("\n".join(missing) or "nothing is missing")
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
