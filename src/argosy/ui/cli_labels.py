"""The words of ``argosy labels``."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

app = typer.Typer(
    cls=Verbs,
    help=t("Captured texts that people label: chosen, handed out, taken back, and how far people agree."),
    no_args_is_help=True,
)
verb = partial(app.command, cls=Verb)

Dir = Annotated[Path, typer.Argument(help=t("The project's folder."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]


@verb("ask", help=t("Choose the captured texts that are most worth a label, and put them into the queue."))
def ask(
    folder: Dir = Path(),
    *,
    count: Annotated[int | None, typer.Option(help=t("Texts to ask for; the project's by default."), min=1)] = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.labels import ask

    ask(folder, count, as_json=as_json)


@verb("sheet", help=t("Write the texts that wait for a label to a table to be filled."))
def sheet(
    folder: Dir = Path(),
    *,
    target: Annotated[Path, typer.Option("--out", "-o", help=t("Write to this file (.csv, .jsonl or .xlsx)."))] = Path(
        "labels.csv"
    ),
    by: Annotated[str, typer.Option(help=t("Who will fill it: no text that this person has labelled."))] = "",
    disputed: Annotated[bool, typer.Option("--disputed", help=t("Those on whose label people differ."))] = False,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.labels import sheet

    sheet(folder, target, by, disputed=disputed, as_json=as_json)


@verb("take", help=t("Read a filled table: its labels count as those of the person who gave them."))
def take(
    source: Annotated[Path, typer.Argument(help=t("The filled table."), metavar="FILE")],
    folder: Dir = Path(),
    *,
    by: Annotated[str, typer.Option(help=t("Who gave the labels."))],
    decides: Annotated[bool, typer.Option("--decide", help=t("These labels decide, whatever others said."))] = False,
    others: Annotated[bool, typer.Option("--new", help=t("Let labels stand that the model does not know."))] = False,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.labels import take

    take(folder, source, by, decides=decides, others=others, as_json=as_json)


@verb("agreement", help=t("How far people agree who labelled the same texts: Krippendorff's alpha."))
def agreement(folder: Dir = Path(), *, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.labels import agreement

    agreement(folder, as_json=as_json)


@verb("disputes", help=t("The texts on whose label people differ."))
def disputes(folder: Dir = Path(), *, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.labels import disputes

    disputes(folder, as_json=as_json)
