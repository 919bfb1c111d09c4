"""The words of ``argosy ledger``, ``backup`` and ``restore``."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

app = typer.Typer(cls=Verbs, help=t("The books of what was sold."), no_args_is_help=True)
verb = partial(app.command, cls=Verb)


@verb("verify", help=t("Reckon every sum of the ledger again from its lines, and tell every difference."))
def verify(
    folder: Annotated[Path, typer.Argument(help=t("The project's folder."), metavar="DIR")] = Path(),
    *,
    as_json: Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))] = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.ledger import verify

    verify(folder, as_json=as_json)


def backup(
    folder: Annotated[Path, typer.Argument(help=t("The project's folder."), metavar="DIR")] = Path(),
    *,
    place: Annotated[
        Path | None, typer.Option("--to", help=t("The folder of backups; DIR/backups by default."), metavar="FOLDER")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))] = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.backup import backup

    backup(folder, place, as_json=as_json)


def restore(
    kept: Annotated[Path, typer.Argument(help=t("A folder that argosy backup made."), metavar="BACKUP")],
    folder: Annotated[Path, typer.Argument(help=t("A folder without a project."), metavar="DIR")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))] = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.backup import restore

    restore(kept, folder, as_json=as_json)
