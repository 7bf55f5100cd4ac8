"""What a point must be before anybody looks for it."""
import pytest

from contracts.errors import Invalid, Malformed
from services.registry.places.locating import demand_point
from services.registry.places.surface import degrees


@pytest.mark.parametrize(("lat", "lon", "pointer"), [
    (91, 50, "/lat"), (-91, 50, "/lat"), (35, 181, "/lon"), (35, -181, "/lon"), (float("nan"), 50, "/lat"),
    (35, float("inf"), "/lon")])
def test_what_is_no_point_of_the_earth_is_refused_with_its_pointer(lat: float, lon: float, pointer: str) -> None:
    with pytest.raises(Invalid) as invalid:
        demand_point(lat, lon)
    assert (invalid.value.code, invalid.value.errors[0]["pointer"]) == ("no_such_point", pointer)


@pytest.mark.parametrize(("lat", "lon"), [(90, 180), (-90, -180), (35.8, 50.9), (0, 0)])
def test_every_point_of_the_earth_may_be_asked_for(lat: float, lon: float) -> None:
    demand_point(lat, lon)


@pytest.mark.parametrize("written", ["35.8", "۳۵.۸", "٣٥٫٨", " 35.8 "])
def test_degrees_may_be_written_in_any_digits(written: str) -> None:
    assert degrees({"lat": written}, "lat") == 35.8


@pytest.mark.parametrize("query", [{}, {"lat": ""}, {"lat": "35,8"}, {"lat": "x" * 4000}, {"lat": "35° N"}])
def test_what_is_no_number_of_degrees_is_malformed(query: dict[str, str]) -> None:
    with pytest.raises(Malformed) as malformed:
        degrees(query, "lat")
    assert malformed.value.code == "bad_point"
