"""`python -m services.registry.people.rekey`: writes everything personal anew with the newest key of MAHALLE_CONTACT_KEYS.

After it an old key may be taken out. It runs while everything goes on; cut off, it goes on where it stopped; what somebody
changes meanwhile is the newest key's already. So are second factors, signing keys and residents' addresses.
"""
from chassis import database
from chassis.ring import CONTACT_KEYS, Ring
from chassis.sealing import rewritten
from services.registry.accounts.documents import SigningKey
from services.registry.accounts.residents import mark_anew
from services.registry.accounts.use_cases import Accounts
from services.registry.contacts import Contact
from services.registry.once import Remembered
from services.registry.people.documents import Person

SEALED = (Person, Contact, Remembered, SigningKey)


def rekey(ring: Ring) -> int:
    """How many documents were written anew. Raises ring.Unreadable where a key that wrote one was taken out too early."""
    accounts = Accounts(ring, lambda function, *words: function(*words), lambda person, day: [])
    return sum(rewritten(document._get_collection(), ring) for document in SEALED) + accounts.rotate() + mark_anew(ring)


def main() -> None:
    ring = Ring.from_settings(CONTACT_KEYS)
    database.connect_or_stop("rekey", "registry")
    print(f"rekey: {rekey(ring)} written anew with the newest key; the others may be taken out now")


if __name__ == "__main__":
    main()
