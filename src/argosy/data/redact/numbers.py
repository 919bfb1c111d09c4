"""Numbers with check digits (resident identity, bank card, social credit code, IBAN), and the SSN, which has none."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from stdnum import iban, luhn, numdb
from stdnum.cn import ric, uscc
from stdnum.us import ssn

from argosy.data.redact.spans import Certainty, Find, found, is_amount, is_cued, is_numbered

# The patterns stand in a lookahead so that each start is tried, whatever number stands before it.
_RESIDENT = re.compile(r"(?<![0-9])(?=([1-9](?:[ -]{0,3}[0-9]){16}[ -]{0,3}[0-9Xx])(?![0-9]))")
_RESIDENT_OLD = re.compile(r"(?<![0-9])[1-9][0-9]{14}(?![0-9])")  # before 1999: 15 digits and no check digit
_RESIDENT_CUE = re.compile(
    r"身份证|证件号|\bresident id|\bidentity (?:card|number)|\bid card", re.IGNORECASE | re.ASCII
)
_REGIONS = "1112131415212223313233343536374142434445465051525354616263646571818283"  # GB/T 2260, two digits each
_PROVINCES = frozenset(map("".join, zip(_REGIONS[::2], _REGIONS[1::2], strict=True)))
_BIRTHS = range(1850, 2100)
_USCC = re.compile(
    r"(?<![0-9A-Z])(?=([1-9A-GNY][1-9A-Z](?:[ -]?[0-9]){6}(?:[ -]?[0-9A-HJ-NPQRTUWXY]){10})(?![0-9A-Z]))",
    re.IGNORECASE | re.ASCII,
)
_USCC_CUE = re.compile(
    r"信用代码|税号|纳税人|营业执照|\bcredit code|\buscc\b|\btax(?:payer)? (?:id|no)", re.IGNORECASE | re.ASCII
)
_ORGANISATION = (3, 7, 9, 10, 5, 8, 4, 2)  # weights of GB 11714
_CARD = re.compile(
    r"(?<![0-9])(?<![0-9]\.)(?="
    r"([0-9]{12,19}|[0-9]{4}(?P<a>[ -]{1,3})[0-9]{4}(?P=a)[0-9]{4}(?:(?P=a)[0-9]{1,4})?"
    r"|[0-9]{4}(?P<b>[ -]{1,3})[0-9]{6}(?P=b)[0-9]{4,5}|[0-9]{6}[ -]{1,3}[0-9]{7,13})"
    r"((?P=a)[0-9]{1,3})?(?![0-9])(?![A-Za-z][0-9]))"
)
_CARD_CUE = re.compile(
    r"卡号|银行卡|信用卡|借记卡|储蓄卡|账号|帐号|\bcard\b|\bvisa\b|\bmastercard\b|\bamex\b|\baccount",
    re.IGNORECASE | re.ASCII,
)
# Issuer ranges by ISO/IEC 7812 as the networks publish them, with the lengths in use.
_ISSUERS = re.compile(
    r"62[0-9]{14,17}|9558[0-9]{12,15}|4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})|5[1-5][0-9]{14}"
    r"|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}|3[47][0-9]{13}|35(?:2[89]|[3-8][0-9])[0-9]{12}"
    r"|(?:2131|1800)[0-9]{11}|6(?:011|4[4-9][0-9]|5[0-9]{2})[0-9]{12}|3(?:0[0-5]|[689][0-9])[0-9]{11}"
)
_IBAN = re.compile(r"(?<![0-9A-Z])(?=([A-Z]{2}[0-9]{2}(?:[ -]?[0-9A-Z]){11,30}))", re.IGNORECASE | re.ASCII)
_LETTER = re.compile("[0-9A-Za-z]")
_SSN = re.compile(r"(?<![0-9-])(?:([0-9]{3})([ -])([0-9]{2})\2([0-9]{4})|[0-9]{9})(?!-?[0-9])")
_SSN_CUE = re.compile(r"\bssn\b|\bsocial security|社会安全号|社会保障号|社安号|社保号", re.IGNORECASE | re.ASCII)
_GAP = re.compile(r"[ -]+")


def resident_ids(text: str) -> Iterator[Find]:
    """Chinese resident identity numbers (GB 11643), old ones of 15 digits only where a cue stands beside them."""
    for match in _RESIDENT.finditer(text):
        if _is_resident(_GAP.sub("", match[1]).upper()):
            yield found("resident_id", match.start(1), match.end(1), Certainty.CHECKED)
    for match in _RESIDENT_OLD.finditer(text):
        if (
            _is_born("19" + match[0][6:12])
            and match[0][:2] in _PROVINCES
            and is_cued(text, *match.span(), _RESIDENT_CUE)
        ):
            yield found("resident_id", *match.span(), Certainty.CUED)


def credit_codes(text: str) -> Iterator[Find]:
    """Unified social credit codes (GB 32100); all digits and no cue: the organisation's check digit must fit too."""
    for match in _USCC.finditer(text):
        code = _GAP.sub("", match[1]).upper()
        told = not code.isdigit() or _is_organisation(code[8:17]) or is_cued(text, *match.span(1), _USCC_CUE)
        if code[2:4] in {*_PROVINCES, "10"} and uscc.is_valid(code) and told:
            yield found("uscc", match.start(1), match.end(1), Certainty.CHECKED)


def bank_cards(text: str) -> Iterator[Find]:
    """Bank cards: Luhn's check digit, and an issuer's range and length or a cue; not where an order is announced."""
    for match in _CARD.finditer(text):
        start = match.start(1)
        for end in {match.end(4), match.end(1)} - {-1}:  # with and without a last group, which may be the card's code
            if _is_card(text, start, end) and not is_numbered(text, start) and not is_amount(text, start, end):
                yield found("bank_card", start, end, Certainty.CHECKED)


def ibans(text: str) -> Iterator[Find]:
    """International bank account numbers (ISO 13616) of the countries in the registry."""
    for match in _IBAN.finditer(text):
        length = _iban_length(match[1][:2].upper())
        end = _end_after(match[1], length)
        if end and not _LETTER.match(text, match.start(1) + end) and iban.is_valid(match[1][:end], check_country=False):
            yield found("iban", match.start(1), match.start(1) + end, Certainty.CHECKED)


def social_security(text: str) -> Iterator[Find]:
    """US social security numbers: written with dashes, or any way beside a cue."""
    for match in _SSN.finditer(text):
        digits = re.sub("[ -]", "", match[0])
        dashed = match[2] == "-" and not is_numbered(text, match.start())
        if ssn.is_valid(digits) and (dashed or is_cued(text, *match.span(), _SSN_CUE)):
            yield found("ssn", *match.span(), Certainty.SHAPED)


def _is_resident(number: str) -> bool:
    return number[:2] in _PROVINCES and _is_born(number[6:14]) and number[-1] == ric.calc_check_digit(number)


def _is_born(digits: str) -> bool:
    """Whether YYYYMMDD is a day on which a living person, or one in old papers, was born."""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year in _BIRTHS
    except ValueError:
        return False


def _is_organisation(code: str) -> bool:
    """Whether the check digit of an organisation code (GB 11714, all digits) fits."""
    total = sum(int(digit) * weight for digit, weight in zip(code, _ORGANISATION, strict=False))
    return str((11 - total % 11) % 11) == code[8]


def _is_card(text: str, start: int, end: int) -> bool:
    digits = _GAP.sub("", text[start:end])
    return luhn.is_valid(digits) and (bool(_ISSUERS.fullmatch(digits)) or is_cued(text, start, end, _CARD_CUE))


@cache
def _iban_length(country: str) -> int:
    """The length of a country's numbers, 0 for a country without."""
    facts = numdb.get("iban").info(country)[0][1]
    return 4 + sum(map(int, re.findall(r"([0-9]+)!", facts["bban"]))) if "bban" in facts else 0


def _end_after(text: str, length: int) -> int:
    """Where the first ``length`` letters and digits of ``text`` end; 0 where there are fewer."""
    places = [place for place, character in enumerate(text, 1) if character not in " -"]
    return places[length - 1] if 0 < length <= len(places) else 0
