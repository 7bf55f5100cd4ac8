"""`python -m services.registry.people.rekey`: writes everything personal anew with the newest key of MAHALLE_CONTACT_KEYS.

After it an old key may be taken out. It runs while everything goes on; cut off, it goes on where it stopped; what somebody
changes meanwhile is the newest key's already. Second factors of accounts are written anew as well.
"""
from typing import Any

from chassis import database, settings
from chassis.settings import stop_with
from chassis.store import answering
from services.registry.accounts.use_cases import Accounts
from services.registry.contacts import Contact
from services.registry.people.documents import Person
from services.registry.ring import Ring
from services.registry.sealed import newest


def rekey(ring: Ring) -> int:
    """How many documents were written anew. Raises ring.Unreadable where a key that wrote one was taken out too early."""
    accounts = Accounts(ring, lambda function, *words: function(*words), lambda person, day: [])
    return sum(_rewritten(document._get_collection(), ring) for document in (Person, Contact)) + accounts.rotate()


def _rewritten(collection: Any, ring: Ring) -> int:
    key, count = newest(ring), 0
    with answering():
        for found in collection.find({"key": {"$exists": True, "$ne": key}}, {"sealed": 1}).batch_size(200):
            count += collection.update_one({"_id": found["_id"], "sealed": found["sealed"]}, {
                "$set": {"sealed": ring.rotate(found["sealed"]), "key": key}}).modified_count
    return count


def main() -> None:
    ring = Ring.from_settings()
    database.connect("registry", settings.read("registry"))
    if not database.answers("registry"):
        stop_with("rekey: MongoDB does not answer. Start it, or set MONGO_URI.", 1)
    print(f"rekey: {rekey(ring)} written anew with the newest key; the others may be taken out now")


if __name__ == "__main__":
    main()
