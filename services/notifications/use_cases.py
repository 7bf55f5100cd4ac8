"""What can be asked of `notifications`: learn who is who, note what is to be told, list what became of it."""
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from pymongo import ASCENDING
from pymongo.errors import BulkWriteError

from chassis.clock import now
from chassis.read_model import put_newer
from chassis.store import answering, duplicates
from contracts.envelope import Received
from contracts.errors import Malformed
from contracts.issues import IssueSnapshot
from contracts.registry import AgencySnapshot, CategorySnapshot, SeatSnapshot, TerritorySnapshot
from contracts.schema import instant
from services.notifications.addressees import Addressee
from services.notifications.documents import PLACES, Delivery, Known
from services.notifications.hushing import forget_what_is_hushed, hush
from services.notifications.rules import Rule, about, told

NAMESPACE = UUID("0a7d1c5e-52c1-4b0f-8f0e-6d6168616c65")
REGISTERS: dict[Any, str] = {AgencySnapshot: "agency", SeatSnapshot: "seat", TerritorySnapshot: "territory",
                             CategorySnapshot: "category"}
LEARNT = {"code", "version", "name_fa", "name_en", "channel", "role", "person", "sample", *PLACES}
NAMED = ("filer", "on_behalf_of", "followers")  # recipients that are their issue's, found by no register
REACHED_BY = {"channel", "person"}
MOST = 500  # deliveries of one issue that are listed
Recipient = tuple[str, str]  # kind and ref
Wanted = tuple[Received, Rule, Addressee]


def learn(batch: list[Received]) -> None:
    """Takes over what the registry told, newest of each. Idempotent."""
    put_newer(Known._get_collection(), [_known(received.snapshot) for received in batch
                                        if type(received.snapshot) in REGISTERS])


def _known(snapshot: Any) -> dict[str, Any]:
    """What is kept of a record. One that is not in force keeps its name, and gets no letters."""
    register = REGISTERS[type(snapshot)]
    learnt = LEARNT if snapshot.in_force else LEARNT - REACHED_BY
    kept = {name: value for name, value in vars(snapshot).items() if name in learnt and value is not None}
    return kept | {"_id": f"{register}:{snapshot.code}"}


def note(batch: list[Received]) -> None:
    """Puts a delivery in the queue for each letter that these events ask for. Idempotent: a few calls to the database.

    An agency gets letters only if e-mail is how it takes its tasks; an empty seat gets none. Of what has become
    confidential nobody is told, and what was told is forgotten.
    """
    about_issues = [received for received in batch if isinstance(received.snapshot, IssueSnapshot)]
    hush(received.snapshot.id for received in about_issues if received.snapshot.confidential)
    wanted = [(received, rule, addressee) for received in about_issues
              for rule, addressee in told(received.happened, received.snapshot)]
    found = _recipients({addressee for _, _, addressee in wanted})
    put_down(_deliveries(wanted, found, now()))
    forget_what_is_hushed(received.snapshot.id for received, _, _ in wanted)


def _deliveries(wanted: list[Wanted], found: dict[Addressee, list[Recipient]], at: datetime) -> Iterable[dict[str, Any]]:
    for received, rule, addressee in wanted:
        for recipient in found[addressee]:
            yield delivery(received.id, rule.template, recipient, about(received.happened, received.snapshot), at,
                           received.trace)


def _recipients(addressees: set[Addressee]) -> dict[Addressee, list[Recipient]]:
    """Who that is at present, in one query: agencies that read e-mail, seats that somebody sits on."""
    found: dict[Addressee, list[Recipient]] = {
        addressee: [(addressee.kind, addressee.ref)] if addressee.kind in NAMED else [] for addressee in addressees}
    ways = _ways(addressees)
    for row in Known._get_collection().find({"$or": ways}, dict.fromkeys(("code", "role", *PLACES), 1)) if ways else ():
        key = _addressee(row)
        found[key].append((key.kind, row["code"]))
    return found


def _addressee(row: dict[str, Any]) -> Addressee:
    """How a rule would name this seat or agency."""
    if not row.get("role"):
        return Addressee("agency", row["code"])
    at = next(place for place in PLACES if row.get(place))
    return Addressee("seat", row[at], row["role"], at)


def _ways(addressees: set[Addressee]) -> list[dict[str, Any]]:
    agencies = [f"agency:{a.ref}" for a in addressees if a.kind == "agency"]
    places: dict[tuple[str, str], list[str]] = {}
    for seat in addressees:
        if seat.kind == "seat":
            places.setdefault((seat.role, seat.at), []).append(seat.ref)
    seats = [{"role": role, at: {"$in": codes}, "person": {"$exists": True}} for (role, at), codes in places.items()]
    return [*seats, {"_id": {"$in": agencies}, "channel": "email"}] if agencies else seats


def delivery(event: str, template: str, to: Recipient, about: dict[str, Any], at: datetime,
             trace: str | None) -> dict[str, Any]:
    """A new one, queued; the same again for the same event, template and recipient."""
    kind, ref = to
    return {"_id": str(uuid5(NAMESPACE, f"{event}|{template}|{kind}:{ref}")), "state": "queued", "template": template,
            "to": {"kind": kind, "ref": ref}, "event": event, "about": about, "tries": 0, "created_at": at, "next_at": at,
            "trace": trace}


def put_down(deliveries: Iterable[dict[str, Any]]) -> None:
    """Those that are there already stay as they are."""
    rows = list(deliveries)
    if not rows:
        return
    try:
        Delivery._get_collection().insert_many(rows, ordered=False)
    except BulkWriteError as error:
        duplicates(error)


def listing(issue: str | None) -> dict[str, Any]:
    """What was told about an issue, oldest first, and what became of it; addresses are not known here."""
    if not issue:
        raise Malformed("issue_needed", "شناسهٔ مسئله را در issue بنویسید.", "Name the issue: ?issue=<id>.")
    with answering():
        found = list(Delivery._get_collection().find({"about.issue": issue}).sort("created_at", ASCENDING).limit(MOST))
    return {"items": [_shown(delivery) for delivery in found]}


def _shown(delivery: dict[str, Any]) -> dict[str, Any]:
    kept = {name: delivery.get(name) for name in ("template", "to", "state", "channel", "tries", "error")}
    return {"id": delivery["_id"], **kept, "created_at": instant(delivery["created_at"]),
            "sent_at": instant(delivery["sent_at"]) if delivery.get("sent_at") else None,
            "next_at": instant(delivery["next_at"]) if delivery["state"] == "queued" else None}
