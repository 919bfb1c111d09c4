"""Which parts of a text speak of which entity: sentences, contrasts, comparisons, and who is meant by a pronoun.

Rules of grammar, in English and Chinese, with no dictionary of feelings: what a part says is the model's to tell. They
know the plain cases; who is meant in irony, in a subordinate clause or by a title they do not.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from argosy.opinion.entities.find import Spans

Turn = Literal["straight", "turned", "aside", "above", "below"]
"""How what is felt of a part holds for an entity: as it is, the other way round, not at all (it is neutral); or the
part itself says that it is the better or the worse one, whatever the model makes of that."""

_END = re.compile(r"(?<![.!?])[.!?]++(?=\s|$)|[。！？；;…\n]+")
_CONTRAST = re.compile(
    r"[,，、]?\s{0,2}(?:\b(?:but|however|yet|while|whereas|although|though|meanwhile|on the other hand|in contrast)\b"
    r"|但是|但|然而|不过|可是|反观|反而|相反|倒是|至于|与此同时|(?<![从因反进])而(?![且言已]))[,，]?\s*",
    re.IGNORECASE,
)
_COMMA = re.compile(r"[,，]\s*|\s[-\u2013]\s|\s?(?:--|\u2014)[-\u2014]*+\s*")
_JOINS = r"(?:\b(?:and|or|as well as)\b|[&/、,，]|和|与|及|跟|以及|还有)\s*"
_AND = re.compile(rf"\s{{0,2}}{_JOINS}", re.IGNORECASE)
_JOINED = re.compile(rf"\s*(?:{_JOINS})+", re.IGNORECASE)
_ALL = re.compile(
    r"\b(?:both|all of them|neither|either of them|each of them)\b|两者|二者|两家|它们|他们|全都", re.IGNORECASE
)
_THAN = re.compile(r"\b(?:than|over|rather than|instead of)\s+(?:the\s+)?$", re.IGNORECASE)
_PREFER = re.compile(r"\b(?:better|worse|\w+er|more|less|prefer\w*|choose|rather|instead)\b", re.IGNORECASE)
_TO = re.compile(r"\bto\s+(?:the\s+)?$", re.IGNORECASE)
_BEATS = re.compile(
    r"^\s*(?:\b(?:easily|clearly|really|always|still|just)\s+)?"
    r"(?:beats?|outperform(?:s|ed)?|outshines?|surpass(?:es|ed)?|tops|crush(?:es|ed)?)\s*$"
    r"|^(?:完胜|胜过|超过|碾压|优于|强于|好过|远超|吊打|领先于?)$",
    re.IGNORECASE,
)
_LOSES = re.compile(
    r"^\s*(?:loses? to|lost to|lags? behind|trails?|falls? behind|is no match for|can ?not compete with)\s*$"
    r"|^(?:不如|比不上|输给|逊于|弱于|落后于?|不及|远不如|比不过)$",
    re.IGNORECASE,
)
_RATHER = re.compile(r"(?:比起?|没有?)$")
_NOT = re.compile(r"\b(?:not|never|no)\b|n['\u2019]t\b|不比起?$|没有?$", re.IGNORECASE)
_UNLIKE = re.compile(
    r"^\s*(?:unlike|compared (?:to|with)|in contrast to)\s+(?:the\s+)?$"
    r"|^\s*(?:与|和|跟|相比(?:于|之下)?|不像|不同于|相较于?)$",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    r"\b(?:better|best|preferable|superior|prefer\w*|choose|rather)\b|^(?:更|还|那么|这么)?(?:好|强|棒|优秀|靠谱)",
    re.IGNORECASE,
)
_BELOW = re.compile(r"\b(?:worse|worst|inferior)\b|^(?:更|还|那么|这么)?(?:差|烂|糟)", re.IGNORECASE)
_ACTS = (
    r"su(?:es|ed)|accus(?:es|ed)|critici[sz](?:es|ed)|blam(?:es|ed)|attack(?:s|ed)|slam(?:s|med)|fin(?:es|ed)"
    r"|mock(?:s|ed)|prais(?:es|ed)|applaud(?:s|ed)|thank(?:s|ed)|honou?r(?:s|ed)|award(?:s|ed)"
)
_ACTS_ZH = "起诉|控告|批评|指责|抨击|痛批|处罚|罚款|约谈|警告|嘲笑|投诉|赞扬|表扬|称赞|感谢|点赞|嘉奖"
_DOES = re.compile(
    rf"^\s*(?:has |have |had |just |again |publicly )*(?:{_ACTS})\s+(?:the\s+)?$"
    rf"|^(?:公开|再次|已经|又|正式)*(?:{_ACTS_ZH})了?$",
    re.IGNORECASE,
)
_SUFFERS = re.compile(
    rf"\b(?:was|were|is|are|been|being|got|gets)\s+(?:\w+ly\s+)?(?:{_ACTS})\b.*\bby\s+(?:the\s+)?$"
    r"|^(?:再次|又|已)*(?:被|遭到?|受到?|获)$",
    re.IGNORECASE,
)


class Part(NamedTuple):
    """What is asked about an entity, and how the answer holds for it."""

    entity: str
    text: str
    turn: Turn


class _At(NamedTuple):
    begin: int
    end: int
    entity: str


def parts(text: str, mentions: Sequence[tuple[str, Spans]]) -> list[Part]:
    """The parts of the text that speak of each entity, in their order; entities by the spans of their mentions.

    >>> [part[:2] for part in parts("Ann is kind, but Bob is rude.", [("ann", ((0, 3),)), ("bob", ((17, 20),))])]
    [('ann', 'Ann is kind'), ('bob', 'Bob is rude')]
    """
    named = sorted(_At(begin, end, entity) for entity, spans in mentions for begin, end in spans)
    every = list(dict.fromkeys(one.entity for one in named))
    found: list[Part] = []
    meant: list[str] = []
    besides: list[str] = []
    for begin, end in _clauses(text, named):
        here = [one for one in named if begin <= one.begin < end]
        clause = text[begin:end].strip(" ,，、")
        if not clause:
            continue
        entities = list(dict.fromkeys(one.entity for one in here))
        if here and len(entities) == 1 and _UNLIKE.match(text[begin : here[0].begin]):
            besides = entities
            continue
        new = (
            _related(text, begin, end, here)
            if len(entities) > 1
            else [Part(one, clause, "straight") for one in entities]
        )
        if not here:
            whose = every if _ALL.search(clause) or not meant else meant
            new = [Part(one, clause, "straight") for one in whose]
        else:
            meant = list(dict.fromkeys(part.entity for part in new if part.turn == "straight")) or entities[:1]
        found += [*new, *(Part(one, clause, "turned") for one in besides if one not in entities)]
        besides = []
    return found


def _clauses(text: str, named: Sequence[_At]) -> Iterator[tuple[int, int]]:
    """Begin and end of each clause: sentences, cut at contrasts and commas, and at an "and" between two statements."""
    cuts = [(hit.start(), hit.end()) for mark in (_END, _CONTRAST, _COMMA) for hit in mark.finditer(text)]
    whole = [(one.begin, one.end) for one in named] + list(_lists(text, named))
    cuts = [cut for cut in sorted(cuts) if not any(begin < cut[1] and cut[0] < end for begin, end in whole)]
    begin = 0
    for first, last in [*cuts, (len(text), len(text))]:
        if first > begin:
            yield from _statements(text, begin, first, named)
        begin = max(begin, last)


def _lists(text: str, named: Sequence[_At]) -> Iterator[tuple[int, int]]:
    """Begin and end of what stands between two names of a list: it parts nothing."""
    for one, other in pairwise(named):
        if _JOINED.fullmatch(text, one.end, other.begin):
            started = max((hit.end() for hit in _END.finditer(text, 0, one.begin)), default=0)
            if not _UNLIKE.match(text[started : one.begin]):
                yield one.end, other.begin


def _statements(text: str, begin: int, end: int, named: Sequence[_At]) -> Iterator[tuple[int, int]]:
    """The clause cut at each "and" that has a statement about one entity before it and one about another behind."""
    here = [one for one in named if begin <= one.begin < end]
    for one, other in pairwise(here):
        between = text[one.end : other.begin]
        if one.entity == other.entity or _JOINED.fullmatch(between):
            continue
        hits = [hit for hit in _AND.finditer(between) if hit[0].strip() not in {"/", "&"}]
        if hits and not _comparison(between):
            yield begin, one.end + hits[-1].start()
            begin = one.end + hits[-1].end()
    yield begin, end


def _comparison(between: str) -> bool:
    return bool(_THAN.search(between) or _BEATS.match(between) or _LOSES.match(between) or _RATHER.search(between))


def _related(text: str, begin: int, end: int, here: Sequence[_At]) -> list[Part]:
    """The parts of a clause in which several entities are named: compared, acting on each other, or alike."""
    clause = text[begin:end].strip(" ,，、")
    for one, other in pairwise(here):
        if one.entity == other.entity:
            continue
        found = _acts(one, other, clause, text[one.end : other.begin]) or _compared(
            one, other, clause, (text[begin : one.end], text[one.end : other.begin], text[other.end : end])
        )
        if found:
            turns = {part.entity: part for part in found}
            sides = {at.entity: turns[one.entity if at.begin < other.begin else other.entity] for at in here}
            return [Part(entity, *turns.get(entity, side)[1:]) for entity, side in sides.items()]
    return [Part(entity, clause, "straight") for entity in dict.fromkeys(one.entity for one in here)]


def _acts(one: _At, other: _At, clause: str, between: str) -> list[Part]:
    """The parts where one does something to the other, such as to sue or praise it: it says how the other stands."""
    if _DOES.match(between):
        return [Part(other.entity, clause, "straight"), Part(one.entity, clause, "aside")]
    if _SUFFERS.search(between):
        return [Part(one.entity, clause, "straight"), Part(other.entity, clause, "aside")]
    return []


def _compared(one: _At, other: _At, clause: str, around: tuple[str, str, str]) -> list[Part]:
    """The parts of a comparison; none where it is none. ``around`` stands before (with the one), between and behind."""
    before, between, behind = around
    if _BEATS.match(between):
        return _ranked(one, other, clause)
    if _LOSES.match(between):
        return _ranked(other, one, clause)
    if _RATHER.search(between):
        said, word = before + _RATHER.sub("", between) + behind, behind
    elif (_THAN.search(between) and _PREFER.search(before + between)) or (_TO.search(between) and "prefer" in before):
        said, word = before + _TO.sub("", _THAN.sub("", between)).rstrip() + behind, before + between
    else:
        return []
    pair = (other, one) if _NOT.search(between) else (one, other)
    if _ABOVE.search(word):
        return _ranked(*pair, clause)
    if _BELOW.search(word):
        return _ranked(pair[1], pair[0], clause)
    return [Part(pair[0].entity, said.strip(), "straight"), Part(pair[1].entity, said.strip(), "turned")]


def _ranked(better: _At, worse: _At, clause: str) -> list[Part]:
    return [Part(better.entity, clause, "above"), Part(worse.entity, clause, "below")]
