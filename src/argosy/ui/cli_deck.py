"""The words of ``argosy deck``."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from argosy.ui.speech import t


def deck(
    folder: Annotated[
        Path, typer.Option("--in", help=t("The folder of venture.toml, or the file itself."), metavar="DIR")
    ] = Path(),
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help=t("The folder to write to; DIR/venture/deck by default."))
    ] = None,
    only: Annotated[
        str | None, typer.Option(help=t("The forms to write, such as docx,pdf; docx,pdf,pptx,xlsx by default."))
    ] = None,
    language: Annotated[
        Literal["en", "zh", "both"] | None,
        typer.Option(help=t("Their language; that of the messages by default.")),
    ] = None,
    captable: Annotated[
        Path | None,
        typer.Option(help=t("A cap table to tell: a zip file or a folder in the Open Cap Format."), metavar="PACKAGE"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help=t("Overwrite files that were edited."))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))] = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.venturing.deck import Wishes, deck

    deck(folder, Wishes(out=out, only=only, language=language, captable=captable, force=force), as_json=as_json)
