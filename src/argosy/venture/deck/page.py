"""A business plan as one page for paper, of which a PDF is made; its marks are links to the last table."""

from base64 import b64encode
from pathlib import Path
from typing import Any

from argosy.venture.deck import tables
from argosy.venture.deck.chapters import chapters
from argosy.venture.deck.charts import Chart, picture
from argosy.venture.deck.cited import Marks, Table, Text, plain
from argosy.venture.deck.story import Story, Translate
from argosy.venture.deck.teller import Teller
from argosy.web.page import environment

_TEMPLATES = Path(__file__).with_name("templates")


def page(story: Story, t: Translate = str, language: str = "en") -> str:
    """The plan in one language, as a file that needs nothing else; raises MissingError without Matplotlib."""
    teller, marks = Teller(story=story, t=t), Marks()
    told = [
        {"title": chapter.title, "blocks": [_block(block, marks) for block in chapter.blocks]}
        for chapter in chapters(teller)
    ]
    listed = tables.sources(teller, marks.facts)
    template = environment(_TEMPLATES, language, t).get_template("plan.html")
    last = story.label(len(story.model.periods) - 1)
    return template.render(
        name=story.name,
        span=f"{story.label(0)} – {last} · {story.parts.currency}",
        chapters=told,
        heads=listed.heads,
        rows=[[plain(cell) for cell in row] for row in listed.rows],
    )


def _block(block: Text | Table | Chart, marks: Marks) -> dict[str, Any]:
    if isinstance(block, Table):
        rows = [[_pieces(cell, marks) for cell in row] for row in block.rows]
        return {"kind": "table", "table": block, "rows": rows}
    if isinstance(block, Chart):
        told = _pieces(block.told, marks)
        return {"kind": "chart", "told": told, "alt": plain(block.told), "png": b64encode(picture(block)).decode()}
    return {"kind": "text", "told": _pieces(block, marks)}


def _pieces(text: Text, marks: Marks) -> list[tuple[str, int | None]]:
    """Words, each with the number of its mark."""
    return [(one, None) if isinstance(one, str) else (one.text, marks.number(one.fact)) for one in text]
