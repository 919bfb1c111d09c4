"""Markdown (CommonMark with tables) as blocks, by way of the page that it stands for."""

import re

from argosy.data.documents.blocks import Block
from argosy.data.documents.packages import package
from argosy.data.documents.web import html_blocks

_FRONT = re.compile(r"---[ \t]*\n(?P<told>.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^title:[ \t]*[\"']?(?P<title>.+?)[\"']?[ \t]*$", re.MULTILINE)


def markdown_blocks(text: str) -> tuple[str, list[Block]]:
    """The title that the lines before the text tell (empty: none), and the blocks."""
    front = _FRONT.match(text)
    title = _TITLE.search(front["told"]) if front else None
    page = (
        package("markdown_it").MarkdownIt("commonmark").enable("table").render(text[front.end() :] if front else text)
    )
    return title["title"] if title else "", list(html_blocks(page))
