"""Explanations as the report shows them: the text in pieces, each as strong as it speaks for or against the answer."""

from collections.abc import Mapping, Sequence
from typing import Any

_SHADES = 4
_LONG = 400  # characters that are shown

Piece = tuple[str, str]
"""A part of the text and its style: ``for1`` to ``for4``, ``against1`` to ``against4``, or nothing."""


def pieces(explanation: Mapping[str, Any]) -> Sequence[Piece]:
    """The text in order, spans with a score between what has none; a long text is cut behind 400 characters."""
    text, at = explanation["text"], 0
    strongest = max((abs(token["score"]) for token in explanation["tokens"]), default=0)
    found: list[Piece] = []
    for token in sorted(explanation["tokens"], key=lambda token: token["start"]):
        if token["start"] < at or token["end"] > _LONG:
            continue
        found += [
            (text[at : token["start"]], ""),
            (text[token["start"] : token["end"]], _style(token["score"], strongest)),
        ]
        at = token["end"]
    found.append((text[at:_LONG] + ("…" if len(text) > _LONG else ""), ""))
    return [piece for piece in found if piece[0]]


def _style(score: float, strongest: float) -> str:
    shade = round(_SHADES * abs(score) / strongest) if strongest else 0
    return f"{'for' if score > 0 else 'against'}{shade}" if shade else ""
