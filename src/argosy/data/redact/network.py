"""E-mail addresses, credentials in URLs and settings, and addresses of machines."""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from argosy.data.redact.spans import Certainty, Find, found, is_cued

_EMAIL = re.compile(
    r"(?<![0-9A-Za-z._%+-])(?<![0-9A-Za-z._%+-]')[0-9A-Za-z._%+-]+(?:'[0-9A-Za-z._%+-]+)*@[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*\.[A-Za-z]{2,24}"
)
_LOGIN = re.compile(r"(?<=://)[^\s/?#@:\ufffc]{0,256}:[^\s/?#\ufffc]{1,256}(?=@)")
_SECRET = re.compile(
    r"(?:\b|(?<=_))(?:password|passwd|pwd|pass|secret|token|api_?key|apikey|auth|authorization|signature|session(?:id)?)"
    r"=([!-%'-:<-~]{3,512})",
    re.IGNORECASE | re.ASCII,
)
_SAID = re.compile(
    r"(?:\b(?:password|passwd|pwd|api[_ ]?key|secret|access token)|密码|口令)[\"']? ?(?:[:=]|是|为|is) ?[\"']?"
    r"((?=[!-~]{0,64}[0-9])[!-+\--:<-~]{4,64})",
    re.IGNORECASE | re.ASCII,
)
_BEARER = re.compile(r"\bbearer ([0-9A-Za-z._~+/-]{16,2048})", re.IGNORECASE | re.ASCII)
_V4 = re.compile(r"(?<![0-9A-Za-z])(?<![0-9]\.)[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9A-Za-z]|\.[0-9])")
_V6 = re.compile(r"(?<![0-9A-Za-z])(?<!::)(?=[0-9A-Fa-f]{1,4}:|::)[0-9A-Fa-f:]{6,39}(?![0-9A-Za-z:])")
_IP_CUE = re.compile(
    r"\bips?\b|地址|服务器|主机|\bhost|\bserver|\bdns\b|\bping\b|\baddress|\blogin|登录", re.IGNORECASE | re.ASCII
)
_VERSION = re.compile(
    r"(?:\bv|\bver|version|release|build|firmware|section|chapter|§|版本?|固件|系统|升级到?|更新到?|第|章节?)"
    r"[号 .:是为]{0,3}(?:is )?\Z",
    re.IGNORECASE | re.ASCII,
)
_FEWEST_GROUPS = 3


def emails(text: str) -> Iterator[Find]:
    """E-mail addresses."""
    for match in _EMAIL.finditer(text):
        yield found("email", *match.span(), Certainty.CHECKED)


def credentials(text: str) -> Iterator[Find]:
    """What lets one in: ``user:password`` of a URL, the value of ``?token=``, a password that is told."""
    for match in _LOGIN.finditer(text):
        yield found("credentials", *match.span(), Certainty.SECRET)
    for pattern in (_SECRET, _SAID, _BEARER):
        for match in pattern.finditer(text):
            yield found("credentials", *match.span(1), Certainty.SECRET)


def addresses(text: str) -> Iterator[Find]:
    """IPv4 and IPv6 addresses; no versions (four single digits are one unless a cue says otherwise)."""
    for match in _V4.finditer(text):
        told = len(match[0]) > len("1.1.1.1") or is_cued(text, *match.span(), _IP_CUE)
        if told and _is_v4(match[0]) and not _VERSION.search(text[max(0, match.start() - 24) : match.start()]):
            yield found("ip", *match.span(), Certainty.CHECKED)
    for match in _V6.finditer(text):
        if len([group for group in match[0].split(":") if group]) >= _FEWEST_GROUPS and _is_v6(match[0]):
            yield found("ip", *match.span(), Certainty.CHECKED)


def _is_v4(written: str) -> bool:
    try:
        IPv4Address(written)
    except AddressValueError:
        return False
    return True


def _is_v6(written: str) -> bool:
    try:
        IPv6Address(written)
    except AddressValueError:
        return False
    return True
