"""`python -m chassis.indexes [service ...]`: makes the indexes that each service's documents declare. Idempotent."""
import sys

import mongoengine

from chassis import database

BUILDING = 24 * 3600  # seconds that the indexes of a great collection may take
SERVICES = ("registry", "issues", "notifications", "booklet")


def make(service: str) -> None:
    """Makes one service's indexes. The service must be connected."""
    for document in database.documents_of(service).DOCUMENTS:
        document.ensure_indexes()


def main(services: list[str]) -> None:
    for service in services or SERVICES:
        database.connect_or_stop("indexes", service, seconds=BUILDING)
        make(service)
        mongoengine.disconnect(service)  # whoever goes on connects with the patience of every day


if __name__ == "__main__":
    main(sys.argv[1:])
