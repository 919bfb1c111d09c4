"""Which language a text is in, among the project's own, and whether the language alone predicts the label."""

import re
from collections import Counter
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from argosy.core.errors import ProjectError

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
# Languages in Latin letters, which a Chinese character tells from Chinese more surely than any statistics.
# fmt: off
_LATIN = frozenset({
    "af", "cs", "da", "de", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "id", "is", "it", "lt",
    "lv", "ms", "nl", "no", "nb", "pl", "pt", "ro", "sk", "sl", "sq", "sv", "sw", "tl", "tr", "vi",
})
# fmt: on
_ISO_639_1 = 2  # letters of a code
_EXPLAINED = 0.02  # a text this likely in a language needs no other
_WARN_P, _WARN_GAIN, _WARN_V = 0.01, 0.02, 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """How far the language gives the label away.

    ``cramers_v`` (0 to 1, corrected for bias) and its ``p`` (chi-squared); ``by_language`` is the accuracy of saying
    each language's most frequent label, ``majority`` that of saying the most frequent label of all.
    """

    cramers_v: float
    p: float
    by_language: float
    majority: float
    warn: bool


def detect(texts: Sequence[str], languages: Sequence[str]) -> list[str]:
    """For each text the likeliest of ``languages`` (ISO 639-1, a region may follow); raises ProjectError for others.

    >>> detect(["物流很快，包装也好", "broke after a day", "这个 app 很好用"], ["zh", "en"])
    ['zh', 'en', 'zh']
    """
    primary = {code.split("-")[0].lower(): code for code in reversed(languages)}
    identifier(tuple(primary))
    return [primary[_one(text, tuple(primary))] for text in texts]


def likeliest(texts: Sequence[str], *, least: float = 0.1) -> list[str]:
    """The languages (with a code of two letters) that at least this share of the texts needs, most needed first.

    Single short texts look like many languages, so a further one is added only for texts that none of those found
    before explains at all.
    """
    unexplained = [_posterior(text) for text in texts if any(character.isalpha() for character in text)]
    fewest = max(1.0, least * len(unexplained))
    found: list[str] = []
    while unexplained:
        best = [max(one, key=one.__getitem__) for one in unexplained]
        code, count = Counter(best).most_common(1)[0]
        if count < fewest:
            break
        found.append(code)
        unexplained = [
            one for one, own in zip(unexplained, best, strict=True) if own != code and one.get(code, 0.0) < _EXPLAINED
        ]
    return found


def association(languages: Sequence[str], labels: Sequence[str]) -> Association:
    """Whether the language alone predicts the label; warns when it does so beyond chance and noticeably."""
    names, kinds = sorted(set(languages)), sorted(set(labels))
    table = np.zeros((len(names), len(kinds)), dtype=np.int64)  # [languages, labels]
    pairs = Counter(zip(languages, labels, strict=True))
    for (name, kind), count in pairs.items():
        table[names.index(name), kinds.index(kind)] = count
    total = int(table.sum())
    majority = float(table.sum(axis=0).max(initial=0) / max(total, 1))
    if min(table.shape) < 2:  # noqa: PLR2004 - one language or one label: nothing to associate
        return Association(cramers_v=0.0, p=1.0, by_language=majority, majority=majority, warn=False)
    from scipy.stats import chi2_contingency  # heavy, and needed here alone

    by_language = float(table.max(axis=1).sum() / total)
    result = chi2_contingency(table, correction=False)
    v, p = _cramers_v(float(result.statistic), total, table.shape), float(result.pvalue)
    warn = p < _WARN_P and (v >= _WARN_V or by_language - majority >= _WARN_GAIN)
    return Association(cramers_v=v, p=p, by_language=by_language, majority=majority, warn=warn)


@cache
def identifier(languages: tuple[str, ...] = ()) -> LanguageIdentifier:
    """An identifier of its own for these languages (none: all it knows); raises ProjectError for unknown ones."""
    if not languages:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    found = copy(identifier())  # reading the model takes half a second, its arrays can be shared
    for code in languages:
        if code not in found.labels:
            near = get_close_matches(code, found.labels, n=1, cutoff=0.5)
            raise ProjectError(
                "The language {code!r} is not known.",
                where="argosy.toml, languages",
                mend="Use an ISO 639-1 code, such as {near!r}.",
                code=code,
                near=near[0] if near else "zh",
            )
    found.set_languages(languages)
    return found


def _one(text: str, languages: tuple[str, ...]) -> str:
    if len(languages) == 1:
        return languages[0]
    if "zh" in languages and _LATIN.issuperset(set(languages) - {"zh"}):
        if _is_han(text):
            return "zh"
        return _one(text, tuple(code for code in languages if code != "zh")) if _LATIN_WORD.search(text) else "zh"
    return _classified(text, languages)


def _posterior(text: str) -> dict[str, float]:
    """How likely the text is in each language; Chinese characters without kana settle it."""
    if _is_han(text) and not _KANA.search(text):
        return {"zh": 1.0}
    return {code: share for code, share in identifier().rank(text) if len(code) == _ISO_639_1}


def _is_han(text: str) -> bool:
    """Whether the text is Chinese with Latin words in it rather than the reverse: two words weigh as one character."""
    han = len(_HAN.findall(text))
    return han > 0 and 2 * han >= len(_LATIN_WORD.findall(text))


def _classified(text: str, languages: tuple[str, ...]) -> str:
    return str(identifier(languages).classify(text)[0])


def _cramers_v(chi2: float, total: int, shape: tuple[int, ...]) -> float:
    """Cramér's V with the correction of Bergsma (2013) for small samples."""
    rows, columns = shape
    phi2 = max(0.0, chi2 / total - (rows - 1) * (columns - 1) / max(total - 1, 1))
    rows_left = rows - (rows - 1) ** 2 / max(total - 1, 1)
    columns_left = columns - (columns - 1) ** 2 / max(total - 1, 1)
    return float(np.sqrt(phi2 / max(min(rows_left, columns_left) - 1, 1e-12)).clip(0, 1))
