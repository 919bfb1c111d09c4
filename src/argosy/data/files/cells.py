"""Texts of other people in the cells of a table that somebody opens in a spreadsheet: they never become formulas."""

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def harmless(cell: str) -> str:
    """The text with an apostrophe before it where it would begin a formula.

    >>> harmless("=1+1"), harmless("1+1")
    ("'=1+1", '1+1')
    """
    return f"'{cell}" if cell.startswith(_BEGINS_FORMULA) else cell


def plain(cell: str | None) -> str:
    """What a cell says, without the apostrophe of ``harmless``; empty for an empty one.

    >>> plain(" '=1+1 "), plain(None), plain("'tis")
    ('=1+1', '', "'tis")
    """
    text = (cell or "").strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_BEGINS_FORMULA) else text
