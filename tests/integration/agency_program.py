"""An agency's program as tests run it: writes each message's id into a file from its callback, and then hangs there.

`python -m tests.integration.agency_program FILE` with MAHALLE_BROKER_URL, AGENCY_CODE and AGENCY_PASSWORD.
"""
import os
import sys
import threading
from pathlib import Path

from mahalle_agency import AgencyClient, Message

if __name__ == "__main__":
    def callback(message: Message) -> None:
        Path(sys.argv[1]).write_text(message.id)
        threading.Event().wait()

    AgencyClient(os.environ["MAHALLE_BROKER_URL"], os.environ["AGENCY_CODE"], os.environ["AGENCY_PASSWORD"]).run(callback)
