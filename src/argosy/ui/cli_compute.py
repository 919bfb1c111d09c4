"""The words of ``argosy compute``."""

from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

app = typer.Typer(cls=Verbs, help=t("What training and serving take: machines, time, money, energy."))
In = Annotated[Path, typer.Option("--in", help=t("The folder of venture.toml, or the file itself."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]


@app.callback(invoke_without_command=True)
def _compute(context: typer.Context, *, folder: In = Path(), as_json: Json = False) -> None:
    if context.invoked_subcommand is not None:
        return
    from argosy.ui.verbs.venturing.compute import show

    show(folder, as_json=as_json)


@app.command("prices", cls=Verb, help=t("Write the price table beside the plan, to be edited and dated."))
def _prices(folder: In = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.venturing.compute import write_prices

    write_prices(folder, as_json=as_json)


@app.command("measure", cls=Verb, help=t("Measure how many requests a second a model answers here, and how late."))
def _measure(
    model: Annotated[Path, typer.Argument(help=t("A built project, or a model's folder."), metavar="MODEL")],
    texts: Annotated[
        Path | None, typer.Option(help=t("A table of texts to ask; the project's validation rows by default."))
    ] = None,
    column: Annotated[str, typer.Option(help=t("The column of the texts."))] = "text",
    seconds: Annotated[float, typer.Option(help=t("How long each rate is asked."), min=1)] = 10,
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.venturing.compute import measure

    measure(folder, model, texts, column, seconds, as_json=as_json)
