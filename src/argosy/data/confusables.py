"""Characters that are taken for each other: by the hand (keyboard), by the ear (homophones), by the eye (look-alikes).

The look-alikes of Chinese stand in ``look_alikes.txt``, made by ``scripts/look_alikes.py`` from drawn glyphs; those of
Latin letters are Cyrillic, Greek and other letters that the Unicode standard lists as confusable (UTS #39). Homophones
are told by pypinyin among the 3,755 common characters, the first level of GB 2312.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from argosy.core.errors import MissingError

_TABLE = Path(__file__).with_name("look_alikes.txt")
_KEYS = (("qwertyuiop", 0.0), ("asdfghjkl", 0.25), ("zxcvbnm", 0.75))  # rows of keys and their shift, in keys
_REACH = 1.3  # keys: those beside and those above and below
_FIRST, _LAST = 0xB0A1, 0xD7F9  # GB 2312's first level
# fmt: off
_LATIN = {
    "a": "\u0430\u03b1", "c": "\u0441", "d": "\u0501", "e": "\u0435", "g": "\u0261", "h": "\u04bb", "i": "\u0456",
    "j": "\u0458", "l": "\u04cf", "n": "\u0578", "o": "\u043e\u03bf", "p": "\u0440\u03c1", "q": "\u051b",
    "s": "\u0455", "u": "\u03c5\u057d", "v": "\u03bd\u0475", "w": "\u051d", "x": "\u0445", "y": "\u0443\u03b3",
    "A": "\u0410\u0391", "B": "\u0412\u0392", "C": "\u0421", "E": "\u0415\u0395", "H": "\u041d\u0397",
    "I": "\u0406\u0399", "J": "\u0408", "K": "\u041a\u039a", "M": "\u041c\u039c", "N": "\u039d", "O": "\u041e\u039f",
    "P": "\u0420\u03a1", "S": "\u0405", "T": "\u0422\u03a4", "X": "\u0425\u03a7", "Y": "\u03a5\u04ae", "Z": "\u0396",
}
# fmt: on


@cache
def neighbours() -> Mapping[str, str]:
    """The letters beside each letter on an English keyboard, in both cases.

    >>> neighbours()["s"], neighbours()["P"]
    ('weadzx', 'OL')
    """
    places = {key: (place + shift, row) for row, (keys, shift) in enumerate(_KEYS) for place, key in enumerate(keys)}
    near = {
        key: "".join(
            other for other, (a, b) in places.items() if other != key and (a - x) ** 2 + (b - y) ** 2 <= _REACH**2
        )
        for key, (x, y) in places.items()
    }
    return MappingProxyType(near | {key.upper(): others.upper() for key, others in near.items()})


@cache
def look_alikes() -> Mapping[str, str]:
    """The characters that look like each character, most alike first.

    >>> look_alikes()["己"]
    '已巳巴'
    """
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    return MappingProxyType({line[0]: line[1:] for line in lines} | _LATIN)


@cache
def homophones() -> Mapping[str, str]:
    """The common characters that sound like each of them: in the same tone, or in any where no other shares it.

    Raises MissingError without pypinyin.
    """
    try:
        from pypinyin import Style, pinyin
    except ImportError as error:
        raise MissingError(
            "Homophones need the package {name!r}.", mend="pip install 'argosy[chinese]'", name="pypinyin"
        ) from error
    sounds = {character: pinyin(character, style=Style.TONE3)[0][0] for character in common_characters()}
    toned: dict[str, str] = {}
    plain: dict[str, str] = {}
    for character, sound in sounds.items():
        toned[sound] = toned.get(sound, "") + character
        plain[sound.rstrip("12345")] = plain.get(sound.rstrip("12345"), "") + character
    alike = {
        character: toned[sound].replace(character, "") or plain[sound.rstrip("12345")].replace(character, "")
        for character, sound in sounds.items()
    }
    return MappingProxyType({character: others for character, others in alike.items() if others})


def common_characters() -> list[str]:
    """The 3,755 characters of GB 2312's first level, in the order of their sounds."""
    codes = (row << 8 | cell for row in range(_FIRST >> 8, (_LAST >> 8) + 1) for cell in range(0xA1, 0xFF))
    return [code.to_bytes(2, "big").decode("gb2312") for code in codes if code <= _LAST]
