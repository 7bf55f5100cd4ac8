"""The command; see the package. Restoring also makes the indexes and tells read models and agencies anew."""
import os
from pathlib import Path

import click
from pymongo.errors import PyMongoError

from chassis import indexes, reemit
from deploy.backup import OWNERS
from deploy.backup.manifest import NotABackup
from deploy.backup.restore import restore
from deploy.backup.save import save
from services.issues import retell

PRODUCERS = ["registry", "issues"]


def where() -> tuple[str, str]:
    """MONGO_URI and the databases' prefix."""
    uri = os.environ.get("MONGO_URI")
    if not uri:
        raise click.ClickException("MONGO_URI is not set.")
    return uri, os.environ.get("MAHALLE_DATABASE") or "mahalle"


@click.group(help=__doc__)
def main() -> None:
    """Errors are one line and exit 1."""


@main.command("save")
@click.argument("folder", type=click.Path(path_type=Path))
def save_command(folder: Path) -> None:
    """Saves the owners' databases into FOLDER, which must not exist."""
    try:
        manifest = save(*where(), folder)
    except (NotABackup, PyMongoError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"backup: {manifest.documents} documents in {len(manifest.collections)} collections are in {folder}; "
               "keep the secrets (.env, or .local/secrets.env) with them, in another place")


@main.command("restore")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Empty the platform's databases first.")
def restore_command(folder: Path, force: bool) -> None:
    """Brings FOLDER back while no service runs; read models fill themselves when they run again."""
    try:
        manifest = restore(*where(), folder, force)
    except (NotABackup, PyMongoError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"restore: {manifest.documents} documents as of {manifest.made_at} are back")
    indexes.main(list(OWNERS))
    reemit.main(PRODUCERS)
    retell.main([])


if __name__ == "__main__":
    main()
