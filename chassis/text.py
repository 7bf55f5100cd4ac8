"""The one normaliser of Persian text: kept as typed, shown tidied, found by its folded words.

`tidy` mends what a keyboard spoils (Arabic ي ك for ی ک, stray spaces and controls), for showing. `fold` forgets more
(half-spaces, marks, the kind of digits, case), for comparing only; it is never shown.
"""
import re
import unicodedata

LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ە": "ه", "ۀ": "هٔ", "\u0640": None, "\u00a0": " "})
DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
PERSIAN_DIGITS = tuple(zip("0123456789", "۰۱۲۳۴۵۶۷۸۹", strict=True))
FOLDED = str.maketrans({"آ": "ا", "أ": "ا", "إ": "ا", "ؤ": "و", "ئ": "ی", "ة": "ه", "\u200c": None, "\u200d": None})
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
MARKS = "".join(filter(unicodedata.combining, map(chr, range(0x300, 0x20000))))  # none stands beyond
HEAPED = re.compile(f"([{MARKS}]{{30}})[{MARKS}]+")
WORD = re.compile(r"\w{2,}")
MAX_WORDS = 200


def unheaped(text: str) -> str:
    """Without the marks above the thirtieth on one letter: no script has so many (UAX 15, 12.1), and putting n of them in
    order takes n² steps, for which everybody would wait."""
    return HEAPED.sub(r"\1", text)


def tidy(text: str) -> str:
    """As it should be shown: Persian letters, single spaces, no invisible controls. Half-spaces and digits stay."""
    whole = unicodedata.normalize("NFC", unheaped(text))
    shown = unheaped(CONTROLS.sub("", whole.translate(LETTERS).replace("\r\n", "\n")))
    return "\n".join(" ".join(line.split()) for line in shown.split("\n")).strip()


def fold(text: str) -> str:
    """As it is compared: one spelling for all that a reader takes for the same."""
    apart = unicodedata.normalize("NFD", unheaped(tidy(text).translate(FOLDED)))
    plain = "".join(c for c in apart if not unicodedata.combining(c))
    return plain.translate(LETTERS).translate(DIGITS).casefold()


def words(*texts: str) -> list[str]:
    """The distinct folded words of texts in their order, the first MAX_WORDS, for an index of words."""
    return list(dict.fromkeys(WORD.findall(" ".join(map(fold, texts)))))[:MAX_WORDS]


def persian_digits(text: str) -> str:
    for latin, persian in PERSIAN_DIGITS:  # of a whole letter in a tenth of the time that translate takes
        text = text.replace(latin, persian)
    return text
