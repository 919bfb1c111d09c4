"""The words of ``argosy privacy``."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

app = typer.Typer(
    cls=Verbs,
    help=t("What is held of a person: told, erased, consented to; and the keys that seal it."),
    no_args_is_help=True,
)
verb = partial(app.command, cls=Verb)

Dir = Annotated[Path, typer.Argument(help=t("The project's folder."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]
Who = Annotated[str, typer.Argument(help=t("The tenant's own id of the person, or sub_… itself."), metavar="SUBJECT")]
Tenant = Annotated[str | None, typer.Option(help=t("Whose person it is, where several tenants know the id."))]


@verb("export", help=t("Tell everything that is held of a person."))
def export(
    who: Who,
    folder: Dir = Path(),
    *,
    tenant: Tenant = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help=t("Write to this file: .json, or .zip with a file a kind."))
    ] = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.privacy import export

    export(folder, who, tenant, out, as_json=as_json)


@verb("erase", help=t("Erase a person from tables, files and the next build, and leave a signed certificate."))
def erase(who: Who, folder: Dir = Path(), *, tenant: Tenant = None, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.privacy import erase

    erase(folder, who, tenant, as_json=as_json)


@verb("consent", help=t("Put on record that a person grants or withdraws consent to a purpose."))
def consent(
    who: Who,
    folder: Dir = Path(),
    *,
    tenant: Annotated[str, typer.Option(help=t("Whose person it is."))],
    purpose: Annotated[str, typer.Option(help=t("What for."))] = "improve",
    granted: Annotated[bool, typer.Option("--grant/--withdraw", help=t("Which of the two."))],
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.privacy import consent

    consent(folder, who, tenant, purpose, granted=granted, as_json=as_json)


@verb("retain", help=t("Remove what is older than the project keeps it, and finish erasures that were stopped."))
def retain(folder: Dir = Path(), *, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.privacy import retain

    retain(folder, as_json=as_json)


@verb("rotate", help=t("Wrap all keys of persons with a new master key and destroy the old one."))
def rotate(folder: Dir = Path(), *, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.privacy import rotate

    rotate(folder, as_json=as_json)


@verb("verify", help=t("Check the signature of a certificate of erasure."))
def verify(
    source: Annotated[Path, typer.Argument(help=t("The certificate's JSON file."), metavar="FILE")],
    folder: Dir = Path(),
    *,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.privacy import verify

    verify(folder, source, as_json=as_json)
