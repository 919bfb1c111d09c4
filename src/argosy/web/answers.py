"""What is sent to a browser: a page as its reader likes it, and the files that it loads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from argosy.core.language import LANGUAGES, from_locale
from argosy.web import assets, cookies, policy
from argosy.web.page import TAGS, environment

THEMES = ("", "light", "dark")
_CHOICES = {"lang": ("argosy-lang", LANGUAGES), "theme": ("argosy-theme", THEMES)}  # in the address: cookie, values
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How a request's reader likes pages: a language, and a theme (empty: as the system has it).

    ``address`` is the path with its query, for links to the same page in another way; ``chosen`` names what was just
    chosen there, which the browser is asked to keep.
    """

    language: str
    theme: str = ""
    address: str = "/"
    chosen: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The address without its query."""
        return self.address.partition("?")[0]

    def like(self, **chosen: str) -> str:
        """The address of the same page with another language or theme."""
        query = self.address.partition("?")[2]
        kept = [part for part in query.split("&") if part and part.partition("=")[0] not in chosen]
        return f"{self.path}?{'&'.join([*kept, *(f'{name}={value}' for name, value in chosen.items())])}"


def reader_of(request: Request, address: str = "") -> Reader:
    """Who reads: by ``?lang=`` and ``?theme=``, else by what was chosen before, else by the browser's settings.

    ``address`` is that of the page where it is not the request's own, as in the answer to a form.
    """
    query = request.url.query
    language = _liked(request, "lang") or from_locale(request.headers.get("accept-language"))
    return Reader(
        language=language,
        theme=_liked(request, "theme"),
        address=address or request.url.path + (f"?{query}" if query else ""),
        chosen=tuple(name for name in _CHOICES if name in request.query_params),
    )


def _liked(request: Request, name: str) -> str:
    """What is asked for in the address, else what was chosen before; empty where that is nothing known."""
    cookie, known = _CHOICES[name]
    value = request.query_params.get(name, request.cookies.get(cookie, ""))
    return value if value in known else ""


def answer(
    folder: Path,
    name: str,
    reader: Reader,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    scripts: Sequence[str] = (),
) -> HTMLResponse:
    """The page made from the template ``name`` of a room's ``folder``, with the headers that every page has.

    ``scripts`` are those inside the page, which its policy allows besides the files that it loads.
    """
    page = environment(folder, reader.language).get_template(name).render({"reader": reader, **values})
    head = policy.headers(policy.content_policy(scripts=scripts), TAGS[reader.language])
    response = HTMLResponse(page, status_code=status, headers=head)
    for choice in reader.chosen:
        cookies.keep(response, _CHOICES[choice][0], {"lang": reader.language, "theme": reader.theme}[choice])
    return response


def router() -> APIRouter:
    """The route of the files that pages load."""
    routes = APIRouter(prefix=assets.PREFIX, include_in_schema=False)

    @routes.get("/{name}")
    async def file(request: Request, name: str, v: str = "") -> Response:
        try:
            found = assets.asset(name)
        except KeyError:
            return Response(status_code=404)
        packed = "gzip" in request.headers.get("accept-encoding", "")
        head = {
            "cache-control": _FOREVER if v == found.digest else "no-cache",
            "x-content-type-options": "nosniff",
            "vary": "accept-encoding",
        }
        if packed:
            head["content-encoding"] = "gzip"
        return Response(found.packed if packed else found.body, media_type=found.kind, headers=head)

    return routes
