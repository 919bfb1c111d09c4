"""The words of ``argosy invoice``, ``argosy plan``, ``argosy wallet`` and ``argosy usage``."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

In = Annotated[Path, typer.Option("--in", help=t("The project's folder."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]
Number = Annotated[str, typer.Argument(help=t("The invoice's number."), metavar="NUMBER")]
Tenant = Annotated[str | None, typer.Option(help=t("One tenant's; all by default."))]
Month = Annotated[str | None, typer.Option(help=t("The billing month, such as 2026-11."))]
TenantId = Annotated[str, typer.Argument(help=t("The tenant's id."), metavar="TENANT")]
Form = Annotated[str, typer.Option("--format", help=t("html, pdf, csv, json, or fapiao: JSON for its provider."))]
Language = Annotated[str | None, typer.Option(help=t("Language of the invoice: en or zh; the messages' by default."))]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", help=t("The folder to write to; .argosy/invoices by default."))
]

invoice_app = typer.Typer(cls=Verbs, help=t("Draw up a month's invoices, and what becomes of them."))
plan_app = typer.Typer(
    cls=Verbs, help=t("What the venture of venture.toml comes to, month by month; and the plans that tenants pay by.")
)
wallet_app = typer.Typer(cls=Verbs, help=t("What tenants have paid in before they use it."), no_args_is_help=True)
usage_app = typer.Typer(cls=Verbs, help=t("What was used."), no_args_is_help=True)
_invoice = partial(invoice_app.command, cls=Verb)


@invoice_app.callback(invoke_without_command=True)
def _draw(  # noqa: PLR0913 - as many parameters as the verb has options
    context: typer.Context,
    *,
    month: Month = None,
    tenant: Tenant = None,
    form: Form = "html",
    language: Language = None,
    draft: Annotated[bool, typer.Option("--draft", help=t("Only look: close nothing, give no number."))] = False,
    out: Out = None,
    folder: In = Path(),
    as_json: Json = False,
) -> None:
    if context.invoked_subcommand is not None:
        return
    from argosy.ui.verbs.invoice import Wishes, draw

    wishes = Wishes(form=form, language=language, out=out)
    draw(folder, month, tenant, wishes, draft=draft, as_json=as_json)


@_invoice("list", help=t("Invoices with their states."))
def _list(tenant: Tenant = None, month: Month = None, folder: In = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.invoice import list_invoices

    list_invoices(folder, tenant, month, as_json=as_json)


@_invoice("show", help=t("Draw an invoice again from the ledger, compare it with what was kept, and write it."))
def _show(
    number: Number,
    form: Form = "html",
    language: Language = None,
    out: Out = None,
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.invoice import Wishes, show

    show(folder, number, Wishes(form=form, language=language, out=out), as_json=as_json)


@_invoice("send", help=t("Send an invoice: a letter in the outbox, and by mail where a server is named."))
def _send(number: Number, folder: In = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.invoice import send_one

    send_one(folder, number, as_json=as_json)


@_invoice("paid", help=t("Note that an invoice is paid; a tenant suspended for it is let in again."))
def _paid(number: Number, folder: In = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.invoice import paid

    paid(folder, number, as_json=as_json)


@_invoice("void", help=t("Take back an invoice that is not paid."))
def _void(number: Number, folder: In = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.invoice import void

    void(folder, number, as_json=as_json)


@_invoice("credit", help=t("Write a credit note on an invoice that was sent."))
def _credit(
    number: Number,
    reason: Annotated[str, typer.Option(help=t("Why, as the credit note says it."))],
    amount: Annotated[
        str | None, typer.Option(help=t("How much, tax included, such as 10.00; all that is left by default."))
    ] = None,
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.invoice import credit

    credit(folder, number, amount, reason, as_json=as_json)


@_invoice("remind", help=t("Do what is due today: remind, and suspend those who do not pay. Again: nothing."))
def _remind(folder: In = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.invoice import remind_all

    remind_all(folder, as_json=as_json)


@plan_app.callback(invoke_without_command=True)
def _study(
    context: typer.Context,
    *,
    figures: Annotated[bool, typer.Option("--figures", help=t("List the figures with their origins."))] = False,
    lines: Annotated[bool, typer.Option("--lines", help=t("List every line, by year."))] = False,
    team: Annotated[bool, typer.Option("--team", help=t("Show the people, their pay, and missing skills."))] = False,
    cohorts: Annotated[
        bool, typer.Option("--cohorts", help=t("Show customers and MRR by the month in which they came."))
    ] = False,
    folder: In = Path(),
    as_json: Json = False,
) -> None:
    if context.invoked_subcommand is not None:
        return
    if cohorts:
        from argosy.ui.verbs.venturing.cohorts import show as show_cohorts

        show_cohorts(folder, as_json=as_json)
        return
    from argosy.ui.verbs.venturing.plan import show

    show(folder, figures=figures, lines=lines, team=team, as_json=as_json)


@plan_app.command("new", cls=Verb, help=t("Write an example venture.toml, to be filled with your own figures."))
def _new_plan(
    folder: Annotated[Path, typer.Argument(help=t("The folder to write to."), metavar="DIR")] = Path(),
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.venturing.plan import new

    new(folder, as_json=as_json)


@plan_app.command("workbook", cls=Verb, help=t("Write the plan as an XLSX workbook of live formulas."))
def _workbook(
    out: Annotated[Path, typer.Argument(help=t("The file to write, such as plan.xlsx."), metavar="OUT")],
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.venturing.plan import workbook

    workbook(folder, out, as_json=as_json)


@plan_app.command(
    "unsure",
    cls=Verb,
    help=t("Draw the figures that are not certain: what the plan rests on, and what to measure next."),
)
def _unsure(folder: In = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.venturing.unsure import show

    show(folder, as_json=as_json)


@plan_app.command("risks", cls=Verb, help=t("What may go wrong, what it takes, and which mitigations pay."))
def _risks(folder: In = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.venturing.risks import show

    show(folder, as_json=as_json)


@plan_app.command(
    "board", cls=Verb, help=t("The live ledger's key figures beside the plan: tenants, retention, cohorts, margins.")
)
def _board(
    folder: In = Path(),
    *,
    page: Annotated[Path | None, typer.Option("--html", help=t("Write a page of one file."), metavar="FILE")] = None,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.venturing.board import show

    show(folder, page, as_json=as_json)


@plan_app.command("list", cls=Verb, help=t("The plans that are offered, with their versions."))
def _plans(folder: In = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.plan import list_plans

    list_plans(folder, as_json=as_json)


@plan_app.command("set", cls=Verb, help=t("Give a tenant a plan: for all to have, or with --own a price of its own."))
def _set_plan(
    tenant: TenantId,
    plan: Annotated[str, typer.Argument(help=t("A plan's name, or the id of a version."), metavar="PLAN")],
    folder: In = Path(),
    *,
    own: Annotated[bool, typer.Option("--own", help=t("Leave its plan, and charge it by this one."))] = False,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.plan import set_plan

    set_plan(folder, tenant, plan, own=own, as_json=as_json)


@wallet_app.command("add", cls=Verb, help=t("Note what a tenant has paid in; below zero, what it was given back."))
def _add(
    tenant: TenantId,
    amount: Annotated[str, typer.Argument(help=t("How much, such as 100.00."), metavar="AMOUNT")],
    reference: Annotated[str, typer.Option(help=t("What names the payment; the same again adds nothing."))],
    reason: Annotated[str, typer.Option(help=t("Why."))] = "paid in",
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.plan import add_to_wallet

    add_to_wallet(folder, tenant, amount, reference, reason, as_json=as_json)


@wallet_app.command("show", cls=Verb, help=t("What is in a tenant's wallets."))
def _wallet(tenant: TenantId, folder: In = Path(), *, as_json: Json = False) -> None:
    from argosy.ui.verbs.plan import show_wallet

    show_wallet(folder, tenant, as_json=as_json)


@usage_app.command("export", cls=Verb, help=t("A month's usage events on standard output, for another billing system."))
def _export(
    month: Annotated[str, typer.Option(help=t("The billing month, such as 2026-11."))],
    form: Annotated[str, typer.Option("--format", help=t("stripe, openmeter, lago or csv."))] = "csv",
    tenant: Tenant = None,
    folder: In = Path(),
) -> None:
    from argosy.ui.verbs.plan import export_usage

    export_usage(folder, month, form, tenant)
