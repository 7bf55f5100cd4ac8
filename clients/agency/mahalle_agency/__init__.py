"""An agency's end of Mahalle (محله): its tasks come over its own queue at the platform's RabbitMQ, its answers go back.

    client = AgencyClient("amqp://broker.example.org:5672/mahalle", "abfa-karaj", password)
    client.run(callback)      # each message to the callback, acknowledged when it has returned
    client.accept(task_id)    # and so on (`NEEDED` of `answers`); returns the answer's id when the broker has taken it

Delivery is at least once: a message may come twice, and later than a newer one. Its `sequence` tells which is newer,
and an answer sent again under the same id is carried out once. It stands alone: nothing of the platform is imported.
"""
from mahalle_agency.answers import Answer
from mahalle_agency.client import AgencyClient
from mahalle_agency.errors import (
    AgencyError,
    AnswerNotSent,
    NoQueue,
    NotAllowed,
    NotTaken,
    Refused,
    Unconfirmed,
    WrongPassword,
)
from mahalle_agency.messages import AnswerTold, Message, Task, TaskTold

__all__ = [
    "AgencyClient", "AgencyError", "Answer", "AnswerNotSent", "AnswerTold", "Message", "NoQueue", "NotAllowed", "NotTaken",
    "Refused", "Task", "TaskTold", "Unconfirmed", "WrongPassword",
]
