"""Finding personal data in a text."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from types import MappingProxyType

from argosy.core.personal import KINDS
from argosy.data.redact.network import addresses, credentials, emails
from argosy.data.redact.numbers import bank_cards, credit_codes, ibans, resident_ids, social_security
from argosy.data.redact.papers import passports, plates
from argosy.data.redact.phones import phones
from argosy.data.redact.spans import Detect, Find, Recognise, Span
from argosy.data.redact.working import Working

RULES: Mapping[str, Detect] = MappingProxyType(
    {
        "resident_id": resident_ids,
        "phone": phones,
        "bank_card": bank_cards,
        "uscc": credit_codes,
        "passport": passports,
        "plate": plates,
        "email": emails,
        "credentials": credentials,
        "ip": addresses,
        "iban": ibans,
        "ssn": social_security,
    }
)
_NUMBERS = frozenset({"resident_id", "phone", "bank_card", "uscc", "passport", "iban", "ssn"})
# Most texts hold none of this, so that no rule needs to look at them.
_MANY_DIGITS = re.compile(r"[0-9](?:[^0-9]{0,3}[0-9]){6}")
_HINT = re.compile(
    r"[0-9]\.[0-9]{1,3}\.[0-9]|@[0-9A-Za-z-]+\.|://[^\s/]{1,600}@|=|:[0-9A-Fa-f]{0,4}:|密码|口令|车牌|牌照|WJ"
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使][0-9A-Za-z]"
    r"|(?i:pass|plates?\b|pwd|secret|api.?key|access token|bearer)"
)
_ROUNDS = 8  # a find that is taken out may uncover another beside it; a text made to go on for ever must not


def find(text: str, kinds: Collection[str] = KINDS, recognise: Recognise | None = None) -> list[Span]:
    """The personal data of ``kinds`` in ``text``: in order, not overlapping; the most certain and longest finds win.

    ``recognise`` adds names and addresses where no rule found anything; what is redacted already is left alone.

    >>> find("电话１３８-００１３-８０００，订单号13800138000")
    [Span(start=2, end=15, kind='phone')]
    """
    working = Working.of(text)
    spans: list[Span] = []
    for _ in range(_ROUNDS):
        found = _best(find for kind in _likely(working.text) if kind in kinds for find in RULES[kind](working.text))
        if not found:
            break
        spans += map(working.original, found)
        working = working.without(found)
    if recognise is not None:
        named = sorted(_open(recognise(text), working, kinds), key=lambda span: (span.start - span.end, span.start))
        spans += _apart(named, spans)
    return sorted(spans, key=lambda span: span.start)


def redact(
    text: str,
    replace: Callable[[str, str], str],
    kinds: Collection[str] = KINDS,
    recognise: Recognise | None = None,
) -> str:
    """The text with ``replace(kind, value)`` in the place of each find.

    >>> redact("mail ann@example.org", lambda kind, value: f"[{kind.upper()}]")
    'mail [EMAIL]'
    """
    parts: list[str] = []
    last = 0
    for span in find(text, kinds, recognise):
        parts += (text[last : span.start], replace(span.kind, text[span.start : span.end]))
        last = span.end
    return "".join((*parts, text[last:])) if parts else text


def _likely(text: str) -> Iterable[str]:
    """The kinds that a text may hold at a first glance."""
    if _MANY_DIGITS.search(text):
        return RULES
    return RULES.keys() - _NUMBERS if _HINT.search(text) else ()


def _best(finds: Iterable[Find]) -> list[Span]:
    """Of finds that overlap the most certain, then the longest, then the first; in the order of the text."""
    ranked = sorted(finds, key=lambda find: (-find.certainty, find.span.start - find.span.end, find.span.start))
    return sorted(_apart((find.span for find in ranked), []), key=lambda span: span.start)


def _apart(wanted: Iterable[Span], kept: Collection[Span]) -> list[Span]:
    """Those of ``wanted``, the best first, that overlap neither ``kept`` nor one that came before."""
    taken = {place for span in kept for place in range(span.start, span.end)}
    chosen = []
    for span in wanted:
        places = range(span.start, span.end)
        if taken.isdisjoint(places):
            taken.update(places)
            chosen.append(span)
    return chosen


def _open(spans: Iterable[Span], working: Working, kinds: Collection[str]) -> Iterator[Span]:
    """The spans of the wanted kinds that touch nothing that is redacted already."""
    readable = set(working.places_to_read())
    for span in spans:
        if span.kind in kinds and span.start < span.end and readable.issuperset(range(span.start, span.end)):
            yield span
