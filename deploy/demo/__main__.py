"""`python -m deploy.demo [--n 300] [--file rows.csv.gz]`: see the package.

Exit status 0 when the books agree, 1 when they do not or nothing could begin, 130 when it was stopped.
"""
import asyncio
import logging
from pathlib import Path

import click
from rich.console import Console

from deploy.demo.show import perform
from deploy.local.errors import one_line


@click.command(help="Plays issues through the running platform and checks its books.")
@click.option("--n", type=click.IntRange(1), default=300, show_default=True, help="How many issues.")
@click.option("--file", type=click.Path(path_type=Path),
              help="Rows of the shape of Boston's 311 file (.csv, .csv.gz), or of the sample set's (.json).")
def main(n: int, file: Path | None) -> None:
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    logging.getLogger("mahalle_agency").setLevel(logging.ERROR)  # it connects again by itself; the report counts
    one_line(lambda: run(n, file))


def run(n: int, file: Path | None) -> None:
    raise SystemExit(asyncio.run(perform(n, file, Console())))


if __name__ == "__main__":
    main()
