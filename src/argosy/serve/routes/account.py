"""``/v1/account``: a tenant's own usage, limits, keys and invoices, for its keys with the scope ``account``."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel

from argosy.core.tenant import Paper
from argosy.serve.gate import office
from argosy.serve.gate.keys import Books
from argosy.serve.gate.office import look
from argosy.serve.pages.shown import language_of
from argosy.serve.routes.admin import Id, Keys, body_of, read
from argosy.serve.service import Service
from argosy.serve.wire import told, wishes

Form = Literal["html", "pdf", "csv", "json"]
InvoiceId = Annotated[str, Path(pattern=r"^[\w-]{1,64}$")]


class InvoiceList(BaseModel):
    """Invoices, the newest first."""

    object: Literal["list"] = "list"
    data: list[told.InvoiceTold]


def router(service: Service, books: Books) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/v1/account", tags=["account"])
    _looks(routes, service, books)
    _keys(routes, service, books)
    return routes


def download(paper: Paper) -> Response:
    """A document as an attachment, which no page can run."""
    headers = {
        "content-disposition": f'attachment; filename="{paper.name}"',
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    return Response(paper.body, media_type=paper.media_type, headers=headers)


def _looks(routes: APIRouter, service: Service, books: Books) -> None:
    @routes.get("")
    async def show(request: Request) -> told.AccountTold:
        """The account: its plan, its limits, and whether it is suspended."""
        caller = await service.admission.enter(request, "account")
        return told.own_told(await look(books.accounts.tenant, caller.account.tenant))

    @routes.get("/usage")
    async def usage(request: Request) -> told.StandingTold:
        """What was used this month, and what is left."""
        account = (await service.admission.enter(request, "account")).account
        standing = await look(books.standings.standing, account)
        return told.standing_told(account.tenant, account.currency, standing)

    @routes.get("/invoices")
    async def invoices(request: Request) -> InvoiceList:
        """The invoices, the newest first."""
        caller = await service.admission.enter(request, "account")
        heads = await look(books.invoices.of_tenant, caller.account.tenant) if books.invoices else ()
        return InvoiceList(data=[told.invoice_told(head) for head in heads])

    @routes.get("/invoices/{invoice}", response_class=Response)
    async def invoice(request: Request, invoice: InvoiceId, format: Form = "json") -> Response:  # noqa: A002 - the query's word
        """One invoice as a document."""
        caller = await service.admission.enter(request, "account")
        tenant = caller.account.tenant
        return download(await look(office.paper, books, tenant, invoice, format, language_of(request)))


def _keys(routes: APIRouter, service: Service, books: Books) -> None:
    @routes.get("/keys")
    async def keys(request: Request) -> Keys:
        """The account's keys."""
        caller = await service.admission.enter(request, "account")
        known = await look(books.accounts.keys, caller.account.tenant)
        return Keys(data=[told.key_told(key) for key in known])

    @routes.post("/keys", status_code=201, openapi_extra=body_of(wishes.OwnKeyWish))
    async def create_key(request: Request) -> told.IssuedTold:
        """A new key; its secret is in this answer and nowhere else."""
        caller = await service.admission.enter(request, "account")
        wish = await read(service, request, wishes.OwnKeyWish)
        return told.issued_told(await office.create_own_key(books, caller, wish))

    @routes.post("/keys/{key}/rotate", openapi_extra=body_of(wishes.RotateWish))
    async def rotate_key(request: Request, key: Id) -> told.IssuedTold:
        """A new secret for a key; the old one stays valid for the grace."""
        caller = await service.admission.enter(request, "account")
        wish = await read(service, request, wishes.RotateWish)
        return told.issued_told(await office.rotate_own_key(books, caller, key, wish))

    @routes.post("/keys/{key}/revoke")
    async def revoke_key(request: Request, key: Id) -> told.KeyTold:
        """End a key."""
        caller = await service.admission.enter(request, "account")
        return told.key_told(await office.revoke_own_key(books, caller, key))
