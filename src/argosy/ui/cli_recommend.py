"""The words of ``argosy recommend``."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

app = typer.Typer(
    cls=Verbs,
    help=t("The recommender: make a list, take events and items, judge a new model on what was shown, forget a user."),
    no_args_is_help=True,
)
trial_app = typer.Typer(cls=Verbs, help=t("Two models before users: begun, looked at, ended."), no_args_is_help=True)
app.add_typer(trial_app, name="trial")
verb = partial(app.command, cls=Verb)
trial_verb = partial(trial_app.command, cls=Verb)

Dir = Annotated[Path, typer.Argument(help=t("The project's folder."), metavar="DIR")]
In = Annotated[Path, typer.Option("--in", help=t("The project's folder."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]
Days = Annotated[int, typer.Option(help=t("Days back from now."), min=1, max=3650)]
Model = Annotated[Path, typer.Argument(help=t("Another project that was built, or a model's folder."), metavar="MODEL")]


@verb("list", help=t("Make a list for a user, or for a stranger by what they did; nothing is kept of it."))
def list_items(
    user: Annotated[str, typer.Argument(help=t("The user's id; a stranger without one."), metavar="[USER]")] = "",
    folder: In = Path(),
    *,
    recent: Annotated[
        list[str] | None, typer.Option("--recent", help=t("The id of an item that the stranger took; may be repeated."))
    ] = None,
    count: Annotated[int, typer.Option("--count", "-n", help=t("As many as this."), min=1, max=500)] = 10,
    tag: Annotated[list[str] | None, typer.Option("--tag", help=t("Only items of this tag; may be repeated."))] = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.recommending.lists import list_items

    list_items(folder, user, tuple(recent or ()), count, tuple(tag or ()), as_json=as_json)


@verb("events", help=t("Take events out of files: each counts once, however often it is taken."))
def events(
    files: Annotated[list[Path], typer.Argument(help=t("JSONL, CSV or other tables."), metavar="FILE")],
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.recommending.taking import events

    events(folder, files, as_json=as_json)


@verb("items", help=t("Take new and changed items out of files; they can be shown at once."))
def items(
    files: Annotated[list[Path], typer.Argument(help=t("JSONL, CSV or other tables."), metavar="FILE")],
    folder: In = Path(),
    *,
    whole: Annotated[
        bool, typer.Option("--whole", help=t("These are all items: those that are missing are shown no more."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.recommending.taking import items

    items(folder, files, whole=whole, as_json=as_json)


@verb("forget", help=t("Remove a user for good: events, lists and whatever was made of them."))
def forget(
    user: Annotated[str, typer.Argument(help=t("The user's id."), metavar="USER")],
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.recommending.taking import forget

    forget(folder, user, as_json=as_json)


@verb("numbers", help=t("What the lists achieved: how many were shown and acted on, by day and by model."))
def numbers(folder: Dir = Path(), *, days: Days = 30, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.recommending.judging import numbers

    numbers(folder, days, as_json=as_json)


@verb(
    "judge", help=t("Estimate from the lists that were shown what another model would achieve, before it is released.")
)
def judge(model: Model, folder: In = Path(), *, days: Days = 30, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.recommending.judging import judge

    judge(folder, model, days, as_json=as_json)


@trial_verb("begin", help=t("Show another model's lists to a share of the users; who gets which stays the same."))
def begin(
    model: Model,
    folder: In = Path(),
    *,
    share: Annotated[float, typer.Option(help=t("Share of the users who get it."), min=0.01, max=0.99)] = 0.5,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.recommending.judging import begin

    begin(folder, model, share, as_json=as_json)


@trial_verb("status", help=t("How it stands: the difference with an interval that may be looked at at any time."))
def status(folder: Dir = Path(), *, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.recommending.judging import status

    status(folder, as_json=as_json)


@trial_verb("end", help=t("End it: all users get the project's own model again."))
def end(folder: Dir = Path(), *, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.recommending.judging import end

    end(folder, as_json=as_json)
