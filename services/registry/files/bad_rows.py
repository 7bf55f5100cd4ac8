"""What is wrong in a file: each bad row by line, column and reason; and what makes a whole file unreadable.

One table of codes and sentences, in Persian and English, for everything that reading a file can complain about.
"""
from dataclasses import dataclass
from typing import Any

from contracts.errors import Invalid, Problem, TooLarge

MOST_BAD = 10_000  # bad rows after which reading stops: the file is wrong as a whole
SHOWN = 60  # letters of a bad value that are shown
HEADER = 1


@dataclass(frozen=True)
class BadRow:
    """`line` counts from 1: a line of a CSV, a row of a sheet, a feature of a GeoJSON; 0 is the file as a whole.

    `column` is its name in the header; its letter where a sheet's formula, error or merged cells are in the way.
    """

    line: int
    column: str | None
    code: str
    value: str
    fa: str
    en: str


SENTENCES: dict[str, tuple[str, str]] = {
    "no_rows": ("پس از سرستون‌ها هیچ ردیفی نیست.", "There is no row below the header."),
    "column_without_name": ("ستون {n} نام ندارد. نامی برایش بنویسید یا ستون را بردارید.",
                            "Column {n} has no name. Name it or take the column out."),
    "duplicate_column": ("نام این ستون دو بار آمده است. یکی را بردارید.", "This column is named twice. Take one out."),
    "unknown_column": ("چنین ستونی شناخته نیست. ستون‌های ممکن: {names}.", "No such column is known. Possible: {names}."),
    "missing_column": ("این ستون لازم است و در پرونده نیست.", "This column is required and the file does not have it."),
    "too_few_cells": ("این ردیف {n} خانه دارد و باید {m} خانه داشته باشد.",
                      "This row has {n} cells and should have {m}."),
    "too_many_cells": ("این ردیف {n} خانه دارد و باید {m} خانه داشته باشد. اگر در متن جداکننده هست، آن را در \"…\" بگذارید.",
                       "This row has {n} cells and should have {m}. Put a text that holds the separator in quotes."),
    "too_many_rows": ("پرونده بیش از {n} ردیف دارد. آن را چند پرونده کنید.",
                      "More than {n} rows. Make several files of it."),
    "too_many_bad_rows": ("تا اینجا {n} خطا پیدا شد و خواندن پایان یافت. نخست این‌ها را درست کنید.",
                          "{n} errors were found up to here and reading stopped. Mend these first."),
    "too_long": ("این خانه بیش از {n} نویسه دارد.", "This cell has more than {n} letters."),
    "formula": ("این خانه فرمول است و خوانده نمی‌شود. مقدار آن را بنویسید، یا برای متن پیش از آن ' بگذارید.",
                "This cell is a formula and is not read. Write its value, or for a text put ' before it."),
    "formula_in_cell": ("خانهٔ {cell} فرمول دارد. به جای آن مقدارش را بگذارید (Paste values).",
                        "Cell {cell} holds a formula. Put its value there instead (paste values)."),
    "error_in_cell": ("خانهٔ {cell} خطای محاسبه دارد. مقدار درست را بنویسید.",
                      "Cell {cell} holds an error of a calculation. Write the right value."),
    "merged_cells": ("خانه‌های {cell} یکی شده‌اند. آن‌ها را جدا کنید و مقدار را در هر ردیف بنویسید.",
                     "Cells {cell} are merged. Unmerge them and write the value in each row."),
    "long_number": ("این عدد بیش از ۱۵ رقم دارد و Excel رقم‌های آخرش را نگه نمی‌دارد. خانه را Text کنید و باز بنویسید.",
                    "This number has more than 15 digits, and a spreadsheet does not keep the last ones. Format the cell as "
                    "text and write it again."),
    "several_sheets": ("پرونده چند برگهٔ پر دارد: {names}. تنها یک برگه نگه دارید.",
                      "The book has several filled sheets: {names}. Keep only one."),
    "bad_letter": ("در این خانه نویسه‌ای هست که خوانده نمی‌شود. پرونده را با UTF-8 ذخیره کنید.",
                   "A letter in this cell cannot be read. Save the file as UTF-8."),
    "bad_quotes": ("گیومه‌های این ردیف درست نیست و از اینجا به بعد خوانده نمی‌شود. \" درون متن را \"\" بنویسید.",
                   "The quotes of this row are not right and nothing after it can be read. Write \" inside a text as \"\"."),
    "long_line": ("این سطر بیش از {n} نویسه دارد و از اینجا به بعد خوانده نمی‌شود.",
                  "This line has more than {n} letters, and nothing from here on is read."),
    "bad_json": ("این خانه JSON درستی نیست.", "This cell is no valid JSON."),
    "bad_file_json": ("از اینجا به بعد JSON درستی نیست ({why}).", "From here on this is no valid JSON ({why})."),
    "not_a_feature": ("این عضو یک Feature با properties نیست.", "This member is no Feature with properties."),
    "bad_geometry": ("شکل باید نقطه (Point) یا چندضلعی (Polygon یا MultiPolygon) باشد.",
                     "The geometry must be a Point, a Polygon or a MultiPolygon."),
    "other_projection": ("مختصات این پرونده در دستگاه {crs} است. آن را به WGS 84 (EPSG:4326) برگردانید.",
                         "The coordinates of this file are in {crs}. Convert them to WGS 84 (EPSG:4326)."),
    "required": ("این خانه نباید خالی باشد.", "This cell must not be empty."),
    "bad_code": ("کد تا ۱۰۰ نویسه و بدون فاصله است.", "A code has up to 100 letters and no spaces."),
    "bad_integer": ("اینجا عددی صحیح لازم است.", "A whole number is needed here."),
    "bad_number": ("اینجا عدد لازم است.", "A number is needed here."),
    "bad_yes_no": ("«بله» یا «خیر» بنویسید.", "Write yes or no (true, false, 1, 0)."),
    "bad_list": ("موردها را با ; جدا کنید و هیچ‌یک را خالی نگذارید.", "Separate the items with ; and leave none empty."),
}
WHOLE_FILE: dict[str, tuple[type[Problem], str, str]] = {
    "file_too_large": (TooLarge, "پرونده بزرگ‌تر از {n} مگابایت است. آن را چند پرونده کنید.",
                       "The file is larger than {n} MB. Make several files of it."),
    "unpacks_too_large": (TooLarge, "این پروندهٔ Excel پس از باز شدن بیش از اندازه بزرگ است. آن را چند پرونده کنید.",
                          "This Excel file is too large when unpacked. Make several files of it."),
    "empty_file": (Invalid, "پرونده خالی است.", "The file is empty."),
    "old_excel": (Invalid, "این قالب قدیمی Excel یا پرونده‌ای با رمز است. آن را بی‌رمز و با پسوند xlsx ذخیره کنید.",
                  "This is an old Excel file, or one with a password. Save it as .xlsx without a password."),
    "unknown_file": (Invalid, "این پرونده CSV، Excel (xlsx) یا GeoJSON نیست.",
                     "This file is no CSV, Excel (.xlsx) or GeoJSON."),
    "unknown_encoding": (Invalid, "نویسه‌های این پرونده شناخته نیست. آن را با UTF-8 ذخیره کنید.",
                         "The encoding of this file is not known. Save it as UTF-8."),
    "broken_excel": (Invalid, "این پروندهٔ Excel باز نمی‌شود. آن را دوباره ذخیره کنید.",
                     "This Excel file cannot be opened. Save it again."),
    "not_a_collection": (Invalid, "این پرونده یک FeatureCollection درست نیست.", "This file is no valid FeatureCollection."),
    "cell_too_long_for_excel": (Invalid, "متن ستون {column} برای Excel بلند است. CSV یا GeoJSON بگیرید.",
                                "The text in column {column} is too long for Excel. Take CSV or GeoJSON."),
}


def bad(code: str, line: int, column: str | None = None, value: Any = "", **words: Any) -> BadRow:
    """One of SENTENCES, about a value that is shown shortened."""
    fa, en = SENTENCES[code]
    return BadRow(line, column, code, shortened(value), fa.format(**words), en.format(**words))


def unreadable(code: str, **words: Any) -> Problem:
    """One of WHOLE_FILE, to be raised."""
    kind, fa, en = WHOLE_FILE[code]
    return kind(code, fa.format(**words), en.format(**words))


def shortened(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= SHOWN else text[:SHOWN - 1] + "…"
