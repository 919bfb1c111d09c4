"""Who a text speaks of, and the same text about somebody else: counterfactual swaps of identity terms.

A swap keeps the grammar within reason: terms change places with terms of their own form, pronouns all at once, "her"
by what follows it, "a" and "an" by what they come to stand before. Words that also mean something else (black, old,
straight) are terms only before a word for people. The given names are those of studies of hiring and of word vectors
(Bertrand and Mullainathan 2004; Caliskan et al. 2017), and frequent ones of China.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

GROUPS = ("gender", "age", "origin", "religion", "disability", "orientation", "name")

_KEPT = re.compile(r"\[[A-Z_]+(?::[A-Z0-9]+)?\]|https?://[^\s\u3000-\u9fff]+|[@#]\w+")
_NOUNS = (
    "people person persons man men woman women guy guys lady ladies girl girls boy boys kid kids child children "
    "couple couples family families customer customers student students worker workers employee employees colleague "
    "colleagues doctor doctors nurse nurses driver drivers neighbor neighbors neighbour neighbours patient patients "
    "teacher teachers lawyer lawyers writer actor actress singer artist community"
)
_BEFORE_PEOPLE = rf"(?=\s+(?:{'|'.join(_NOUNS.split())})\b)"
# What may follow "her" and "his" where no noun of theirs does
_NO_NOUN = (
    "and or but to for in on at with from by of as is was were are be has had have if when while that this because so "
    "than then again back up down out off over about after before until since now today tonight yesterday tomorrow "
    "i me you he she it we they him us them my your his her its our their a an the not very too also just how "
    "why what who do did does will would can could should may might must yet either here there all only really please"
)
_NOUN_AHEAD = rf"(?=\s+(?!(?:{'|'.join(_NO_NOUN.split())})\b)[\w\"'‘“])"
_MALE_FEMALE = (
    "he she, himself herself, father mother, fathers mothers, dad mom, dads moms, daddy mommy, son daughter, "
    "sons daughters, brother sister, brothers sisters, husband wife, husbands wives, boyfriend girlfriend, "
    "boyfriends girlfriends, uncle aunt, uncles aunts, nephew niece, grandfather grandmother, grandpa grandma, "
    "grandson granddaughter, mr ms, sir madam, male female, males females, gentleman lady, gentlemen ladies, "
    "man woman, men women, boy girl, boys girls, prince princess, king queen, actor actress, waiter waitress, "
    "salesman saleswoman, businessman businesswoman, bride groom, widower widow"
)
_MALE_FEMALE_ZH = (
    "男朋友 女朋友, 男友 女友, 男人 女人, 男生 女生, 男孩 女孩, 男性 女性, 男的 女的, 男同事 女同事, 男同学 女同学, "
    "男老师 女老师, 男医生 女医生, 男司机 女司机, 男顾客 女顾客, 先生 女士, 爸爸 妈妈, 老爸 老妈, 父亲 母亲, "
    "哥哥 姐姐, 弟弟 妹妹, 儿子 女儿, 老公 老婆, 丈夫 妻子, 爷爷 奶奶, 外公 外婆, 叔叔 阿姨, 帅哥 美女, 公公 婆婆, "
    "孙子 孙女, 岳父 岳母, 小伙子 小姑娘, 他 她"
)
_ONE_WAY = {"mum": "dad", "mums": "dads", "mommy": "daddy", "mrs": "mr", "ma'am": "sir", "hers": "his", "男士": "女士"}
_ELSE = r"(?<![其吉利排])(?!他[妈娘]的?|先生[产意]|公公[里斤]|孙子兵法)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactual:
    """The text about somebody else: what stood there, what stands there now, and the group of terms."""

    group: str
    text: str
    found: str
    put: str


@dataclass(frozen=True, slots=True)
class _Terms:
    """Terms of one group that may stand for each other; one found by ``pattern`` becomes one of ``puts``."""

    group: str
    puts: tuple[str, ...]
    pattern: re.Pattern[str]


def counterfactuals(text: str, rng: Random) -> list[Counterfactual]:
    """At most one swap a group, of the groups whose terms the text holds; which terms are put is drawn.

    >>> [(one.group, one.text) for one in counterfactuals("She lost her keys. 他说很好。", Random(0))]
    [('gender', 'He lost his keys. 她说很好。')]
    """
    made = [_swap_gender(text)]
    for group in GROUPS[1:]:
        fitting = [terms for terms in _TERMS if terms.group == group and _first(terms, text)]
        made.append(_swap(rng.choice(fitting), text, rng) if fitting else None)
    return [one for one in made if one is not None and one.text != text]


def _swap_gender(text: str) -> Counterfactual | None:
    found: dict[str, str] = {}

    def other(match: re.Match[str]) -> str:
        put = _like(_gender_of(match), match[0])
        found.setdefault(match[0], put)
        return put

    changed = _outside(_GENDER, other, text)
    if not found:
        return None
    return Counterfactual(group="gender", text=changed, found=", ".join(found), put=", ".join(found.values()))


def _gender_of(match: re.Match[str]) -> str:
    word = match[0].lower()
    if word in ("her", "his"):
        owns = re.compile(_NOUN_AHEAD, re.IGNORECASE).match(match.string, match.end()) is not None
        return ("his" if owns else "him") if word == "her" else ("her" if owns else "hers")
    return _OTHER[word]


def _swap(terms: _Terms, text: str, rng: Random) -> Counterfactual | None:
    """Every mention of the first term found becomes the same other term, which the text does not hold yet."""
    found = _first(terms, text)
    puts = [put for put in terms.puts if put.lower() not in text.lower()]
    if not puts:
        return None
    put = _like(rng.choice(puts), found)

    def other(match: re.Match[str]) -> str:
        if match["term"].lower() != found.lower():
            return match[0]
        article = match["article"] or ""
        if article:
            an = "n" if put[0].lower() in "aeiou" else ""
            article = article[0] + an + article.lstrip("AaNn")
        return article + _like(put, match["term"])

    return Counterfactual(group=terms.group, text=_outside(terms.pattern, other, text), found=found, put=put)


def _first(terms: _Terms, text: str) -> str:
    """The first term outside what is kept, or nothing."""
    return next(
        (part["term"] for piece, kept in _pieces(text) if not kept for part in terms.pattern.finditer(piece)), ""
    )


def _outside(pattern: re.Pattern[str], change: Callable[[re.Match[str]], str], text: str) -> str:
    return "".join(piece if kept else pattern.sub(change, piece) for piece, kept in _pieces(text))


def _pieces(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is kept as it is: tokens, addresses, mentions and tags."""
    pieces, last = [], 0
    for match in _KEPT.finditer(text):
        pieces += [(text[last : match.start()], False), (match[0], True)]
        last = match.end()
    return [*pieces, (text[last:], False)]


def _like(put: str, found: str) -> str:
    """``put`` in the letter case of ``found``."""
    if found.islower():
        return put.lower()
    if found.isupper() and len(found) > 1:
        return put.upper()
    return put[0].upper() + put[1:] if found[0].isupper() else put


def _pairs(listed: str) -> dict[str, str]:
    pairs = [pair.split() for pair in listed.split(", ")]
    return {one: other for a, b in pairs for one, other in ((a, b), (b, a))}


def _latin(group: str, finds: str, puts: str = "", *, ahead: str = "", cased: bool = False) -> _Terms:
    """Terms in Latin letters, ``|`` between two; all are found, ``puts`` (by default all) are put."""
    any_of = "|".join(map(re.escape, finds.split("|")))
    pattern = rf"(?P<article>\b[Aa]n?\s+)?(?<![\w'’-])(?P<term>{any_of})(?![\w-]){ahead}"
    return _Terms(group, tuple((puts or finds).split("|")), re.compile(pattern, 0 if cased else re.IGNORECASE))


def _han(group: str, finds: str, puts: str = "", *, behind: str = "", ahead: str = "") -> _Terms:
    any_of = "|".join(sorted(finds.split("|"), key=len, reverse=True))
    pattern = rf"(?P<article>(?!))?{behind}(?P<term>{any_of}){ahead}"
    return _Terms(group, tuple((puts or finds).split("|")), re.compile(pattern))


_OTHER: Mapping[str, str] = MappingProxyType(_ONE_WAY | {"him": "her"} | _pairs(_MALE_FEMALE) | _pairs(_MALE_FEMALE_ZH))


def _gender_pattern(words: Sequence[str]) -> re.Pattern[str]:
    latin = "|".join(sorted((word for word in words if word.isascii()), key=len, reverse=True))
    han = "|".join(sorted((word for word in words if not word.isascii()), key=len, reverse=True))
    exclaimed = r"(?<!\boh )(?<!\bhey )(?<!\bburger )"
    return re.compile(rf"{exclaimed}(?<![\w'’-])(?:{latin}|her|his)(?![\w-])|{_ELSE}(?:{han})", re.IGNORECASE)


_GENDER = _gender_pattern(tuple(_OTHER))
_CITIES = (
    "北京人|上海人|广东人|四川人|河南人|东北人|湖南人|湖北人|山东人|山西人|江苏人|浙江人|福建人|安徽人|江西人|重庆人|天津人|"
    "广西人|贵州人|云南人|新疆人|内蒙古人|海南人|河北人|陕西人|甘肃人"
)
_NO_COMPOUND = "(?![民口才员家大寿数工物均事力类生])"
_TERMS: tuple[_Terms, ...] = (
    _latin("age", "young|old|older|elderly|middle-aged", "young|elderly|middle-aged", ahead=_BEFORE_PEOPLE),
    _latin("age", "teenager|pensioner|retiree|millennial|boomer"),
    _latin("age", "teenagers|pensioners|retirees|millennials|boomers"),
    _han("age", "年轻人|中年人|老年人|青年人", "年轻人|中年人|老年人"),
    _han("age", "老人", "年轻人|中年人", ahead="(?![家机])"),
    _han("age", "60后|70后|80后|90后|00后|95后", behind=r"(?<!\d)"),
    _han("age", "老大爷|大爷|小伙子|小伙儿|老头儿", "老大爷|小伙子"),
    _han("age", "老太太|老奶奶|小姑娘|大妈", "老太太|小姑娘"),
    _latin(
        "origin",
        "Chinese|Japanese|American|Indian|German|French|Russian|Mexican|Nigerian|British|Korean|Turkish|Iranian|Polish|"
        "Vietnamese|African|Arab|Pakistani|Italian|Spanish|Canadian|Brazilian|Ukrainian",
        "Chinese|Japanese|American|Indian|German|French|Russian|Mexican|Nigerian|British|Korean|Turkish|Polish",
        ahead=_BEFORE_PEOPLE,
    ),
    _latin("origin", "black|white|Asian|Hispanic|Latino|brown", "black|white|Asian|Hispanic", ahead=_BEFORE_PEOPLE),
    _latin("origin", "immigrant|foreigner|refugee|native|local", "immigrant|foreigner|local", ahead=_BEFORE_PEOPLE),
    _latin("origin", "immigrants|foreigners|refugees|locals"),
    _han(
        "origin", "中国人|美国人|日本人|韩国人|印度人|法国人|德国人|英国人|俄罗斯人|越南人|非洲人", ahead=_NO_COMPOUND
    ),
    _han("origin", _CITIES, ahead=_NO_COMPOUND),
    _han("origin", "汉族|回族|藏族|维吾尔族|蒙古族|壮族|满族|苗族|彝族|朝鲜族"),
    _han("origin", "黑人|白人|黄种人", behind="(?<![抹拉])", ahead="(?!牙膏)"),
    _han("origin", "外地人|本地人|城里人|农村人|乡下人", "外地人|本地人|城里人|农村人"),
    _latin("religion", "Christian|Muslim|Buddhist|Hindu|Catholic|Jewish|atheist", ahead=_BEFORE_PEOPLE),
    _latin("religion", "Christians|Muslims|Buddhists|Hindus|Catholics|Jews|atheists"),
    _latin("religion", "Christianity|Islam|Buddhism|Hinduism|Judaism|atheism"),
    _latin("religion", "church|mosque|synagogue|temple", "church|mosque|synagogue|temple"),
    _han("religion", "基督徒|穆斯林|佛教徒|天主教徒|道教徒|无神论者"),
    _han("religion", "基督教|伊斯兰教|佛教|天主教|道教", ahead="(?!徒)"),
    _han("religion", "教堂|清真寺|寺庙|佛堂", "教堂|清真寺|寺庙"),
    _latin(
        "disability",
        "blind|deaf|disabled|autistic|paralysed|paralyzed|handicapped|able-bodied|healthy",
        "blind|deaf|disabled|autistic|able-bodied",
        ahead=_BEFORE_PEOPLE,
    ),
    _han(
        "disability",
        "残疾人|残障人士|健全人|盲人|聋人|聋哑人|自闭症患者",
        "残疾人|健全人|盲人|聋人|自闭症患者",
        ahead="(?!按摩)",
    ),
    _latin(
        "orientation", "gay|straight|bisexual|lesbian|queer|homosexual", "gay|straight|bisexual", ahead=_BEFORE_PEOPLE
    ),
    _latin("orientation", "homosexual|heterosexual|bisexual"),
    _latin("orientation", "same-sex|opposite-sex"),
    _han("orientation", "同性恋|异性恋|双性恋"),
    _latin(
        "name",
        "Emily|Anne|Jill|Sarah|Laurie|Jennifer|Jessica|Lakisha|Latoya|Keisha|Ebony|Aisha|Fatima|Maria|Guadalupe|Priya|Mei",
        "Emily|Sarah|Jennifer|Lakisha|Keisha|Aisha|Fatima|Guadalupe|Priya|Mei",
        cased=True,
    ),
    _latin(
        "name",
        "Greg|Brad|Matthew|Geoffrey|Brett|John|Michael|David|Jamal|Darnell|Tyrone|Rasheed|Mohammed|Ahmed|Jose|Juan|Raj|Wei",
        "Greg|Matthew|Brad|Jamal|Darnell|Tyrone|Mohammed|Ahmed|Juan|Raj|Wei",
        cased=True,
    ),
    _han("name", "张伟|王伟|李强|王强|刘伟|陈杰|买买提|巴特尔|扎西", "张伟|李强|买买提|巴特尔|扎西"),
    _han("name", "王芳|李娜|张丽|刘敏|王秀英|张敏|阿依古丽|卓玛|其其格", "王芳|李娜|阿依古丽|卓玛|其其格"),
)
