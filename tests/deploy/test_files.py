"""The files that start Mahalle elsewhere: what they promise can be checked without a Docker daemon."""
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from prometheus_client.metrics import MetricWrapperBase

from chassis import metrics
from chassis.settings import Broker
from deploy.local.folder import ROOT

COMPOSE = ROOT / "docker-compose.yml"
TOOLS = Path(sys.executable).parent
SERVICES = ("registry", "issues", "notifications", "booklet")


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return found


def variables() -> dict[str, str]:
    """Each variable of the compose file → what follows its name in the braces."""
    return dict(re.findall(r"(?<!\$)\$\{([A-Z_]+)([^}]*)\}", COMPOSE.read_text()))


def made_env(folder: Path) -> dict[str, str]:
    path = folder / ".env"
    subprocess.run([ROOT / "deploy" / "make-env", path], check=True, capture_output=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if not line.startswith("#"))


def run(*words: str | Path) -> None:
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_compose_file_is_one() -> None:
    run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


def test_the_dockerfile_is_well_made() -> None:
    run(TOOLS / "hadolint", ROOT / "deploy" / "Dockerfile")


def test_every_secret_must_be_given() -> None:
    secret = re.compile("SECRET|PASSWORD|KEY")
    lenient = {name for name, rest in variables().items() if secret.search(name) and not rest.startswith(":?")}
    assert lenient == set()
    assert sum(1 for name in variables() if secret.search(name)) >= 16


def test_no_secret_is_written_in_the_compose_file() -> None:
    for service in compose()["services"].values():
        for name, value in (service.get("environment") or {}).items():
            if re.search("SECRET|PASS|KEY", name):
                assert value.startswith("${"), name


def test_make_env_gives_everything_that_compose_demands(tmp_path: Path) -> None:
    demanded = {name for name, rest in variables().items() if rest.startswith(":?")}
    assert demanded <= made_env(tmp_path).keys()


def test_make_env_never_writes_over_secrets_in_use(tmp_path: Path) -> None:
    made_env(tmp_path)
    before = (tmp_path / ".env").read_text()
    again = subprocess.run([ROOT / "deploy" / "make-env", tmp_path / ".env"], capture_output=True, text=True)
    assert again.returncode != 0 and "move the file away" in again.stderr
    assert (tmp_path / ".env").read_text() == before


def test_a_service_gets_the_password_that_the_topology_gave_its_user(tmp_path: Path) -> None:
    env = made_env(tmp_path)
    broker = Broker("", 0, "", env["MAHALLE_BROKER_SECRET"], "")
    for user in SERVICES:
        assert env[f"MAHALLE_BROKER_PASSWORD_{user.upper()}"] == broker.password_of(user)


def test_a_service_is_given_no_other_services_passwords() -> None:
    services = compose()["services"]
    for name in SERVICES:
        given = set(re.findall(r"PASSWORD_([A-Z]+)", str(services[name]["environment"])))
        assert given == {name.upper()}, name
    for name in ("issues", "notifications", "booklet", "gateway", "relay-issues", "relay-registry"):
        assert not {"MAHALLE_BROKER_SECRET", "MAHALLE_BROKER_ADMIN"} & services[name]["environment"].keys(), name


def test_the_example_names_every_variable() -> None:
    named = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    assert variables().keys() - {"MAHALLE_VERSION"} <= named


def test_every_process_says_whether_it_is_well_and_who_it_waits_for() -> None:
    services = compose()["services"]
    one_shot = {name for name, service in services.items() if service.get("restart") == "no"}
    assert {name for name, service in services.items() if "healthcheck" not in service} == one_shot
    for name in services.keys() - {"mongo", "rabbitmq", "prometheus"}:
        assert all("condition" in other for other in services[name]["depends_on"].values()), name


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_the_alert_rules_are_read_by_prometheus() -> None:
    run("promtool", "check", "config", ROOT / "deploy" / "prometheus" / "prometheus.yml")


def test_alerts_speak_of_metrics_that_exist() -> None:
    kept = [metric for metric in vars(metrics).values() if isinstance(metric, MetricWrapperBase)]
    known = {next(iter(metric.describe())).name + ending for metric in kept for ending in ("", "_total")}
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
    used = {name for rule in rules for name in re.findall(r"\bmahalle_\w+", rule["expr"])}
    assert used and used <= known


def test_prometheus_reads_every_process_of_the_compose_file() -> None:
    jobs = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    hosts = {target.split(":")[0] for group in jobs[0]["static_configs"] for target in group["targets"]}
    one_shot_or_foreign = {"mongo", "mongo-setup", "topology", "indexes", "sample", "prometheus"}
    assert hosts == compose()["services"].keys() - one_shot_or_foreign


def test_what_prometheus_reads_of_our_processes_is_published_to_nobody() -> None:
    jobs = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    targets = {tuple(target.split(":")) for group in jobs[0]["static_configs"] for target in group["targets"]}
    services = compose()["services"]
    published = {(name, port.rpartition(":")[2]) for name, service in services.items() for port in service.get("ports", ())}
    assert ("gateway", "8080") in published and not published & targets
    assert services["gateway"]["environment"]["MAHALLE_BIND"].rpartition(":")[2] == dict(targets)["gateway"]


def test_ci_starts_what_a_person_starts() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK) and "exec make test" in script.read_text()
