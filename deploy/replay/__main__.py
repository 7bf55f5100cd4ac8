"""`python -m deploy.replay --file rows.csv.gz`: see the package. Wants the variables of the local servers (`make replay`).

Exit status 0 when every request is found overdue exactly where the city says so, else 1.
"""
from pathlib import Path

import click

from deploy.local.errors import one_line
from deploy.replay.show import perform


@click.command(help="Replays a city's requests through the engine and compares deadlines and overdue ones with the city's.")
@click.option("--file", type=click.Path(path_type=Path), required=True,
              help="Rows of the shape of Boston's 311 file (.csv, .csv.gz).")
def main(file: Path) -> None:
    one_line(lambda: run(file))


def run(file: Path) -> None:
    raise SystemExit(perform(file))


if __name__ == "__main__":
    main()
