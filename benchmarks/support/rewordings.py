"""The same question in other words, by rules that are written here and seeded; nobody's phrases are quoted.

English: courtesies before and behind, contractions written out or drawn together, another opening ("How do I" becomes
"I would like to know how to"), a clause of condition moved to the front, letters mistyped (``data.perturb``). Chinese:
courtesies, the other script, full-width forms, particles, a leading "请问", characters mistaken for others.
"""

import re
from collections.abc import Callable, Mapping
from random import Random

from argosy.data.perturb import perturb

_RATE = 0.05  # of the places that a typo may stand at
_BEFORE = ("Hi, ", "Hello! ", "Hi there, could you please tell me: ", "Good morning. ")
_BEHIND = (" Thanks!", " Thank you very much.", " Please help.", " Thanks in advance")
_BEFORE_ZH, _BEHIND_ZH = ("你好，", "您好，请问", "麻烦问一下，", "亲，"), ("，谢谢", "，麻烦了", "？谢谢您", "，急")
_SHORT = (
    ("I am", "I'm"), ("do not", "don't"), ("does not", "doesn't"), ("did not", "didn't"), ("can not", "can't"),
    ("cannot", "can't"), ("is not", "isn't"), ("was not", "wasn't"), ("has not", "hasn't"), ("have not", "haven't"),
    ("What is", "What's"), ("I have", "I've"), ("It is", "It's"), ("will not", "won't"),
)  # fmt: skip
_OPENINGS = (
    (re.compile(r"^how (?:do|can|would) i ", re.IGNORECASE), "I would like to know how to "),
    (re.compile(r"^can i ", re.IGNORECASE), "Is it possible to "),
    (re.compile(r"^why (?:is|was) ", re.IGNORECASE), "What is the reason that it is so: "),
    (re.compile(r"^(?:is|are) there ", re.IGNORECASE), "Do you know whether there is "),
    (re.compile(r"^what (?:is|are) ", re.IGNORECASE), "Could you tell me "),
    (re.compile(r"^where (?:is|are) ", re.IGNORECASE), "I cannot find "),
    (re.compile(r"^i (?:want|need) to ", re.IGNORECASE), "I would like to "),
)
_CLAUSE = re.compile(
    r"^(?P<main>.+?),? (?P<clause>(?:if|when|after|because|since) [^?.!]+)(?P<mark>[?.!]?)$", re.IGNORECASE
)
Reword = Callable[[str, Random], str]


def reworded(text: str, language: str, seed: int) -> dict[str, str]:
    """The rewordings of a question by the names of their rules; a rule that changes nothing is left out."""
    rules = _ENGLISH if language == "en" else _CHINESE
    made = {name: rule(text, Random(f"{seed} {name} {text}")) for name, rule in rules.items()}
    return {name: other for name, other in made.items() if other != text}


def _courteous(text: str, rng: Random) -> str:
    return rng.choice(_BEFORE) + text + rng.choice(_BEHIND)


def _contracted(text: str, _rng: Random) -> str:
    """The first that applies, in one direction or the other."""
    for full, short in _SHORT:
        for old, new in ((full, short), (short, full)):
            changed = re.sub(rf"\b{re.escape(old)}\b", new, text, count=1, flags=re.IGNORECASE)
            if changed != text:
                return changed
    return text


def _opened(text: str, _rng: Random) -> str:
    for form, other in _OPENINGS:
        if form.search(text):
            return form.sub(other, text)
    return text


def _fronted(text: str, _rng: Random) -> str:
    found = _CLAUSE.match(text)
    if found is None:
        return text
    clause, main = found["clause"], found["main"]
    return (
        f"{clause[0].upper()}{clause[1:]}, {main[0].lower() if main[:2] != 'I ' else main[0]}{main[1:]}{found['mark']}"
    )


def _perturbed(*names: str) -> Reword:
    """Changes of ``data.perturb``, one after the other."""

    def change(text: str, rng: Random) -> str:
        for name in names:
            (text,) = perturb(name, [text], seed=rng.randrange(2**31), rate=_RATE)
        return text

    return change


_ENGLISH: Mapping[str, Reword] = {
    "courtesy": _courteous,
    "contraction": _contracted,
    "opening": _opened,
    "order": _fronted,
    "typo": _perturbed("typo"),
    "swap": _perturbed("swap"),
    "plain": _perturbed("lower", "punctuation_removed"),
}
_CHINESE: Mapping[str, Reword] = {
    "courtesy": lambda text, rng: rng.choice(_BEFORE_ZH) + text.rstrip("？?") + rng.choice(_BEHIND_ZH),
    "traditional": _perturbed("traditional"),
    "full_width": _perturbed("full_width"),
    "particle": lambda text, rng: f"{text.rstrip('？?吗嘛呢')}{rng.choice('呢呀啊')}？",
    "asking": lambda text, _rng: text if text.startswith("请问") else f"请问{text}",
    "look_alike": _perturbed("look_alike"),
    "spaces": _perturbed("spaces_inserted"),
}
