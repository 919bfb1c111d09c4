"""The words of ``argosy lineage``."""

from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t

Dir = Annotated[Path, typer.Argument(help=t("The project's folder."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]
Model = Annotated[str | None, typer.Option(help=t("The model's name, where several are released."))]


def lineage(
    folder: Dir = Path(),
    number: Annotated[
        int | None, typer.Argument(help=t("The version's number; the champion's by default."), metavar="[VERSION]")
    ] = None,
    *,
    model: Model = None,
    invoice: Annotated[str | None, typer.Option(help=t("Tell which versions made up this invoice."))] = None,
    event: Annotated[str | None, typer.Option(help=t("Tell what answered this event, and who pays for it."))] = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.improving.lineage import Wish, lineage

    lineage(folder, Wish(model=model, number=number, invoice=invoice, event=event), as_json=as_json)
