"""The verbs ``argosy tenant``, ``argosy key`` and ``argosy audit`` of the command line."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

In = Annotated[Path, typer.Option("--in", help=t("The project's folder."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]
TenantId = Annotated[str, typer.Argument(help=t("The tenant's id."), metavar="TENANT")]
KeyId = Annotated[str, typer.Argument(help=t("The key's id."), metavar="KEY")]
Settings = Annotated[
    list[str] | None,
    typer.Argument(
        help=t(
            "plan, currency, price, limits.budget, limits.prepaid, limits.requests_per_minute, "
            "limits.tokens_per_minute, limits.concurrent, limits.quota.UNIT, pins.MODEL, billing.email, billing.title, "
            "billing.taxpayer, billing.address, billing.phone, billing.bank, billing.bank_account; none takes away."
        ),
        metavar="[KEY=VALUE]...",
    ),
]

tenant_app = typer.Typer(cls=Verbs, help=t("Who buys: tenants, their plans and limits."), no_args_is_help=True)
key_app = typer.Typer(cls=Verbs, help=t("Keys of tenants and of the admin side."), no_args_is_help=True)
audit_app = typer.Typer(cls=Verbs, help=t("Who did what: the log that cannot be changed unseen."), no_args_is_help=True)
_tenant = partial(tenant_app.command, cls=Verb)
_key = partial(key_app.command, cls=Verb)
_audit = partial(audit_app.command, cls=Verb)


@_tenant("create", help=t("Create a tenant; its id goes to standard output."))
def _create_tenant(
    name: Annotated[str, typer.Argument(help=t("A name for people."), metavar="NAME")],
    settings: Settings = None,
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.tenant import create

    create(folder, name, settings or [], as_json=as_json)


@_tenant("list", help=t("All tenants."))
def _list_tenants(folder: In = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.tenant import list_tenants

    list_tenants(folder, as_json=as_json)


@_tenant("show", help=t("All that is known of a tenant."))
def _show_tenant(tenant: TenantId, folder: In = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.tenant import show

    show(folder, tenant, as_json=as_json)


@_tenant("set", help=t("Change a tenant: what is given changes, the rest stays."))
def _set_tenant(tenant: TenantId, settings: Settings = None, folder: In = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.tenant import change

    change(folder, tenant, settings or [], as_json=as_json)


@_tenant("suspend", help=t("Refuse a tenant from now on; it still sees its page and its invoices."))
def _suspend_tenant(
    tenant: TenantId,
    reason: Annotated[str, typer.Option(help=t("Why, as one word in small letters."))] = "operator",
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.tenant import suspend

    suspend(folder, tenant, reason, as_json=as_json)


@_tenant("resume", help=t("Let a tenant in again."))
def _resume_tenant(tenant: TenantId, folder: In = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.tenant import resume

    resume(folder, tenant, as_json=as_json)


@_key("create", help=t("Create a key; its secret goes to standard output, this once."))
def _create_key(  # noqa: PLR0913 - as many parameters as the verb has options
    tenant: Annotated[str | None, typer.Option(help=t("Whose key it is; the only tenant's by default."))] = None,
    role: Annotated[
        str | None, typer.Option(help=t("For a key of the admin side: owner, operator, viewer, annotator or agent."))
    ] = None,
    scopes: Annotated[
        str | None,
        typer.Option(
            help=t("What it may do: classify,generate,embed,rerank,batch,data,feedback,account; all but the last.")
        ),
    ] = None,
    models: Annotated[str | None, typer.Option(help=t("The models it may ask, such as a,b; all by default."))] = None,
    expires: Annotated[
        str | None, typer.Option(help=t("How long it is valid, such as 90d or 24h; for ever by default."))
    ] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(help=t("Web pages that may use it, such as https://example.com; may be given several times.")),
    ] = None,
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.key import Wishes, create

    asked = Wishes(tenant=tenant, role=role, scopes=scopes, models=models, expires=expires, origins=tuple(origin or ()))
    create(folder, asked, as_json=as_json)


@_key("list", help=t("Keys, without their secrets."))
def _list_keys(
    tenant: Annotated[
        str | None, typer.Option(help=t("Whose; admin stands for the admin side; all by default."))
    ] = None,
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.key import list_keys

    list_keys(folder, tenant, as_json=as_json)


@_key("rotate", help=t("Give a key a new secret; the old one stays valid for a while."))
def _rotate_key(
    key: KeyId,
    grace: Annotated[str, typer.Option(help=t("How long the old secret stays valid, such as 24h or 0."))] = "24h",
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.key import rotate

    rotate(folder, key, grace, as_json=as_json)


@_key("revoke", help=t("End a key; servers that run refuse it within a second."))
def _revoke_key(key: KeyId, folder: In = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.key import revoke

    revoke(folder, key, as_json=as_json)


@_audit("list", help=t("Entries of the audit log, oldest first."))
def _list_entries(
    about: Annotated[str | None, typer.Option(help=t("Only those about this id, or by it."))] = None,
    after: Annotated[int, typer.Option(help=t("Only those behind this number."), min=0)] = 0,
    limit: Annotated[int, typer.Option(help=t("As many as this."), min=1)] = 1000,
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.audit import list_entries

    list_entries(folder, about, after, limit, as_json=as_json)


@_audit("verify", help=t("Prove that no entry was changed, removed or reordered, and print the head."))
def _verify(
    head: Annotated[str | None, typer.Option(help=t("A head printed before, which must still stand."))] = None,
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.audit import verify

    verify(folder, head, as_json=as_json)
