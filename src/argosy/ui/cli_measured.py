"""The words of ``argosy compare``, ``explain`` and ``evaluate``."""

from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t

Dir = Annotated[Path, typer.Argument(help=t("The project's folder."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]


def compare(
    a: Annotated[str, typer.Argument(help=t("A project, a model's folder, or a commit of the project here."))],
    b: Annotated[str, typer.Argument(help=t("What it is compared with: another of these."))],
    source: Annotated[
        Path | None, typer.Option("--on", help=t("A file of labelled rows; the common test rows by default."))
    ] = None,
    *,
    metric: Annotated[str | None, typer.Option(help=t("The metric that the verdict is about."))] = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.compare import compare

    compare(a, b, source, metric, as_json=as_json)


def explain(
    folder: Dir,
    texts: Annotated[
        list[str] | None,
        typer.Argument(help=t("Texts; without any, the lines of standard input."), metavar="[TEXT]..."),
    ] = None,
    *,
    method: Annotated[str | None, typer.Option(help=t("How to explain; the most faithful way by default."))] = None,
    label: Annotated[
        str | None, typer.Option(help=t("The label to explain; the one that is given by default."))
    ] = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.explain import explain

    explain(folder, texts or [], method, label, as_json=as_json)


def evaluate(
    source: Annotated[Path, typer.Argument(help=t("A file with a column of true answers."), metavar="FILE")],
    task: Annotated[str, typer.Option(help=t("What was predicted: classify, tagging, regress, retrieval, …"))],
    *,
    truth: Annotated[str, typer.Option(help=t("The column of the true answers."))] = "truth",
    prediction: Annotated[
        list[str] | None, typer.Option(help=t("A column of predictions; may be given several times."))
    ] = None,
    best: Annotated[
        str | None, typer.Option(help=t("The column of the best baseline; the first prediction by default."))
    ] = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.evaluate import evaluate

    evaluate(source, task, truth, prediction or ["prediction"], best, as_json=as_json)
