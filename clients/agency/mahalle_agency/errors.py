"""What can go wrong between an agency and the platform, each with a sentence that says what to do next.

    AgencyError
    ├── Refused             the broker says no and will say it again: somebody must act
    │   ├── WrongPassword   no such agency there, or another password
    │   ├── NoQueue         this agency has no queue there
    │   └── NotAllowed      no right to this virtual host, queue or routing key
    ├── AnswerNotSent       this answer is not known to have arrived; send it again under its `answer_id`
    │   ├── NotTaken        the broker handed it back
    │   └── Unconfirmed     no word from the broker in time: it may have arrived or not
    └── NotRead             the task could not be read over HTTP
"""


class AgencyError(Exception):
    pass


class Refused(AgencyError):
    pass


class WrongPassword(Refused):
    pass


class NoQueue(Refused):
    pass


class NotAllowed(Refused):
    pass


class AnswerNotSent(AgencyError):
    """Sent again under `answer_id` it is carried out once, even if the first one arrived."""

    def __init__(self, sentence: str, answer_id: str) -> None:
        super().__init__(sentence)
        self.answer_id = answer_id


class NotTaken(AnswerNotSent):
    pass


class Unconfirmed(AnswerNotSent):
    pass


class NotRead(AgencyError):
    pass
