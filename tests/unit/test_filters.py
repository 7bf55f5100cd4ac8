"""What the parameters of the list of issues may ask for."""
import pytest

from contracts.errors import Malformed
from services.issues.finding.filters import wanted
from services.issues.finding.shelves import EVERYWHERE, hidden, waiting_shelf
from services.issues.finding.updates import updates
from services.issues.routing import Map


@pytest.mark.parametrize("name", ["territory", "neighbourhood"])
@pytest.mark.parametrize("area", [hidden(EVERYWHERE), hidden("karaj"), waiting_shelf("secretary", EVERYWHERE),
                                  "~secretary:*", "~agency:welfare", "karaj|lighting|", "@welfare"])
def test_nobody_reaches_the_areas_of_confidential_issues_by_naming_them_as_a_place(name: str, area: str) -> None:
    with pytest.raises(Malformed, match=f"bad_{name}"):
        wanted({name: area}, Map(), False)


def test_what_became_of_issues_is_asked_by_a_place_too() -> None:
    with pytest.raises(Malformed, match="bad_territory"):
        updates({"changed_from": "2026-03-21T11:30:00+03:30", "territory": hidden("karaj")})


def test_a_place_is_asked_for_by_its_code() -> None:
    assert wanted({"territory": "fardis-county", "neighbourhood": "n1"}, Map(), False).area == "n1"
