"""Values that differ from case to case in service dialogues: order numbers, dates, amounts, parcels, names.

Pure forms in English and Chinese, without a model; what redaction put in the place of a value (``[PHONE]``) is found
as what it stands for. A template names a value in braces: ``{order}``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

NAMES = ("order", "date", "amount", "tracking", "phone", "email", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One value of a text: ``text[start:end]`` is ``value``; ``name`` is one of ``NAMES``."""

    name: str
    value: str
    start: int
    end: int


_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)(?:\.(?= \d))?"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_HAN_NUMBER = "[零一二两三四五六七八九十百千万]{1,12}"
_CODE = r"(?=[A-Z-]{0,12}\d)[A-Z0-9](?:[A-Z0-9-]{3,30})(?![A-Za-z0-9])"  # with a digit in it
_IS = r"\s{0,3}(?:is|was|no\.?|[:：#＃为是])?\s{0,3}[#＃]?"
_SURNAME = (
    "(?:欧阳|司马|上官|诸葛|[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋"
    "蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严"
    "武戴莫孔向汤張劉陳楊黃趙吳孫馬羅鄭許韓馮鄧蕭蔣葉蘇魏呂盧鍾譚陸賈韋鄒])"
)
# What is found first keeps its place, so forms of their own come before those that a word beside them tells.
_FORMS: tuple[tuple[str, str], ...] = (
    ("phone", r"\[PHONE(?::[A-Z0-9]+)?\]"),
    ("email", r"\[EMAIL(?::[A-Z0-9]+)?\]"),
    ("name", r"\[NAME(?::[A-Z0-9]+)?\]"),
    ("email", r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"),
    ("date", r"(?<!\d)(?:19|20)\d{2}([-/.])(?:1[0-2]|0?[1-9])\1(?:3[01]|[12]\d|0?[1-9])(?!\d)"),
    ("date", r"(?<!\d)(?:\d{4}\s?年\s?)?\d{1,2}\s?月\s?\d{1,2}\s?[日号號]"),
    ("date", r"(?<!\d)\d{4}\s?年\s?\d{1,2}\s?月(?:份|底|初)?"),
    ("date", rf"\b(?i:{_DAY}(?: of)? {_MONTH}(?:,? \d{{4}})?(?![A-Za-z0-9]))"),
    ("date", rf"\b(?i:{_MONTH} {_DAY}(?:,? \d{{4}})?|{_MONTH} \d{{4}})(?![A-Za-z0-9])"),
    ("date", r"(?<![\d/])\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})(?![\d/])"),
    ("amount", rf"(?:US\$|[$€£¥￥])\s?(?:{_NUMBER})"),
    ("amount", rf"\b(?:USD|EUR|GBP|CNY|RMB|HKD)\s?(?:{_NUMBER})"),
    ("amount", rf"(?<![\d.,])(?:{_NUMBER})\s?(?i:(?:USD|EUR|GBP|CNY|RMB|HKD|dollars?|euros?|pounds?|yuan|cents?)\b)"),
    ("amount", rf"(?<![\d.,])(?:{_NUMBER})\s?(?:人民币|美元|欧元|英镑|港币|万元|[元块圆塊])"),
    ("amount", rf"{_HAN_NUMBER}(?:[元圆]|块钱|塊錢)"),
    ("phone", r"(?<![\dA-Za-z])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|\+\d{1,3}[- ]?\d[\d -]{6,14}\d(?!\d)"),
    ("tracking", r"(?<![A-Za-z0-9])(?:(?:SF|YT|ZTO?|JD[A-Z]{0,4})\d{10,15}|1Z[A-Z0-9]{16})(?![A-Za-z0-9])"),
    ("tracking", r"(?<![A-Za-z0-9])[A-Z]{2}\d{9}[A-Z]{2}(?![A-Za-z0-9])"),
    ("tracking", rf"(?i:tracking|waybill|consignment)(?i:\s(?:number|code|id|no\.?))?{_IS}(?P<tracking>{_CODE})"),
    ("tracking", rf"(?:[运運]单|運單|快[递遞](?:单|單)?|物流(?:单|單)?|包裹单?)[号號码碼]?{_IS}(?P<tracking2>{_CODE})"),
    ("order", rf"\b(?i:order|purchase|booking|reference)(?i:\s(?:number|code|id|no\.?|ref))?{_IS}(?P<order>{_CODE})"),
    ("order", rf"(?:[订訂][单單]|[单單][号號])(?:[号號]|编号|編號)?{_IS}(?P<order2>{_CODE})"),
    ("order", r"(?<![\w#])[#＃]\s?(?P<order3>\d{4,20})(?!\d)"),
    ("order", r"(?<![A-Za-z0-9-])[A-Z]{1,4}-?\d{5,18}(?![A-Za-z0-9])|(?<![\w.,+-])\d{8,20}(?![\d.,]*\d|[A-Za-z])"),
    ("name", r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr)\.?\s(?P<name>[A-Z][a-z]{1,20}(?:-[A-Z][a-z]{1,20})?)"),
    ("name", r"\b(?:Dear|[Mm]y name is|[Tt]his is) (?P<name2>(?!Customer|Sir|Madam|The|All)[A-Z][a-z]+)(?=[ ,.!]|$)"),
    ("name", rf"(?P<name3>{_SURNAME})(?:先生|女士|小姐|太太)"),
    ("name", rf"(?:我叫|[客专][服员])(?P<name4>小?{_SURNAME}[\u4e00-\u9fff]?)(?=[，。,.！!\s]|为您|$)"),
)  # fmt: skip
_BRACED = re.compile(r"\{(" + "|".join(NAMES) + r")\}")
_HINT = re.compile(r"[\d\[@]|[元圆块]|Mr|Ms|Miss|Mx|Dr|Dear|name is|his is|先生|女士|小姐|太太|我叫|客服|专员")


def values(text: str) -> list[Slot]:
    """The values of a text in their order, none inside another.

    >>> [(slot.name, slot.value) for slot in values("Order 88231 of 3 May cost $20")]
    [('order', '88231'), ('date', '3 May'), ('amount', '$20')]
    >>> [(slot.name, slot.value) for slot in values("订单号：A20331，运单SF1234567890123，退款35元，王先生")]
    [('order', 'A20331'), ('tracking', 'SF1234567890123'), ('amount', '35元'), ('name', '王')]
    """
    if not _HINT.search(text):
        return []
    taken: list[Slot] = []
    for slot in _met(text):
        if all(slot.end <= other.start or slot.start >= other.end for other in taken):
            taken.append(slot)
    return sorted(taken, key=lambda slot: slot.start)


def named(template: str) -> tuple[str, ...]:
    """The names in braces, each once, in their order.

    >>> named("{order} left on {date}; {order} arrives soon. {other}")
    ('order', 'date')
    """
    return tuple(dict.fromkeys(_BRACED.findall(template)))


def _met(text: str) -> Iterator[Slot]:
    for name, form in _compiled():
        for found in form.finditer(text):
            group = found.lastgroup or 0
            yield Slot(name=name, value=found[group], start=found.start(group), end=found.end(group))


@cache
def _compiled() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(form)) for name, form in _FORMS)
