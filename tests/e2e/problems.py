"""A refusal as people and programs get it."""
import re

from tests.api import Answer

PERSIAN = re.compile("[آ-ی]{2,}")


def is_a_problem(answer: Answer, status: int, language: str = "fa") -> None:
    """RFC 9457, in the reader's language, with nothing of our insides."""
    body = answer.body
    assert answer.status == body["status"] == status, body
    assert answer.headers.get_content_type() == "application/problem+json"
    assert answer.headers["Content-Language"] == language and re.fullmatch("[a-z0-9_]+", body["code"])
    assert body["type"].endswith(body["code"]) and body["title"]
    for sentence in [body["detail"], *(each["detail"] for each in body.get("errors", []))]:
        assert bool(PERSIAN.search(sentence)) == (language == "fa"), sentence
    assert "Traceback" not in str(body) and "Error" not in str(body)
