"""The brief of a day as a page of one file, and as a PDF."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from argosy.core.errors import MissingError
from argosy.core.language import translator
from argosy.serve.billing.forms import pdf_of
from argosy.serve.errors import RequestError
from argosy.serve.pages.opinion import percent, points
from argosy.serve.pages.words import word
from argosy.web.page import environment

_FOLDER = Path(__file__).with_name("templates")


def page(record: Mapping[str, Any], language: str) -> str:
    """The page of a record as ``Opined.brief`` gives it; it loads nothing and can be sent by mail."""
    t = translator(language)
    words = {
        "record": record,
        "percent": percent,
        "points": points,
        "count": lambda number: f"{number:,}",
        "word": lambda kind, name: word(t, kind, name),
        "topic_name": lambda name: t("other topics") if name == "other" else name,
    }
    return environment(_FOLDER, language).get_template("opinion_paper.html").render(words)


def pdf(record: Mapping[str, Any], language: str) -> bytes:
    """The same on A4; raises RequestError where what makes it is not installed."""
    try:
        return pdf_of(page(record, language))
    except MissingError as error:
        raise RequestError(
            "A PDF cannot be made here: {part} is not installed.",
            code="not_found",
            mend="Print the page instead, or: pip install 'argosy[pdf]'",
            part=error.values["part"],
        ) from error
