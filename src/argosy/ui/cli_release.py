"""The words of ``argosy release``."""

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

app = typer.Typer(
    cls=Verbs,
    help=t("Versions of the served models: shadow, canary, promotion, rollback, pins."),
    no_args_is_help=True,
)
verb = partial(app.command, cls=Verb)

In = Annotated[Path, typer.Option("--in", help=t("The project's folder."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]
Model = Annotated[str | None, typer.Option(help=t("The model's name, where several are released."))]
Number = Annotated[int, typer.Argument(help=t("The version's number."), metavar="VERSION")]


@verb("add", help=t("Keep the built model as the next version; the first one is the champion."))
def add(
    built: Annotated[Path | None, typer.Argument(help=t("A project or a model's folder."), metavar="MODEL")] = None,
    folder: In = Path(),
    *,
    remark: Annotated[str, typer.Option("--note", help=t("What is new in it."))] = "",
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.release import add

    add(folder, built or folder, remark, as_json=as_json)


@verb("list", help=t("All versions, and which of them answers."))
def list_versions(folder: In = Path(), *, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.release import list_versions

    list_versions(folder, as_json=as_json)


@verb("shadow", help=t("Let a version answer copies of live requests, and say how its release is to go."))
def shadow(  # noqa: PLR0913 - as many as the verb has options
    number: Number,
    folder: In = Path(),
    *,
    model: Model = None,
    margin: Annotated[float, typer.Option(help=t("A loss of accuracy that it must be shown not to have."))] = 0.03,
    mirror: Annotated[float, typer.Option(help=t("Share of the requests that are copied."), min=0, max=1)] = 0.1,
    share: Annotated[list[float] | None, typer.Option(help=t("A canary's share; several, one after another."))] = None,
    hold: Annotated[float, typer.Option(help=t("Seconds that each share is held at least."), min=1)] = 300.0,
    by: Annotated[str, typer.Option(help=t("What is divided: request, or tenant."))] = "request",
    tenant: Annotated[list[str] | None, typer.Option(help=t("A tenant that always gets the canary."))] = None,
    slack: Annotated[float, typer.Option(help=t("Milliseconds by which it may be slower."), min=0)] = 5.0,
    labels: Annotated[int, typer.Option(help=t("True labels to wait for before promotion."), min=0)] = 0,
    within: Annotated[float, typer.Option(help=t("Hours that they have to come."), min=0)] = 24.0,
    promote: Annotated[bool, typer.Option(help=t("Promote it by itself after the last share."))] = True,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.serve.releases.versions import Plan
    from argosy.ui.verbs.release import shadow

    plan = Plan(
        margin=margin,
        mirror=mirror,
        shares=tuple(share) if share else Plan().shares,
        hold_seconds=hold,
        by=_divided(by),
        tenants=tuple(tenant or ()),
        slack_ms=slack,
        labels=labels,
        label_seconds=within * 3600,
        promote=promote,
    )
    shadow(folder, model, number, plan, as_json=as_json)


@verb("replay", help=t("Ask champion and challenger labelled rows: validation rows, or those of a file."))
def replay(
    folder: In = Path(),
    *,
    model: Model = None,
    source: Annotated[
        Path | None, typer.Option("--on", help=t("A file of labelled rows that neither has seen."))
    ] = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.release import replay

    replay(folder, model, source, as_json=as_json)


@verb("canary", help=t("Let the challenger out of the shadow, if rows or agreement show that it is no worse."))
def canary(folder: In = Path(), *, model: Model = None, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.release import move

    move(folder, lambda controls, actor: controls.expose(model, actor), as_json=as_json)


@verb("promote", help=t("Make the challenger, or a version that was champion before, the champion."))
def promote(
    number: Annotated[int | None, typer.Argument(help=t("The version's number."), metavar="VERSION")] = None,
    folder: In = Path(),
    *,
    model: Model = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.release import move

    move(folder, lambda controls, actor: controls.promote(model, number, actor), as_json=as_json)


@verb("rollback", help=t("End the release under way, or bring back the champion before this one."))
def rollback(folder: In = Path(), *, model: Model = None, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.release import move

    move(folder, lambda controls, actor: controls.roll_back(model, actor), as_json=as_json)


@verb("pin", help=t("Keep a tenant on a version, whatever is released; without a version let it go again."))
def pin(
    tenant: Annotated[str, typer.Argument(help=t("The tenant's id."), metavar="TENANT")],
    number: Annotated[int | None, typer.Argument(help=t("The version's number."), metavar="VERSION")] = None,
    folder: In = Path(),
    *,
    model: Model = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.release import move

    move(folder, lambda controls, actor: controls.pin(model, tenant, number, actor), as_json=as_json)


@verb("status", help=t("How the release under way stands, and what is still to be shown."))
def status(folder: In = Path(), *, model: Model = None, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.release import status

    status(folder, model, as_json=as_json)


@verb("history", help=t("What was live when, from the audit log."))
def history(
    folder: In = Path(),
    *,
    model: Model = None,
    at: Annotated[
        str | None, typer.Option(help=t("A time such as 2026-11-22T13:00+08:00: what was live then."))
    ] = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.release import history

    history(folder, model, at, as_json=as_json)


def _divided(by: str) -> Literal["request", "tenant"]:
    if by in {"request", "tenant"}:
        return "tenant" if by == "tenant" else "request"
    raise typer.BadParameter(t("Expected request or tenant, found {found}.").format(found=by))
