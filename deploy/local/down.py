"""`python -m deploy.local.down`: stops the platform of this folder, or what a killed one left behind."""
import os
import signal

from deploy.local.daemon import left_behind
from deploy.local.errors import one_line
from deploy.local.folder import local_folder
from deploy.local.prometheus import Prometheus
from deploy.local.running import holder, kill_rest, stop_processes, wait_until_free
from deploy.local.servers import Servers


def main() -> None:
    folder = local_folder()
    if pid := holder(folder):
        print(f"stopping the platform (process {pid})", flush=True)
        os.kill(pid, signal.SIGTERM)
        wait_until_free(folder)
    elif not left_behind(folder):
        print("nothing is running")
        return
    stop_processes(folder)
    Prometheus(folder, 9090).stop()
    Servers(folder).stop()
    kill_rest(folder)


if __name__ == "__main__":
    one_line(main)
