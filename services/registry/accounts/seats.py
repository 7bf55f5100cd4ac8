"""Who sits where: a person's seats on a day, as rights need them."""
from typing import Any

from chassis.store import answering
from services.registry import ledger
from services.registry.documents import Seat
from services.registry.model import periods


def seats_of(person: str, day: str) -> list[dict[str, Any]]:
    """[{code, role, territory, agency, committee, headquarters, valid_from, valid_to}], by code; days as YYYY-MM-DD,
    `valid_to` the first day that is no longer in it."""
    with answering():
        switched = ledger.switched_on()
        ways: list[dict[str, Any]] = [{"edits.values.person": person}]
        if switched:
            ways.append({"staged.change_set": {"$in": sorted(switched)}})
        found = list(Seat._get_collection().find({"$or": ways}, {"outbox": 0}).sort("_id", 1))
    return [{**period.values, "code": each["_id"], "valid_from": period.valid_from, "valid_to": period.valid_to}
            for each in found for period in periods(ledger.visible(each, switched))
            if period.valid_from <= day < period.valid_to and period.values.get("person") == person]
