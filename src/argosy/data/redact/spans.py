"""What redaction finds, and the words beside a number that tell what it is."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Characters ``start`` to ``end`` (excluded) of a text, and the kind of personal data they hold."""

    start: int
    end: int
    kind: str


class Certainty(IntEnum):
    """Which of two overlapping finds is kept."""

    CUED = 1  # only the words beside it tell what it is
    SHAPED = 2  # its form tells
    CHECKED = 3  # check digits, or a form that nothing else has
    SECRET = 4  # lets one in: no other find may cut it in two


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """A span with its certainty."""

    span: Span
    certainty: Certainty


Detect = Callable[[str], Iterator[Find]]
Recognise = Callable[[str], Iterable[Span]]
"""Finds names and addresses in a text; whatever recogniser stands behind it."""

# A number straight behind one of these is an order, a parcel, a price, …
# (ASCII flags throughout: only so does \b stand between 是 and "ssn".)
_NO_PERSON = re.compile(
    r"(?:订单|单号|运单|流水|编号|货号|型号|序列|批次|合同|发票|凭证|条码|条形码|商品|版本|时间戳|金额|总价|价格|合计|余额"
    r"|\b(?:order|tracking|invoice|serial|ref|reference|sku|isbn|ean|upc|uid|transaction|txn|ticket|parcel|shipment"
    r"|amount|total|timestamp|case|model|part|batch|lot))"
    r"(?:[ _]?(?:编?号码?|numbers?\b|no\b\.?|nr\b\.?|id\b|code\b))?(?: ?(?:is|was|of|是|为))?[\s:#(=]{0,3}\Z",
    re.IGNORECASE | re.ASCII,
)
_CURRENCY = re.compile(r"(?:[¥$€£]|\b(?:RMB|USD|CNY|EUR)) ?\Z", re.IGNORECASE | re.ASCII)
_UNIT = re.compile(
    r"\.[0-9]| ?(?:[元块万亿円¥€£%]|美元|人民币|(?:RMB|USD|CNY|EUR|dollars?|yuan)\b)", re.IGNORECASE | re.ASCII
)
_BEFORE, _AFTER = 40, 24


def found(kind: str, start: int, end: int, certainty: Certainty) -> Find:
    """A find of ``kind``."""
    return Find(span=Span(start=start, end=end, kind=kind), certainty=certainty)


def is_cued(text: str, start: int, end: int, cue: re.Pattern[str]) -> bool:
    """Whether ``cue`` stands shortly before or behind the characters ``start`` to ``end``."""
    before = text[max(0, start - _BEFORE) : start]
    return bool(cue.search(before) or cue.search(text, end, end + _AFTER))


def is_numbered(text: str, start: int) -> bool:
    """Whether the words straight before ``start`` announce the number of a thing, not of a person."""
    return bool(_NO_PERSON.search(text[max(0, start - _BEFORE) : start]))


def is_amount(text: str, start: int, end: int) -> bool:
    """Whether a currency, a unit or decimals make an amount of the digits ``start`` to ``end``."""
    return bool(_UNIT.match(text, end) or _CURRENCY.search(text[max(0, start - 5) : start]))
