"""A line in the log for each message: for a platform without a mail server. No address is asked for, no text written."""
from chassis import logs
from services.notifications.channels import Message

log = logs.get(__name__)


class Log:
    name = "log"
    needs_address = False
    at_once = 100

    def send(self, message: Message) -> None:
        log.info("a message was told to the log alone", delivery=message.id, template=message.template)

    def close(self) -> None:
        """Nothing to let go of."""
