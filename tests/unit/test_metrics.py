"""Metrics keep to the names that Prometheus asks for, whatever was imported first."""
import subprocess
import sys

import pytest
from prometheus_client.metrics import MetricWrapperBase

from chassis import metrics

ALL = [found for found in vars(metrics).values() if isinstance(found, MetricWrapperBase)]


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric._name)
def test_a_metric_has_the_label_service_a_base_unit_and_no_service_in_its_name(metric: MetricWrapperBase) -> None:
    assert metric._labelnames[0] == "service" and metric._name.startswith("mahalle_")
    assert not metric._name.endswith(("_ms", "_milliseconds", "_minutes", "_kb", "_mb"))


def test_no_series_of_creation_times_stands_beside_a_metric() -> None:
    asked = ("import chassis.health, chassis.metrics as m; from prometheus_client import generate_latest; "
             "m.HTTP_SECONDS.labels('s', 'r').observe(1); print(generate_latest().decode())")
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert "mahalle_http_request_duration_seconds_count" in said and "_created" not in said
