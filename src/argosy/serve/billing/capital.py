"""Amounts in Chinese capital numerals, as fapiao and cheques write them (价税合计（大写）)."""

from argosy.serve.billing.money import MICRO

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
_FEN = MICRO // 100
_GROUP = 10_000
_TEN = 10


def capital(micro: int) -> str:
    """An amount of yuan, jiao and fen; ``micro`` is whole fen.

    >>> capital(10_203_040_500_000), capital(100_000_000), capital(-50_000)
    ('壹仟零贰拾万叁仟零肆拾元伍角整', '壹佰元整', '负伍分')
    """
    fen = abs(micro) // _FEN
    yuan, jiao, fen = fen // 100, fen // _TEN % _TEN, fen % _TEN
    said = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        said += f"{_DIGITS[jiao]}角"
    elif fen and yuan:
        said += "零"
    if fen:
        said += f"{_DIGITS[fen]}分"
    else:
        said = f"{said or '零元'}整"
    return ("负" if micro < 0 else "") + said


def _whole(number: int) -> str:
    """A whole number above 0: groups of four digits, one zero for any run of zeros between digits."""
    groups = []
    while number:
        number, group = divmod(number, _GROUP)
        groups.append(group)
    said, gap = "", False
    for place in reversed(range(len(groups))):
        if not groups[place]:
            gap = True
            continue
        if said and (gap or groups[place] < _GROUP // _TEN):
            said += "零"
        said += _group(groups[place]) + _GROUPS[place]
        gap = False
    return said


def _group(number: int) -> str:
    said, gap = "", False
    for place in reversed(range(4)):
        digit = number // _TEN**place % _TEN
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return said
