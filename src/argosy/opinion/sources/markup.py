"""HTML to text: what a browser shows, a line for each block."""

from argosy.data.documents.web import html_blocks
from argosy.opinion.sources.packages import package


def shown(markup: str) -> str:
    """The text of a part of a page; empty where it shows none.

    Needs the extra ``opinion``.
    """
    package("lxml.html")
    return "\n".join(text for block in html_blocks(markup) if (text := block.text.strip()))
