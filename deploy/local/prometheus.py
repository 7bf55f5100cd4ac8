"""A Prometheus of our own beside the platform, where one is installed. The platform does not need it."""
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from deploy.local.daemon import Daemon
from deploy.local.folder import ROOT
from deploy.local.ports import require_free
from deploy.local.waiting import wait_for

ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"


class Prometheus:
    """Reads every process's metrics and the broker's; data in the folder, kept for two days."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.node = Daemon("prometheus", folder)

    @staticmethod
    def installed() -> bool:
        return shutil.which("prometheus") is not None

    def start(self, targets: Mapping[str, int]) -> None:
        """`targets`: name → port. Raises CannotStart."""
        if self.node.pid:
            self.node.stop(10)
        require_free(self.port, "MAHALLE_PROMETHEUS_PORT", "Prometheus")
        home = self.folder / "prometheus"
        home.mkdir(exist_ok=True)
        (home / "prometheus.yml").write_text(configuration(targets))
        self.node.start(["prometheus", f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/data",
                         f"--web.listen-address=127.0.0.1:{self.port}", "--storage.tsdb.retention.time=2d"], os.environ)
        wait_for("Prometheus", lambda: "" if self.node.pid else "it ended", 5,
                 lambda: "" if self.node.pid else self.node.last_words())

    def stop(self) -> None:
        self.node.stop(10)


def configuration(targets: Mapping[str, int]) -> str:
    """Prometheus's own file, as deploy/prometheus/prometheus.yml is for containers."""
    rows = "\n".join(f'      - targets: ["127.0.0.1:{port}"]\n        labels: {{process: {name}}}'
                     for name, port in targets.items())
    return ("global: {scrape_interval: 5s, evaluation_interval: 5s}\n"
            f"rule_files: [{ALERTS}]\n"
            f"scrape_configs:\n  - job_name: mahalle\n    static_configs:\n{rows}\n"
            "  - job_name: queues\n    metrics_path: /metrics/detailed\n"
            "    params: {family: [queue_coarse_metrics, queue_consumer_count]}\n"
            f"    static_configs: [{{targets: ['127.0.0.1:{targets['rabbitmq']}'], labels: {{process: rabbitmq}}}}]\n")
