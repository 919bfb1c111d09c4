"""The words of ``argosy market``."""

from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

app = typer.Typer(
    cls=Verbs, help=t("What customers need, who serves them badly, and where to stand: from texts of the market.")
)

In = Annotated[Path, typer.Option("--in", help=t("The folder of venture.toml, or the file."))]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]


@app.callback(invoke_without_command=True)
def _study(context: typer.Context, *, folder: In = Path(), as_json: Json = False) -> None:
    if context.invoked_subcommand is not None:
        return
    from argosy.ui.verbs.venturing.market import show

    show(folder, as_json=as_json)


@app.command("new", cls=Verb, help=t("Write an example: synthetic reviews, and a venture.toml that reads them."))
def _new(
    folder: Annotated[Path, typer.Argument(help=t("The folder to write to."), metavar="DIR")] = Path(),
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.venturing.market import new

    new(folder, as_json=as_json)
