"""What the operator's pages are made from, and how each is shown to who is signed in."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from argosy.serve.errors import RequestError
from argosy.serve.gate.keys import Books
from argosy.serve.gate.office import look
from argosy.serve.gate.roles import ROLES, Permission
from argosy.serve.pages.operator import Told
from argosy.serve.pages.shown import Problem, language_of, show
from argosy.serve.releases.controls import Controls
from argosy.serve.routes.signed import Side, Visitor
from argosy.serve.service import Service

_ASKED = 200  # characters of a search
_NO_MORE: Told = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the operator's pages are made from."""

    service: Service
    side: Side
    controls: Controls | None
    views: Mapping[str, "View"]

    @property
    def books(self) -> Books:
        """The books."""
        return self.side.books

    def may(self, visitor: Visitor, permission: Permission) -> bool:
        """Whether the visitor's role has the permission."""
        return permission in ROLES[visitor.caller.key.role or "viewer"]

    def first_of(self, visitor: Visitor) -> str:
        """Where the first page is that the visitor may see."""
        return next((view.path for view in self.views.values() if self.may(visitor, view.permission)), "")

    async def page(
        self,
        request: Request,
        visitor: Visitor,
        name: str,
        about: str = "",
        *,
        more: Told = _NO_MORE,
        status: int = HTTPStatus.OK,
    ) -> Response:
        """The page ``name``, of the thing that it is ``about``, with ``more`` of what was just done."""
        told = await look(self.views[name].tell, self, request, about)
        values = {
            "home": self.side.home,
            "form": visitor.form,
            "here": name,
            "caller": visitor.caller,
            "may": lambda permission: self.may(visitor, permission),
            "seen": {name for name, view in self.views.items() if self.may(visitor, view.permission)},
            "mine": visitor.caller.key.id,
            "issued": None,
            "grace": None,
            "done": "done" in request.query_params,
        }
        address = self.side.home + self.views[name].path.format(about=quote(about))
        told = {**values, **told, **more}
        return show(request, f"operator_{name}.html", self.books.zone, told, status, address)

    async def tried(
        self, request: Request, visitor: Visitor, deed: Awaitable[Response], name: str, about: str = ""
    ) -> Response:
        """What comes of a form, or the page that it stands on with what is wrong with it."""
        try:
            return await deed
        except RequestError as error:
            if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
                raise
            problem = Problem.of(error, language_of(request))
            return await self.page(request, visitor, name, about, more={"problem": problem}, status=error.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A page: where it is, who may see it, and what it tells of the thing that it is about.

    A ``personal`` one is about who looks at it: the id of the visitor's key. ``same`` tells of one that follows by
    itself whether the browser shows already what there is.
    """

    path: str
    permission: Permission
    tell: Callable[[Desk, Request, str], Told]
    personal: bool = False
    same: Callable[[Desk, Request], bool] | None = None


def text_of(request: Request, name: str) -> str:
    """A value of the address, such as what is searched for."""
    return request.query_params.get(name, "").strip()[:_ASKED]
