"""A page that shows every part of every page, and a form that answers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response

from argosy.web import cookies, policy
from argosy.web.answers import answer, reader_of, router
from argosy.web.charts import ladder, plot
from argosy.web.charts.axis import counted, even
from argosy.web.charts.chart import Caption, Chart

FOLDER = Path(__file__).with_name("web") / "gallery"
SESSION = "gallery"
NAMES = (
    "深蓝书店有限公司",
    "Blue Harbour Books",
    "云上咖啡",
    "A name that is as long as names of firms can be, Ltd.",
    "Ada",
)
ROWS = [[name, "ok", f"{1000 * at:,}", f"¥ {10 * at:.2f}"] for at, name in enumerate(NAMES, 1)]


def gallery() -> FastAPI:
    """The app."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(router())

    @app.get("/")
    async def show(request: Request, q: str = "") -> Response:
        return _page(request, {"q": q, "rows": [row for row in ROWS if q.lower() in row[0].lower()]})

    @app.post("/form")
    async def form(request: Request) -> Response:
        fields = await request.form()
        session = cookies.session_of(request, SESSION)
        if not policy.is_own_form(session, str(fields.get(policy.FORM_FIELD, "")), request.headers):
            return HTMLResponse("", status_code=403)
        return _page(request, {"answered": f"<b>{fields.get('name')}</b>"})

    @app.post("/open")
    async def enter(request: Request) -> Response:
        response = Response()
        cookies.open_session(request, response, SESSION, "token")
        return response

    return app


def _page(request: Request, more: Mapping[str, Any]) -> HTMLResponse:
    token = policy.form_token(cookies.session_of(request, SESSION))
    values = {"token": token, "form": token, "q": "", "rows": ROWS, "answered": "", "before": "", "after": "/?page=2"}
    return answer(FOLDER, "gallery.html", reader_of(request, "/"), {**values, "charts_shown": _charts(), **more})


def _charts() -> list[Chart]:
    days = [(f"{day}.", float(3 + day % 5)) for day in range(1, 8)]
    rows = counted("rows", 8, "{:g}".format)
    points = tuple(plot.Point(x=x, y=0.9 - 0.4 / x, low=0.86 - 0.4 / x, high=0.94 - 0.4 / x) for x in range(1, 9))
    line = plot.Series(name="F1", points=points, forms=("band", "line", "dots"))
    reaches = [
        ladder.Reach(name="version 13", value=0.861, low=0.85, high=0.872, told="0.861"),
        ladder.Reach(name="version 14", value=0.874, low=0.864, high=0.885, told="0.874", main=True),
    ]
    return [
        plot.bars(
            Caption(name="days", title="Texts a day", told="A quiet week."),
            "day",
            even("texts", [0, 8], "{:g}".format),
            days,
        ),
        plot.plot(
            Caption(name="learning", title="More rows", told="It still rises."), rows, even("F1", [0, 1], str), [line]
        ),
        ladder.intervals(Caption(name="versions", title="Two versions"), even("F1", [0.84, 0.9], str), reaches),
    ]
