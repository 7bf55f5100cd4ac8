"""On what was measured: the machine, the versions, the moment."""
import os
import platform
import subprocess
from pathlib import Path

from chassis.clock import now
from deploy.local.folder import ROOT
from tests.bench.ground import Ground


def machine(ground: Ground) -> dict[str, str]:
    """What stands above the tables, by name."""
    processor = value_of("/proc/cpuinfo", "model name") or platform.machine()
    kilobytes = int((value_of("/proc/meminfo", "MemTotal") or "0").split()[0])
    return {
        "date": f"{now():%Y-%m-%d %H:%M} UTC", "commit": commit(),
        "processor": f"{processor}, {os.cpu_count()} cores", "memory": f"{kilobytes / 1e6:.0f} GB",
        "kernel": platform.release(), "Python": platform.python_version(),
        "RabbitMQ": str(ground.management.call("GET", "/overview")["rabbitmq_version"]),
        "MongoDB": str(ground.client.server_info()["version"]),
    }


def value_of(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def commit() -> str:
    """Of the code that was measured; marked where it is not as committed."""
    try:
        return subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True,
                              check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
