"""A book of Excel as people make it: with a formula and merged cells."""
import io
from typing import Any

from xlsxwriter import Workbook


def with_formula(row: dict[str, Any]) -> bytes:
    """A header, a row whose name is a formula, and a row with merged cells."""
    made = io.BytesIO()
    book = Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet()
    for at, (name, value) in enumerate(row.items()):
        sheet.write_string(0, at, name)
        sheet.write_string(1, at, value)
        sheet.write_string(2, at, value)
    sheet.write_formula(1, 3, '="x"', None, "x")
    sheet.merge_range(2, 0, 2, 1, "merged")
    book.close()
    return made.getvalue()
