"""The words of ``argosy extension``."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

Dir = Annotated[Path, typer.Argument(help=t("The project's folder."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]

app = typer.Typer(
    cls=Verbs,
    help=t("What goes by name: steps, sources, metrics, tasks and more, and who brings it."),
    no_args_is_help=True,
)
verb = partial(app.command, cls=Verb)


@verb("list", help=t("All that goes by name, by kind, and the module that brings it."))
def _list(folder: Dir = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.extension import list_given

    list_given(folder, as_json=as_json)


@verb("check", help=t("Hold what an extension brings to all that is asked of its kind."))
def _check(
    name: Annotated[str, typer.Argument(help=t("The extension's name, or its module; argosy for what is built in."))],
    folder: Dir = Path(),
    *,
    build: Annotated[bool, typer.Option("--build", help=t("Build a project of each product's sample too."))] = False,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.extension import check

    check(name, folder, build=build, as_json=as_json)
