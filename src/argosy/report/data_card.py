"""The data card, ``DATA.md`` beside the model card: what the rows are, and what was done to them."""

from collections.abc import Mapping
from typing import Any

from argosy.report import findings, ladder, numbers, words
from argosy.report.markdown import ENVIRONMENT

NAME = "DATA.md"


def render(results: Mapping[str, Any]) -> str:
    """The card in English with a summary in Chinese, for any record of results."""
    return ENVIRONMENT.get_template("data_card.md.j2").render(
        r=results, d=results["data"], t=str, findings=findings, ladder=ladder, numbers=numbers, words=words
    )
