"""A letter to all who follow an issue: a delivery for each, page by page, however many there are.

Each page is put down before the cursor moves on: a sender that dies between the two leaves the page to the next one, who
finds the same deliveries there already.
"""
from typing import Any

from chassis.clock import now
from services.notifications.deliveries import Outcome
from services.notifications.hushing import forget_what_is_hushed
from services.notifications.use_cases import delivery, put_down


def spread(whole: dict[str, Any], page: dict[str, Any], channel: str) -> Outcome:
    """Puts down a delivery for each person of a page; the filer of the issue itself has a letter of their own."""
    issue = whole["to"]["ref"]
    people = [(each["kind"], each["ref"]) for each in page["items"]]
    put_down(delivery(whole["event"], whole["template"], person, whole["about"], now(), whole.get("trace"))
             for person in people if person != ("filer", issue))
    forget_what_is_hushed([issue])
    cursor = page["next_cursor"]
    return Outcome(whole, "queued" if cursor else "spread", channel, cursor=cursor)
