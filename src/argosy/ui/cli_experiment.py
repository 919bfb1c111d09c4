"""The words of ``argosy experiment`` and of ``argosy lineage``."""

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

app = typer.Typer(
    cls=Verbs,
    help=t("Two versions before customers: how many outcomes it takes, and who won."),
    no_args_is_help=True,
)
verb = partial(app.command, cls=Verb)

Dir = Annotated[Path, typer.Argument(help=t("The project's folder."), metavar="DIR")]
In = Annotated[Path, typer.Option("--in", help=t("The project's folder."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]
Model = Annotated[str | None, typer.Option(help=t("The model's name, where several are released."))]
What = Annotated[
    Literal["rating", "accuracy", "errors"],
    typer.Option("--outcome", help=t("What is compared: rating, accuracy of labelled answers, or errors.")),
]
By = Annotated[Literal["request", "tenant"], typer.Option(help=t("What is divided: request, or tenant."))]
Share = Annotated[float, typer.Option(help=t("Share that the challenger gets."), min=0.01, max=0.99)]
Effect = Annotated[float, typer.Option(help=t("The smallest difference that matters."), min=0.001, max=0.99)]
Alpha = Annotated[float, typer.Option(help=t("Chance of a winner where there is none."), min=0.0001, max=0.5)]
Power = Annotated[float, typer.Option(help=t("Chance of finding a difference that matters."), min=0.5, max=0.999)]
Base = Annotated[
    float | None, typer.Option(help=t("The champion's share of good outcomes; from the past by default."), min=0, max=1)
]
Least = Annotated[int, typer.Option(help=t("By tenant: outcomes with which a tenant counts."), min=1)]
Most = Annotated[int | None, typer.Option(help=t("By request: outcomes of one tenant that count at most."), min=1)]


@verb("size", help=t("Tell how many outcomes an experiment takes, and how many days at the present traffic."))
def size(  # noqa: PLR0913 - as many as the verb has options
    folder: Dir = Path(),
    *,
    model: Model = None,
    outcome: What = "rating",
    by: By = "request",
    share: Share = 0.5,
    effect: Effect = 0.05,
    alpha: Alpha = 0.05,
    power: Power = 0.8,
    base: Base = None,
    least: Least = 20,
    most: Most = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.project.improving.experimenting import Wish
    from argosy.ui.verbs.improving.experiment import tell_size

    wish = Wish(
        outcome=outcome, by=by, share=share, effect=effect, alpha=alpha, power=power, base=base, least=least, most=most
    )
    tell_size(folder, model, wish, as_json=as_json)


@verb("begin", help=t("Divide the traffic between the champion and a version in the shadow."))
def begin(  # noqa: PLR0913 - as many as the verb has options
    number: Annotated[int, typer.Argument(help=t("The version's number."), metavar="VERSION")],
    folder: In = Path(),
    *,
    model: Model = None,
    outcome: What = "rating",
    by: By = "request",
    share: Share = 0.5,
    effect: Effect = 0.05,
    alpha: Alpha = 0.05,
    power: Power = 0.8,
    base: Base = None,
    least: Least = 20,
    most: Most = None,
    unproven: Annotated[
        bool, typer.Option("--unproven", help=t("Begin though nothing shows that the version does no harm."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.project.improving.experimenting import Wish
    from argosy.ui.verbs.improving.experiment import begin

    wish = Wish(
        outcome=outcome, by=by, share=share, effect=effect, alpha=alpha, power=power, base=base, least=least, most=most
    )
    begin(folder, model, number, wish, unproven=unproven, as_json=as_json)


@verb("status", help=t("Tell how the experiment stands: shares, the interval of their difference, who won."))
def status(folder: Dir = Path(), *, model: Model = None, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.improving.experiment import tell_status

    tell_status(folder, model, as_json=as_json)


@verb("list", help=t("All experiments, the newest first."))
def list_all(folder: Dir = Path(), *, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.improving.experiment import list_all

    list_all(folder, as_json=as_json)


@verb("end", help=t("Close the experiment: the winner answers everybody, the champion where there is none."))
def end(
    folder: Dir = Path(),
    *,
    model: Model = None,
    winner: Annotated[
        int | None, typer.Option(help=t("The version that is to answer; the one that won by default."))
    ] = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.improving.experiment import end

    end(folder, model, winner, as_json=as_json)


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
