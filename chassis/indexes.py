"""`python -m chassis.indexes [service ...]`: makes the indexes that each service's documents declare. Idempotent."""
import sys

import mongoengine

from chassis import database, settings
from chassis.settings import stop_with

BUILDING = 24 * 3600  # seconds that the indexes of a great collection may take
SERVICES = ("registry", "issues", "notifications", "booklet")


def make(service: str) -> None:
    """Makes one service's indexes. The service must be connected."""
    for document in database.documents_of(service).DOCUMENTS:
        document.ensure_indexes()


def main(services: list[str]) -> None:
    for service in services or SERVICES:
        database.connect(service, settings.read(service), seconds=BUILDING)
        if not database.answers(service):
            stop_with("indexes: MongoDB does not answer. Start it, or set MONGO_URI.", 1)
        make(service)
        mongoengine.disconnect(service)  # whoever goes on connects with the patience of every day


if __name__ == "__main__":
    main(sys.argv[1:])
