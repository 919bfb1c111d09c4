"""The words of ``argosy alarm``."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

app = typer.Typer(
    cls=Verbs,
    help=t("Alarms of a service that watches itself: seen, acknowledged, and whether they reach you."),
    no_args_is_help=True,
)
verb = partial(app.command, cls=Verb)

Dir = Annotated[Path, typer.Argument(help=t("The project's folder."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]
Which = Annotated[str, typer.Argument(help=t("The alarm's id: alm_…"), metavar="ID")]


@verb("list", help=t("Tell the open alarms, the newest first."))
def list_(
    folder: Dir = Path(),
    *,
    every: Annotated[bool, typer.Option("--all", help=t("Tell the closed ones too."))] = False,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.watching.alarm import list_alarms

    list_alarms(folder, every=every, as_json=as_json)


@verb("show", help=t("Tell the evidence of an alarm, with the example texts that are still kept."))
def show(alarm: Which, folder: Dir = Path(), *, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.watching.alarm import show

    show(folder, alarm, as_json=as_json)


@verb("ack", help=t("Say that you have seen an alarm."))
def ack(
    alarm: Which,
    folder: Dir = Path(),
    *,
    new_level: Annotated[
        bool, typer.Option("--new-level", help=t("The level since then is the usual one from now on: close it."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.watching.alarm import acknowledge

    acknowledge(folder, alarm, new_level=new_level, as_json=as_json)


@verb("test", help=t("Send a test message to every address, and tell what came of each."))
def try_(folder: Dir = Path(), *, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.watching.alarm import try_addresses

    try_addresses(folder, as_json=as_json)
