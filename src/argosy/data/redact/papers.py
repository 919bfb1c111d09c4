"""Passports and licence plates: no check digits, so that mostly the words beside them decide."""

import re
from collections.abc import Iterator

from argosy.data.redact.spans import Certainty, Find, found, is_cued

_PASSPORT = re.compile(r"(?<![0-9A-Z])(?:[A-Z]{1,2}[ -]?[0-9]{7,8}|[0-9]{9})(?![0-9A-Z])", re.IGNORECASE | re.ASCII)
_PASSPORT_CUE = re.compile(r"护照|通行证|台胞证|\bpassport|\btravel document", re.IGNORECASE | re.ASCII)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(
    rf"[{_PROVINCES}][A-Z][ ·•.-]?"
    r"(?P<rest>[0-9A-Z]{6}(?![0-9A-Z])|[0-9A-Z]{5}(?![0-9A-Z])|[0-9A-Z]{4}[挂学警港澳])"
    r"|使[0-9]{6}(?![0-9])|[0-9]{6}使|(?<![0-9A-Z])WJ[ ·•.-]?["
    + _PROVINCES
    + r"]?[ ·•.-]?[0-9]{4}[0-9A-Z](?![0-9A-Z])",
    re.IGNORECASE | re.ASCII,
)
_FEWEST_DIGITS = 3  # a Chinese plate has at most two letters in its last five places, new energy ones three in six
_FOREIGN_PLATE = re.compile(
    r"(?:车牌|牌照|\b(?:licen[cs]e|registration|number|car) ?plates?\b|\bplates?(?= (?:number|no|is|reads?)\b))"
    r"(?: ?(?:号码?|numbers?\b|no\b\.?|is\b|was\b|reads?\b|[是为:#])){0,3} ?"
    r"((?=[0-9A-Z ·•-]{0,7}[0-9])[0-9A-Z]{1,4}[ ·•-]?[0-9A-Z]{1,4}(?:[ ·•-]?[0-9A-Z]{1,4})?)(?![0-9A-Z-])",
    re.IGNORECASE | re.ASCII,
)


def passports(text: str) -> Iterator[Find]:
    """Passport numbers of China (letters and seven or eight digits) and the US (nine places), beside a cue."""
    if _PASSPORT_CUE.search(text):
        for match in _PASSPORT.finditer(text):
            if is_cued(text, *match.span(), _PASSPORT_CUE):
                yield found("passport", *match.span(), Certainty.SHAPED)


def plates(text: str) -> Iterator[Find]:
    """Chinese licence plates, new energy ones included; others only straight behind a cue."""
    for match in _PLATE.finditer(text):
        if match["rest"] is None or sum(map(str.isdigit, match["rest"])) >= _FEWEST_DIGITS:
            yield found("plate", *match.span(), Certainty.SHAPED)
    for match in _FOREIGN_PLATE.finditer(text):
        yield found("plate", *match.span(1), Certainty.CUED)
