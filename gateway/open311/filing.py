"""A filing from the parameters of a POST: the body that /v1 takes, and the key by which filed twice is filed once.

An address and links to pictures have no field of their own in an issue: they are lines of its text, marked by the words
ADDRESS and LINK, and the address is taken out of it again in answers (`requests`).
"""
import hashlib
import re
from typing import Any

from chassis.text import fold, persian_digits
from gateway.http import idempotency_key
from gateway.open311.http import Open311Call
from gateway.open311.params import Params, missing, too_long, twice, wrong
from gateway.open311.places import Places, address_of

ADDRESS, LINK = "نشانی: ", "پیوند: "
LONGEST = 4000  # characters, of the description and of the whole text
TAG = re.compile(r"<(/?[a-z][^<>]{0,500}>|!--|!doctype|\?xml|!\[cdata)", re.IGNORECASE)
URL = re.compile(r"https?://[^\s<>\"]{4,490}")
MOST_LINKS = 5
FMS = "fixmystreet_id"
Row = dict[str, Any]


def receipt(filed: Row, confidential: bool, language: str) -> Row:
    """The reply to a filing. The secret, by which the filer follows and answers, is told here and never again."""
    fa = f"کد رهگیری {filed['tracking_code']} و رمز پیگیری {filed['secret']} است؛ آن را برای ثبت‌کننده نگه دارید."
    en = f"Tracking code {filed['tracking_code']}, secret {filed['secret']}; keep it for whoever reported this."
    known = {} if confidential else {"service_request_id": filed["tracking_code"]}
    return known | {"service_notice": en if language == "en" else fa, "account_id": None}


def service_code(params: Params) -> str:
    """Raises Malformed."""
    found = params.one("service_code")
    if not found:
        raise missing("service_code")
    return found


def body_of(params: Params, category: Row, places: Places) -> Row:
    """What /v1/issues takes. Raises Malformed; what is not wrong by itself, `issues` judges."""
    answers = answers_of(params, category["questions"])
    contact = contact_of(params)
    return {"category": category["code"], "text": text_of(params, category), **places.where(params),
            **({"contact": contact} if contact else {}), **({"answers": answers} if answers else {})}


def text_of(params: Params, category: Row) -> str:
    """The address, the description (else the service's name), links. Raises Malformed for what is too long, and for HTML."""
    said, address = params.one("description"), address_of(params)
    if len(said) > LONGEST:
        raise too_long("description", LONGEST)
    if TAG.search(said) or TAG.search(address):
        raise wrong("description", "HTML پذیرفته نیست؛ متن ساده بنویسید.", "HTML is not taken; write plain text.")
    found = "\n".join([*([ADDRESS + address] if address else []), said or category["name_fa"],
                       *(LINK + url for url in links(params))])
    if len(found) > LONGEST:
        raise wrong("description", persian_digits(f"با address_string و media_url روی هم حداکثر {LONGEST} نویسه."),
                    f"with address_string and media_url it must be {LONGEST} characters at most.")
    return found


def links(params: Params) -> list[str]:
    """Raises Malformed."""
    found = list(dict.fromkeys(params.values("media_url")))
    if len(found) > MOST_LINKS or not all(URL.fullmatch(url) for url in found):
        raise wrong("media_url", persian_digits(f"حداکثر {MOST_LINKS} نشانی http یا https بفرستید."),
                    f"send up to {MOST_LINKS} addresses with http or https.")
    return found


def contact_of(params: Params) -> dict[str, str]:
    name = " ".join(filter(None, (params.one("first_name"), params.one("last_name"))))
    found = {"name": name, "email": params.one("email"), "phone": params.one("phone")}
    return {key: value for key, value in found.items() if value}


def answers_of(params: Params, questions: list[Row]) -> Row:
    """By the codes of questions, in the types that they ask for; what is none of those goes on as it came, to be refused."""
    types = {question["code"]: question["type"] for question in questions}
    return {code: ANSWERS.get(types.get(code, ""), only)(code, values)
            for code, values in params.attributes().items() if code != FMS}


def only(code: str, values: list[str]) -> str:
    """Raises Malformed for several."""
    if len(values) > 1:
        raise twice(f"attribute[{code}]")
    return values[0]


def number(code: str, values: list[str]) -> int | float | str:
    said = only(code, values)
    found = fold(said).replace("٫", ".")
    if re.fullmatch(r"[+-]?[0-9]{1,18}", found):
        return int(found)
    return float(found) if re.fullmatch(r"[+-]?[0-9]{1,18}\.[0-9]{1,9}", found) else said


def day(code: str, values: list[str]) -> str:
    """The day of a date and time, as it is where its sender is."""
    found = fold(only(code, values))
    return found[:10].upper() if re.fullmatch(r"\d{4}-\d\d-\d\d(t.{0,40})?", found) else found


def yes_no(code: str, values: list[str]) -> bool | str:
    said = only(code, values)
    return {"true": True, "false": False}.get(said.lower(), said)


ANSWERS: dict[str, Any] = {"number": number, "date": day, "yes_no": yes_no, "many": lambda code, values: values}


def key_of(call: Open311Call) -> str:
    """The Idempotency-Key; else the sender's own number of the report; else a new one. Each caller has keys of their own."""
    own = call.params.attributes().get(FMS)
    if "Idempotency-Key" not in call.headers and own:
        return f"fms-{hashlib.sha256(only(FMS, own).encode()).hexdigest()[:40]}"
    return idempotency_key(call)
