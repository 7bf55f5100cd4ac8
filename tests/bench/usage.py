"""What processes cost, as the kernel counts it: CPU seconds (/proc/<pid>/stat) and memory (PSS, smaps_rollup).

CPU seconds are robust: a busy neighbour makes everything slower, but hardly dearer.
"""
import os
from collections.abc import Mapping
from pathlib import Path

from tests.bench.figures import Costs

TICK = os.sysconf("SC_CLK_TCK")
MACHINE = "machine"  # everything that runs here, ours and others'


def groups() -> dict[int, list[int]]:
    """Process group → the processes in it now."""
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := stat_of(int(entry.name))):
            found.setdefault(int(stat[2]), []).append(int(entry.name))
    return found


def stat_of(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the third (state) on; none when it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cpu_seconds(leaders: Mapping[str, int]) -> Costs:
    """By name, what the process group that each process leads has used so far; and the whole machine."""
    found = groups()
    used = {name: sum(map(cpu_of, found.get(pid, []))) for name, pid in leaders.items()}
    return used | {MACHINE: busy_seconds()}


def cpu_of(pid: int) -> float:
    stat = stat_of(pid)
    return (int(stat[11]) + int(stat[12])) / TICK if stat else 0.0


def busy_seconds() -> float:
    """Of all cores together, since the machine was started; what the hypervisor took away counts as busy."""
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICK


def spent(before: Costs, after: Costs) -> Costs:
    """A process that is there only after has used all of it meanwhile."""
    return {name: used - before.get(name, 0.0) for name, used in after.items()}


def memory(leaders: Mapping[str, int]) -> Costs:
    """By name, the PSS of its process group in MB (10^6 bytes). Only its owner and root may read that: else nothing."""
    found = groups()
    return {name: sum(map(pss_of, found.get(pid, []))) for name, pid in leaders.items()}


def pss_of(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("Pss:")), 0.0)
