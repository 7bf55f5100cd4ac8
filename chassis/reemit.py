"""`python -m chassis.reemit SERVICE...`: every aggregate of a producer tells its state again, through its outbox.

For a read model that starts anew and for a broker that lost its queues. Readers take what is newer or the same;
nothing happens twice, and nobody is notified.
"""
import importlib
import sys
import time

from chassis import database
from chassis.settings import stop_with

PRODUCERS = ("registry", "issues")


def reemit(service: str) -> int:
    """Returns how many aggregates will be told. The service must be connected."""
    position = time.time_ns() // 1_000_000 % 2**40  # makes these events' ids new
    return int(importlib.import_module(f"services.{service}.use_cases").restate(position))


def main(services: list[str]) -> None:
    if unknown := set(services) - set(PRODUCERS):
        stop_with(f"reemit: {', '.join(sorted(unknown))} tells nothing. Name {' or '.join(PRODUCERS)}.")
    for service in services:
        database.connect_or_stop("reemit", service)
        print(f"reemit: {reemit(service)} aggregates of {service} will be told again")


if __name__ == "__main__":
    main(sys.argv[1:] or list(PRODUCERS))
