"""The words of ``argosy improve``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t

Dir = Annotated[Path, typer.Argument(help=t("The project's folder."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]


def improve(
    folder: Dir = Path(),
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=t("Gather the new rows and train nothing."))] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help=t("Ask nothing; a better challenger goes to the canary."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.improving.improve import improve

    improve(folder, dry_run=dry_run, ask=not yes and sys.stdin.isatty(), as_json=as_json)
