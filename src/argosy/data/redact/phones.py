"""Telephone numbers: Chinese, American and international forms, and any form behind a word such as 电话 or "call"."""

import re
from collections.abc import Iterator

import phonenumbers

from argosy.data.redact.spans import Certainty, Find, found, is_amount, is_cued, is_numbered

_EXTENSION = r"(?: ?(?:[xX#]|ext\.?|转|分机) ?[0-9]{1,6}(?![0-9]))?"
_END = r"(?![0-9])"
_START = r"(?<![0-9])(?<![0-9]-)(?<!0\.)"
_MOBILE = re.compile(
    _START + r"(?:(?:\+|00)?86[ .-]{0,3}|\(\+?86\) ?|0)?"
    r"1[3-9][0-9](?:[0-9]{8}"
    r"|(?P<a>[ .-]{1,3})(?:[0-9]{4}(?P=a)[0-9]{4}|[0-9]{3}(?P=a)[0-9]{5}|[0-9]{5}(?P=a)[0-9]{3}|[0-9]{8})"
    r"|(?P<b>[ .-]{1,3})[0-9]{2}(?P=b)[0-9]{2}(?P=b)[0-9]{2}(?P=b)[0-9]{2}"
    r"|[0-9]{4}[ .-]{1,3}[0-9]{4}|[0-9](?P<c>[ .-]{1,3})(?:[0-9]{4}(?P=c)[0-9]{3}|[0-9]{3}(?P=c)[0-9]{4}))" + _END
)
_LANDLINE = re.compile(
    _START + r"(?<![0-9] )(?P<china>(?:(?:\+|00)?86[ -]{0,3})?\(?0|(?:\+|00)86[ -]{0,3}\(?)"
    r"(?:10|2[0-57-9]|[3-9][0-9]{2})"
    r"(?P<gap>\)? ?-? ?)[2-8][0-9]{2,3}[ -]?[0-9]{4}(?:-[0-9]{1,4}(?![0-9]))?" + _EXTENSION + _END
)
_HOTLINE = re.compile(_START + r"[48]00(-?)[0-9]{3}-?[0-9]{4}|[48]00-[0-9]{4}-?[0-9]{3}" + _END)
_AMERICAN = re.compile(
    _START
    + r"(?:(?:\+|00)?1[ .-]{0,2})?(?:\([2-9][0-9]{2}\) ?-? ?|[2-9][0-9]{2}([ .-]))[0-9]{3}([ .-])[0-9]{4}"
    + _EXTENSION
    + _END
)
_DIGIT_BEFORE, _DIGIT_BEHIND = re.compile(r"[0-9] \Z"), re.compile(" [0-9]")
_ABROAD = re.compile(r"(?<![0-9])(?:\+|00)[1-9](?:[ ().-]{0,2}[0-9]){6,14}" + _END)
_CUE = re.compile(
    r"电话|手机号|联系方式|联系|致电|拨打|座机|热线|传真|微信|来电|短信"
    r"|\b(?:tele)?phones?\b|\btel\b|\bmobile\b|\bcell\b|\bcall(?:ed|ing)?\b|\bfax\b|\bwhats ?app\b"
    r"|\btext(?:ed)?\b|\breach me\b|\bring\b|\bcontact|\bmy number\b|\bdial\b",
    re.IGNORECASE | re.ASCII,
)
_CUED = re.compile(
    r"(?:电话(?!费)|手机号|联系方式|致电|拨打|座机|热线|传真"
    r"|\b(?:tele)?phone\b|\btel\b|\bmobile\b|\bcell\b|\bcall\b|\bfax\b|\bwhats ?app\b"
    r"|\bring (?:me|us)\b|\bcontact\b|\bmy number\b)"
    r"[^0-9+(。！？!?;\n]{0,16}(?<![A-Za-z])(\+?\(?[0-9](?:[ ().-]{0,2}[0-9]){6,14}" + _EXTENSION + ")(?![0-9A-Za-z])",
    re.IGNORECASE | re.ASCII,
)
_DATE = re.compile(r"(?:19|20)[0-9]{2}[ ./-]?(?:0?[1-9]|1[0-2])[ ./-]?(?:0?[1-9]|[12][0-9]|3[01])(?![0-9])")
_GROUP_END = re.compile(r"[0-9](?=[ ().-])")
_CHINA = re.compile(r"(?:86)?(?:0?(1[3-9][0-9]{9})|0?((?:10|2[0-57-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}))")
_REST = re.compile(r"(?i: ?(?:[x#]|ext\.?|转|分机) ?)([0-9]{1,6})\Z")


def phones(text: str) -> Iterator[Find]:
    """Telephone numbers, but not what is announced as an order's number, nor amounts."""
    for start, end, certainty in (
        *_mobiles(text),
        *_landlines(text),
        *_american(text),
        *_abroad(text),
        *_announced(text),
    ):
        if not is_numbered(text, start) and not is_amount(text, start, end):
            yield found("phone", start, end, certainty)


def canonical_phone(written: str) -> str:
    """One form for all ways of writing a number: E.164 where it can be read, digits otherwise.

    >>> canonical_phone("+86 138-0013-8000"), canonical_phone("13800138000"), canonical_phone("(415) 555-2671x12")
    ('+8613800138000', '+8613800138000', '+14155552671x12')
    """
    rest = _REST.search(written)
    number = written[: rest.start()] if rest else written
    digits = re.sub("[^0-9]", "", number)
    abroad = "+" in number or digits.startswith("00")
    digits = digits.removeprefix("00") if abroad else digits
    chinese = _CHINA.fullmatch(digits)
    told = f"+{digits}" if abroad else digits
    if chinese and (digits.startswith("86") or (not abroad and (chinese[1] or digits[0] == "0"))):
        told = f"+86{chinese[1] or chinese[2]}"
    try:
        told = phonenumbers.format_number(phonenumbers.parse(told, "US"), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        told = digits
    return told + (f"x{rest[1]}" if rest else "")


def _mobiles(text: str) -> Iterator[tuple[int, int, Certainty]]:
    for match in _MOBILE.finditer(text):
        usual = match["c"] is None and match["b"] is None and match[0][0] != "0"
        told = not _in_a_word(text, match.start()) or is_cued(text, *match.span(), _CUE)
        if told and (usual or _is_alone(text, *match.span())):
            yield *match.span(), Certainty.SHAPED


def _landlines(text: str) -> Iterator[tuple[int, int, Certainty]]:
    for match in _LANDLINE.finditer(text):
        formed = match["gap"].strip(" ") or "86" in match["china"]
        if formed or is_cued(text, *match.span(), _CUE) or _is_valid(_REST.sub("", match[0]), "CN"):
            yield *match.span(), Certainty.SHAPED
    for match in _HOTLINE.finditer(text):
        if match[1] != "" or is_cued(text, *match.span(), _CUE):
            yield *match.span(), Certainty.SHAPED


def _american(text: str) -> Iterator[tuple[int, int, Certainty]]:
    for match in _AMERICAN.finditer(text):
        spaced = match[1] == " " and match[2] == " "
        told = is_cued(text, *match.span(), _CUE) or _is_valid(match[0], "US")
        if not spaced or (told and _is_alone(text, *match.span())):
            yield *match.span(), Certainty.SHAPED


def _abroad(text: str) -> Iterator[tuple[int, int, Certainty]]:
    """International numbers; groups at the end that belong to something else are left away."""
    for match in _ABROAD.finditer(text):
        ends = [match.end(), *(match.start() + group.end() for group in reversed([*_GROUP_END.finditer(match[0])]))]
        for end in ends[:5]:
            written = text[match.start() : end]
            if _is_valid("+" + written[2:] if written.startswith("00") else written, None):
                yield match.start(), end, Certainty.SHAPED
                break


def _announced(text: str) -> Iterator[tuple[int, int, Certainty]]:
    for match in _CUED.finditer(text):
        if not _DATE.match(match[1]):
            yield *match.span(1), Certainty.CUED


def _is_alone(text: str, start: int, end: int) -> bool:
    """Whether no other number stands beside this one, as in a row of figures."""
    return not (_DIGIT_BEFORE.search(text[max(0, start - 2) : start]) or _DIGIT_BEHIND.match(text, end))


def _in_a_word(text: str, start: int) -> bool:
    before = text[start - 1 : start]
    return before.isascii() and before.isalpha()


def _is_valid(written: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(written, region))
    except phonenumbers.NumberParseException:
        return False
