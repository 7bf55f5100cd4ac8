"""`python -m chassis.hurry SERVICE...`: what the broker refused is tried again now, instead of up to five minutes later.

For after an operator has mended why it was refused, such as a queue that was gone. It publishes nothing itself; the
relay does.
"""
import sys

from chassis import database


def hurry(service: str) -> int:
    """Returns in how many documents events are tried again. The service must be connected."""
    return sum(outbox.hurry() for outbox in database.documents_of(service).OUTBOXES)


def main(services: list[str]) -> None:
    for service in services:
        database.connect_or_stop("hurry", service)
        print(f"hurry: the events of {hurry(service)} documents of {service} are tried again now")


if __name__ == "__main__":
    main(sys.argv[1:] or ["registry", "issues"])
