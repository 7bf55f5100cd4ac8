"""`python -m tests.integration.failing WHERE MODULE [WORD ...]`: runs a module of which one method (module:path) raises.

For tests alone: nobody can foresee what a thread may die of, so it is made to.
"""
import importlib
import runpy
import sys
from typing import Any


def fail(*given: Any, **named: Any) -> Any:
    raise RuntimeError("nobody foresaw this")


def main(where: str, module: str, *words: str) -> None:
    name, _, path = where.partition(":")
    *owners, attribute = path.split(".")
    owner: Any = importlib.import_module(name)
    for each in owners:
        owner = getattr(owner, each)
    setattr(owner, attribute, fail)
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
