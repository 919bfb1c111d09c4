"""A page of the service: what every template of this room may say, in the language of who reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from argosy.core.language import translator
from argosy.serve.billing import money
from argosy.serve.errors import RequestError
from argosy.serve.pages import words
from argosy.web.answers import answer, reader_of

_FOLDER = Path(__file__).with_name("templates")
_SECOND = 1_000_000  # microseconds
_LAST = 8  # letters of an id by which people tell it from others
translate = cache(translator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a form, told on the page that it stands on; ``param`` names the field at fault."""

    message: str
    mend: str = ""
    param: str | None = None

    @classmethod
    def of(cls, error: RequestError, language: str) -> "Problem":
        """A refusal in the reader's words."""
        t = translate(language)
        return cls(
            message=t(error.message).format(**error.values),
            mend=t(error.mend).format(**error.values),
            param=error.param,
        )


def show(
    request: Request, name: str, zone: str, values: Mapping[str, Any], status: int = 200, address: str = ""
) -> Response:
    """The page ``name``; its times are told by the clock of ``zone``.

    ``address`` is where it is, for links of an answer to a form, at whose own address there is nothing to look at; the
    ``home`` among the ``values`` where it is left out.
    """
    reader = reader_of(request, "" if request.method == "GET" else address or values["home"])
    told = {
        "request_path": request.url.path,
        "form": "",
        "problem": None,
        "linked": linked(request, reader.language),
        **_vocabulary(reader.language, zone),
        **values,
    }
    return answer(_FOLDER, name, reader, told, status=status)


def linked(request: Request, language: str) -> list[tuple[str, str]]:
    """The pages that tell of the model, for links to them: (path, title) each."""
    return [(page["path"], page["title"][language]) for page in request.app.state.pages]


def language_of(request: Request) -> str:
    """The language that a page or a document is asked in."""
    return reader_of(request).language


def _vocabulary(language: str, zone: str) -> dict[str, Callable[..., Any]]:
    """How money, counts, times and stable words are said."""
    t = translate(language)

    def at(when: int, form: str) -> str:
        return datetime.fromtimestamp(when / _SECOND, ZoneInfo(zone)).strftime(form)

    return {
        "money": lambda amount, currency: money.show(amount, currency, language),
        "count": lambda number: t("no limit") if number is None else f"{number:,}",
        "day": lambda when: at(when, "%Y-%m-%d"),
        "moment": lambda when: at(when, "%Y-%m-%d %H:%M:%S"),
        "short": lambda id_: f"…{id_[-_LAST:]}" if len(id_) > _LAST else id_,
        "plan_name": lambda plan: plan.partition(":")[0],  # its version is a digest
        "plain": money.plain,
        "named": lambda kind, names: [(name, words.word(t, kind, name)) for name in names],
        "pairs": lambda names: [(name, name) for name in names],
        "word": lambda kind, name: words.word(t, kind, name),
    }
