"""Pages of the web as blocks: the article that trafilatura finds, or else all that the page shows.

What a browser would not show is taken out first, so that nobody can be made to quote what nobody could read.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

from argosy.data.documents.blocks import Block
from argosy.data.documents.packages import package
from argosy.data.documents.tree import tree_blocks
from argosy.data.files.decode import decode, is_utf8

_UNSHOWN = (
    "script", "style", "noscript", "template", "head", "title", "nav", "footer", "aside", "form", "iframe", "svg",
    "button", "select", "textarea", "object", "audio", "video", "canvas",
)  # fmt: skip
_HIDDEN = re.compile(
    r"display:none|visibility:hidden|(?<![\w-])opacity:0(?:\.0*)?(?:;|$)|font-size:0(?:px|em|rem|pt|%)?(?:;|$)|"
    r"(?<![\w-])color:(?:transparent|white|#fff(?:fff)?|rgb\(255,255,255\))(?:!important)?(?:;|$)"
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_-]{3,20})", re.IGNORECASE)
_DECLARED = 4096  # bytes in which a page declares its encoding
_CODECS = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin1": "cp1252"}  # as browsers read them
_HAN = "\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uff00-\uffef"
_WRAPPED = re.compile(rf"(?<=[{_HAN}])[^\S\n]*\n\s*(?=[{_HAN}])")
_ENOUGH = 0.7  # of the text of <main>, less of which means that trafilatura lost some of it


def page_blocks(markup: str) -> tuple[str, list[Block]]:
    """The title of a page (empty: none) and its blocks; none where it shows no text."""
    tree = _parsed(markup)
    if tree is None:
        return "", []
    title = " ".join((tree.findtext(".//title") or "").split())
    _bare(tree)
    mains = tree.xpath("//main | //*[@role='main']")
    whole = list(tree_blocks(mains[0] if len(mains) == 1 else tree))
    article = _article(tree)
    wanted = _ENOUGH * _size(whole) if len(mains) == 1 else 1
    return title, article if _size(article) >= wanted else whole


def decoded(raw: bytes, name: str) -> str:
    """The text of a page: UTF-8, else in the encoding that it declares, else as any text is decoded."""
    declared = _CHARSET.search(raw[:_DECLARED])
    if declared and not is_utf8(raw):
        with suppress(LookupError, UnicodeDecodeError):
            return raw.decode(_CODECS.get(code := declared[1].decode().lower(), code))
    return decode(raw, name, quoted=False)


def html_blocks(markup: str) -> Iterator[Block]:
    """The blocks of a part of a page, all of them."""
    if (tree := _parsed(markup)) is not None:
        _bare(tree)
        yield from tree_blocks(tree)


def _parsed(markup: str) -> Any | None:
    """The tree of a page; None where it holds no element and no text."""
    html, etree = package("lxml.html"), package("lxml.etree")
    try:
        # Text is given as bytes: lxml refuses text that names an encoding of its own.
        parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        return html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _bare(tree: Any) -> None:
    """Take out what a browser does not show, and what is no text of the page; what follows it stays.

    A line's end between two Chinese characters goes too: it would be read as a space.
    """
    for element in list(tree.iter(*_UNSHOWN)):
        if element.getparent() is not None:
            element.drop_tree()
    for element in list(tree.iterdescendants()):
        style = re.sub(r"\s", "", element.get("style") or "").lower()
        white = _HIDDEN.search(style)
        if white and "color" in white[0] and "background" in style:
            continue
        if white or element.get("hidden") is not None:
            element.drop_tree()
    for element in tree.iter():
        if isinstance(element.tag, str) and not _is_kept(element):
            element.text = _WRAPPED.sub("", element.text or "")
        element.tail = _WRAPPED.sub("", element.tail or "")


def _is_kept(element: Any) -> bool:
    """Whether the lines of its text are its own."""
    return "pre" in (element.tag, getattr(element.getparent(), "tag", ""))


def _article(tree: Any) -> list[Block]:
    """The blocks of what trafilatura takes for the text of the page; none where it finds nothing."""
    logging.getLogger("trafilatura").setLevel(logging.ERROR)  # that it finds nothing is no news
    found = package("trafilatura").bare_extraction(
        deepcopy(tree), include_comments=False, include_tables=True, favor_recall=True
    )
    return [] if found is None or found.body is None else list(tree_blocks(found.body))


def _size(blocks: list[Block]) -> int:
    return sum(len(block.text) for block in blocks)
