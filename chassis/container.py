"""nameko's container with its measured faults mended: a time limit that cannot leak a worker, and the trace.

Stock nameko lets `eventlet.Timeout` (a BaseException) escape a worker: the message stays unacknowledged for ever and
the prefetch slot is lost. Here every method runs under its entrypoint's `seconds`, and that limit, any other, and an
attempt to leave become ordinary exceptions.
"""
from typing import Any

import eventlet
from nameko.containers import ServiceContainer

from chassis.logs import TRACE
from contracts.errors import Problem

SECONDS = 30  # for entrypoints that state no limit of their own


class TimeLimit(Exception):
    """The method took longer than its entrypoint allows. What it wrote may or may not be there."""


class Left(Exception):
    """The method called `sys.exit`: one request or message must not end the process."""


class Container(ServiceContainer):
    def _inject_dependencies(self, worker_ctx: Any) -> None:
        super()._inject_dependencies(worker_ctx)
        name = worker_ctx.entrypoint.method_name
        method = getattr(worker_ctx.service, name)
        seconds = getattr(worker_ctx.entrypoint, "seconds", SECONDS)

        def limited(*args: Any, **kwargs: Any) -> Any:
            TRACE.set(worker_ctx.data.get("trace"))
            try:
                with eventlet.Timeout(seconds, TimeLimit(f"{name} took longer than {seconds} s")):
                    return method(*args, **kwargs)
            except Problem as problem:
                if worker_ctx.entrypoint.answers_problems:
                    return problem  # an answer like any other, no error of ours to be logged
                raise
            except eventlet.Timeout as error:
                raise TimeLimit(f"{name} was stopped by a time limit within") from error
            except SystemExit as error:
                raise Left(f"{name} tried to end the process") from error

        setattr(worker_ctx.service, name, limited)
