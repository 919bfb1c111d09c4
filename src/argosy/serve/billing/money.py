"""Money as integers of micro-units, millionths of a currency's unit; decimals only where people read and write it."""

import re
from decimal import Decimal

from argosy.core.errors import ProjectError

MICRO = 1_000_000
MICRO_DIGITS = 6
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?\Z", re.ASCII)

# ISO 4217: the currencies in use, by the digits behind their point
_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC"
        " CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR"
        " JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD"
        " NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN"
        " SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
}
CURRENCIES = {code: digits for digits, codes in _DIGITS.items() for code in codes.split()}
_SIGNS = {
    "en": {"CNY": "CN¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "¥"},
    "zh": {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "JP¥"},
}


def digits(currency: str) -> int:
    """The digits behind the point of ``currency``; raises ProjectError for one that ISO 4217 does not know."""
    if currency not in CURRENCIES:
        raise ProjectError(
            "The currency {currency!r} is none of ISO 4217.",
            where="currency",
            mend="Three capital letters, such as CNY, USD or EUR.",
            currency=currency,
        )
    return CURRENCIES[currency]


def parse(text: str, where: str = "money") -> int:
    """Micro-units of an amount such as ``"2.00"``: a plain decimal number of at most six digits behind the point.

    >>> parse("0.015"), parse("-2")
    (15000, -2000000)
    """
    if not _NUMBER.match(text):
        raise ProjectError(
            "Expected an amount such as 2.00, found {found!r}.",
            where=where,
            mend="Digits and one point, at most six digits behind it, no sign of a currency.",
            found=text,
        )
    return int(Decimal(text).scaleb(MICRO_DIGITS))


def plain(micro: int, least: int = 0) -> str:
    """An amount exactly, with ``least`` digits behind the point and more only where they say something.

    >>> plain(1_500_000, 2), plain(15, 2)
    ('1.50', '0.000015')
    """
    exact = f"{Decimal(micro).scaleb(-MICRO_DIGITS):f}"
    whole, _, rest = exact.partition(".")
    rest = rest.rstrip("0").ljust(least, "0")
    return f"{whole}.{rest}" if rest else whole


def show(micro: int, currency: str, language: str) -> str:
    """An amount with its currency as people write it: ``¥1,234.50``, with a true minus sign."""
    whole, point, rest = plain(abs(micro), digits(currency)).partition(".")
    sign = _SIGNS["zh" if language == "zh" else "en"].get(currency, f"{currency} ")
    return f"{'−' if micro < 0 else ''}{sign}{int(whole):,}{point}{rest}"


def half_even(dividend: int, divisor: int) -> int:
    """The integer nearest to the quotient; of two equally near ones, the even one. The divisor is above 0."""
    whole, rest = divmod(dividend, divisor)
    return whole + (2 * rest > divisor or (2 * rest == divisor and whole % 2 == 1))


def to_minor(micro: int, currency: str, divisor: int = 1) -> int:
    """The quotient, rounded half-even once to what can be paid in ``currency``; still in micro-units."""
    step: int = 10 ** (MICRO_DIGITS - digits(currency))
    return half_even(micro, step * divisor) * step
