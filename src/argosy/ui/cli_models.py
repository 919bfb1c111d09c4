"""The words of ``argosy models``."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

Dir = Annotated[Path, typer.Argument(help=t("The project's folder."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]

app = typer.Typer(cls=Verbs, help=t("The models of a project and the base models at hand."), no_args_is_help=True)
verb = partial(app.command, cls=Verb)


@verb("list", help=t("The project's model with its engines, and the base models at hand."))
def _list(folder: Dir = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.models import list_models

    list_models(folder, as_json=as_json)


@verb("encoder", help=t("Write a base model as a folder that embeds texts without torch."))
def _encoder(
    model: Annotated[str, typer.Argument(help=t("A base model: package:NAME, a folder or a hub id."))],
    out: Annotated[Path, typer.Argument(help=t("The folder to write."))],
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.models import write_encoder_of

    write_encoder_of(model, out, as_json=as_json)


@verb("show", help=t("Where a model came from: every step with its digest, and the licence."))
def _show(
    model: Annotated[str, typer.Argument(help=t("A base model as in [base] model, or a project's folder."))],
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.models import show_model

    show_model(model, as_json=as_json)
