"""`python -m deploy.local.with_servers COMMAND...`: runs a command with the local servers' variables in its environment.

Servers that run are used and left running; servers that do not are started for the command and stopped after it.
For example: python -m deploy.local.with_servers .venv/bin/python -m chassis.dead_letters list
"""
import os
import subprocess
import sys

from deploy.local.errors import one_line
from deploy.local.servers import Servers


def main() -> None:
    servers = Servers.from_environment()
    ran_before = bool(servers.broker.node.pid)
    try:
        servers.start()
        status = subprocess.run(sys.argv[1:], env={**os.environ, **servers.environment()}).returncode
    finally:
        if not ran_before:
            servers.stop()
    sys.exit(status)


if __name__ == "__main__":
    one_line(main)
