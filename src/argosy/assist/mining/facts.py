"""What in an answer matters when two of them differ: figures with their units, money, days, yes and no."""

import re
from dataclasses import dataclass

from argosy.assist.mining.mined import Difference
from argosy.data.slots import Slot

_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "twelve": "12", "fourteen": "14", "fifteen": "15", "thirty": "30",
}  # fmt: skip
_HAN = {"零": 0, "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMBER = r"\d+(?:[.,]\d+)*|[零一二两兩三四五六七八九十]{1,3}|" + "|".join(_WORDS)
_UNITS = {
    "天": "day", "日": "day", "小时": "hour", "小時": "hour", "分钟": "minute", "分鐘": "minute", "周": "week",
    "星期": "week", "个月": "month", "個月": "month", "年": "year", "次": "time", "件": "piece", "折": "discount",
    "公斤": "kg", "克": "g", "元": "money", "块": "money", "点": "o'clock", "點": "o'clock", "percent": "%",
}  # fmt: skip
_TELLING: dict[str, Difference] = {"amount": "amount", "money": "amount", "date": "date"}
_MEASURE = re.compile(
    rf"(?<![A-Za-z0-9.])(?P<low>{_NUMBER})(?:\s?(?:-|–|—|~|to|or|至|到)\s?(?P<high>{_NUMBER}))?\s?"
    r"(?P<unit>%|percent\b|(?:个|個)?(?:工作日|自然日)|小时|小時|分钟|分鐘|(?:个|個)月|星期|公斤|[天日周年次件折克点點期元块]"
    r"|(?<=\d)[\u4e00-\u9fff]{1,2}|(?:-|\s)?(?:(?:business|working|calendar)\s)?[a-z]{2,12}|(?<=\d)(?!\w))",
    re.IGNORECASE,
)
_NO = re.compile(
    r"\b(?:not|no|never|cannot|unable|without|n't|impossible)\b|n[’']t\b|[不没沒无無非未]|别",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"不客气|不用担心|不好意思|非常|不同|不仅|不论|不错|不但|不过|无论|不管|not only|no longer than|no problem"
)
_NO_FIRST = re.compile(
    r"^(?:no\b|unfortunately|sorry|i'?m afraid|we (?:cannot|can't|don't|do not)"
    r"|[不没沒][能可是行会會]|很?抱歉|暂时?不|暂不|目前不|无法)",
    re.IGNORECASE,
)
_YES_FIRST = re.compile(
    r"^(?:yes\b|of course|sure|certainly|you can\b|we do\b|可以|能|支持|是的|有的|当然|當然)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """``measures`` are (unit, figure); ``noes`` how often it denies; ``says`` is "yes", "no" or ""."""

    measures: frozenset[tuple[str, str]]
    noes: int
    says: str

    @property
    def figures(self) -> frozenset[str]:
        """Without their units."""
        return frozenset(figure for _, figure in self.measures)


def facts(text: str, constant: tuple[Slot, ...] = ()) -> Facts:
    """The facts of an answer; ``constant`` are values that belong to it and not to one customer's case.

    >>> sorted(facts("Yes, within 3 to 5 working days.").measures), facts("不可以退货").says
    ([('day', '3'), ('day', '5')], 'no')
    """
    measures = {(slot.name, _plain(slot.value)) for slot in constant}
    for found in _MEASURE.finditer(text):
        unit = _unit(found["unit"])
        measures |= {_measure(unit, _figure(found[part])) for part in ("low", "high") if found[part]}
    says = "no" if _NO_FIRST.search(text.strip()) else "yes" if _YES_FIRST.search(text.strip()) else ""
    return Facts(measures=frozenset(measures), noes=len(_NO.findall(_HARMLESS.sub("", text))), says=says)


def difference(one: Facts, other: Facts, *, alike: bool) -> Difference | None:
    """In what two answers to one question cannot both be right; ``alike`` where they share nearly all their words."""
    units = {unit for unit, _ in one.measures} & {unit for unit, _ in other.measures}
    for unit in sorted(units, key=lambda unit: (unit not in _TELLING, unit)):
        mine = {figure for of, figure in one.measures if of == unit}
        theirs = {figure for of, figure in other.measures if of == unit}
        if mine.isdisjoint(theirs) or (alike and mine != theirs):
            return _TELLING.get(unit, "number")
    if one.figures and other.figures and one.figures.isdisjoint(other.figures):
        return "number"
    if {one.says, other.says} == {"yes", "no"} or (alike and bool(one.noes) != bool(other.noes)):
        return "negation"
    return None


def _unit(word: str) -> str:
    last = word.strip(" -").rpartition(" ")[2].lower()
    if last.endswith(("工作日", "自然日")):
        return "day"
    last = _UNITS.get(last.removeprefix("个").removeprefix("個"), _UNITS.get(last, last))
    return last[:-1] if last.endswith("s") and last.isascii() else last


def _measure(unit: str, figure: str) -> tuple[str, str]:
    """In days where it comes to whole days: 48 hours are 2 days, a week is 7."""
    if unit == "week" and figure.isdigit():
        return "day", str(7 * int(figure))
    if unit == "hour" and figure.isdigit() and int(figure) % 24 == 0:
        return "day", str(int(figure) // 24)
    return unit, figure


def _figure(number: str) -> str:
    """In digits: ``fourteen``, ``十四`` and ``一四`` are 14."""
    if number[0] not in _HAN and number[0] != "十":
        return _WORDS.get(number.lower(), number.replace(",", ""))
    tens, ten, ones = number.rpartition("十")
    if not ten:
        return "".join(str(_HAN[digit]) for digit in number)
    return str(10 * _HAN.get(tens, 1) + _HAN.get(ones, 0))


def _plain(value: str) -> str:
    return re.sub(r"[\s,，]", "", value).lower()
