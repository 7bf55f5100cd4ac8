"""What the standard's service discovery says: where the endpoint is, in which formats, and whom to ask."""
from typing import Any

from gateway.open311.settings import Open311Settings

CHANGESET = "2026-11-26T00:00:00Z"  # when something that a client relies on was changed last
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
FORMATS = ["text/xml", "application/json"]


def discovery(told: Open311Settings, url: str) -> dict[str, Any]:
    """The endpoint's address ends with a slash: clients put `services.xml` right behind it."""
    return {"changeset": CHANGESET, "contact": told.contact, "key_service": told.keys, "endpoints": [
        {"specification": SPECIFICATION, "url": f"{url}/open311/v2/", "changeset": CHANGESET, "type": told.type,
         "formats": FORMATS}]}
