"""Categories as services, and their questions as attributes."""
from typing import Any

from gateway.open311.known import Registers

DATATYPES = {"text": "text", "number": "number", "date": "datetime", "yes_no": "singlevaluelist", "one": "singlevaluelist",
             "many": "multivaluelist"}
HINTS = {"number": ("یک عدد", "A number"), "date": ("روزی میلادی، مانند 2026-03-21", "A day, such as 2026-03-21"),
         "text": ("متن کوتاه", "A short text"), "many": ("یکی یا چند تا", "One or several")}
YES_NO = {"true": ("بله", "Yes"), "false": ("خیر", "No")}
Row = dict[str, Any]


def services(known: Registers, language: str) -> list[Row]:
    """Every category in which one can file, those of one group together."""
    found = [service(record, known, language) for record in known.categories.values()]
    return sorted(found, key=lambda each: (each["group"], each["service_name"], each["service_code"]))


def service(category: Row, known: Registers, language: str) -> Row:
    """Of a confidential category no id is told (`blackbox`), because what is filed there is shown in no answer."""
    parent = known.categories.get(category["parent"] or "")
    named = [record[f"name_{each}"] for record in (category, parent) if record for each in ("fa", "en")]
    group = parent[f"name_{language}"] if parent else ""
    name = category[f"name_{language}"]
    return {"service_code": category["code"], "service_name": name, "description": f"{group}: {name}" if group else name,
            "metadata": bool(category["questions"]), "type": "blackbox" if category["confidential"] else "realtime",
            "keywords": ", ".join(dict.fromkeys(" ".join(word.replace(",", " ").split()) for word in named)), "group": group}


def definition(category: Row, language: str) -> Row:
    """Also of a service without attributes: some clients ask for it whatever `metadata` says."""
    return {"service_code": category["code"], "attributes": [
        attribute(question, order, language) for order, question in enumerate(category["questions"], 1)]}


def attribute(question: Row, order: int, language: str) -> Row:
    values = values_of(question, language)
    return {"variable": True, "code": question["code"], "datatype": DATATYPES[question["type"]],
            "required": bool(question["required"]),
            "datatype_description": of(language, HINTS.get(question["type"], ("یکی", "One"))),
            "order": order, "description": question[f"name_{language}"]} | ({"values": values} if values else {})


def values_of(question: Row, language: str) -> list[Row]:
    if question["type"] == "yes_no":
        return [{"key": key, "name": of(language, names)} for key, names in YES_NO.items()]
    return [{"key": option["code"], "name": option[f"name_{language}"]} for option in question["options"]]


def of(language: str, sentence: tuple[str, str]) -> str:
    return sentence[language == "en"]
