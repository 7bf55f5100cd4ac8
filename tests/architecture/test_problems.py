"""A Problem is made where it is raised: one raised again and again keeps every frame that it ever passed."""
import importlib
import pkgutil

import chassis
import contracts
import gateway
import services
from contracts.errors import Problem


def kept_problems(packages: list[object]) -> list[str]:
    """Problems that lie in modules, ready to be raised twice."""
    found = []
    for package in packages:
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):  # type: ignore[attr-defined]
            if module.name == "chassis.run":
                continue  # changes the standard library when it is imported
            names = vars(importlib.import_module(module.name))
            found += [f"{module.name}.{name}" for name, value in names.items() if isinstance(value, Problem)]
    return found


def test_no_problem_is_kept_in_a_module() -> None:
    assert kept_problems([contracts, chassis, services, gateway]) == []
