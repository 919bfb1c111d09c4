"""The words of ``argosy captable`` and ``argosy market``."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

app = typer.Typer(
    cls=Verbs, help=t("Cap tables: of the rounds of venture.toml, and in the Open Cap Format."), no_args_is_help=True
)
verb = partial(app.command, cls=Verb)
market_app = typer.Typer(
    cls=Verbs, help=t("What customers need, who serves them badly, and where to stand: from texts of the market.")
)

Place = Annotated[
    Path,
    typer.Argument(
        help=t("A folder with a venture.toml, or a package in the Open Cap Format: a zip file or a folder."),
        metavar="PLACE",
    ),
]
In = Annotated[Path, typer.Option("--in", help=t("The folder of venture.toml, or the file itself."))]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]


@verb("show", help=t("Who owns what, fully diluted, and who gets what of an exit."))
def show(
    place: Place,
    exits: Annotated[
        list[str] | None, typer.Option("--exit", help=t("The price of the whole company; may be repeated."))
    ] = None,
    costs: Annotated[
        float, typer.Option("--costs", help=t("Percent of an exit that the sale itself costs."), min=0, max=99)
    ] = 0.0,
    *,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.venturing.captable import show

    show(place, tuple(exits or ()), costs, as_json=as_json)


@verb("write", help=t("Write a cap table as a package of the Open Cap Format."))
def write(
    place: Place,
    out: Annotated[Path, typer.Argument(help=t("The zip file to write."), metavar="OUT")],
    *,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.venturing.captable import write

    write(place, out, as_json=as_json)


@market_app.callback(invoke_without_command=True)
def _study_market(context: typer.Context, *, folder: In = Path(), as_json: Json = False) -> None:
    if context.invoked_subcommand is not None:
        return
    from argosy.ui.verbs.venturing.market import show

    show(folder, as_json=as_json)


@market_app.command("new", cls=Verb, help=t("Write an example: synthetic reviews, and a venture.toml that reads them."))
def _new_market(
    folder: Annotated[Path, typer.Argument(help=t("The folder to write to."), metavar="DIR")] = Path(),
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.venturing.market import new

    new(folder, as_json=as_json)
