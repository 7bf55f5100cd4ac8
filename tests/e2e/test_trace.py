"""One trace from whoever asked to whoever is told."""
from tests.e2e.province import AGENCY, CATEGORY, PLACE, Province
from tests.integration.waiting import eventually

TRACE = "00-5bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b7-01"


def test_the_trace_of_a_filing_reaches_the_agency(province: Province) -> None:
    answer = province.api.post("/v1/issues", {"category": CATEGORY, "neighbourhood": PLACE, "text": "برق رفت"},
                               role="resident", traceparent=TRACE)
    assert (answer.status, answer.headers["traceparent"]) == (201, TRACE)
    queue = f"agency.{AGENCY}.tasks"
    heard: list[str | None] = []

    def told() -> list[str | None]:
        heard.extend((found.headers or {}).get("ce-traceparent") for found, _ in province.wire.take_all(queue))
        return heard

    eventually("the agency is told under the same trace", told, until=lambda seen: TRACE in seen)
