"""`python -m deploy.local.with_servers [--alone] COMMAND...`: runs a command with the local servers' variables.

Servers that run are used and left running; servers that do not are started for the command and stopped after it.
With --alone it refuses while the platform runs, and keeps it from starting.
For example: python -m deploy.local.with_servers .venv/bin/python -m chassis.dead_letters list
"""
import os
import subprocess
import sys
from contextlib import nullcontext

from deploy.local.errors import one_line
from deploy.local.running import hold, stop_processes
from deploy.local.servers import Servers


def main() -> None:
    words = sys.argv[1:]
    servers = Servers.from_environment()
    alone = words[:1] == ["--alone"]
    with hold(servers.folder) if alone else nullcontext():
        if alone:
            stop_processes(servers.folder)
        run(servers, words[alone:])


def run(servers: Servers, command: list[str]) -> None:
    """Runs the command to its end and ends with its status."""
    ran_before = servers.broker.running()
    try:
        servers.start()
        status = subprocess.run(command, env={**os.environ, **servers.environment()}).returncode
    finally:
        if not ran_before:
            servers.stop()
    sys.exit(status)


if __name__ == "__main__":
    one_line(main)
