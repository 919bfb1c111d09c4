"""The metrics of written answers, and of a language model's surprise.

Answers are compared as SQuAD does (Rajpurkar et al. 2016), for Chinese too: NFKC forms, small letters, no punctuation,
no English articles, single blanks; each Chinese character is a token of its own (as CMRC 2018 counts).
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np

from argosy.evaluate.metrics import Floats, Form, Measured, Ratios, Undefined, mean

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_TOKEN = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[^\s\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
NO_TEXT = Undefined(reason="The texts are empty; there is no byte to tell the bits of.")


def generation(truth: Sequence[str], predicted: Sequence[str]) -> dict[str, Measured | Undefined]:
    """Expected and written answers: exact match, and the mean F1 of their tokens."""
    pairs = [(tokens(one), tokens(other)) for one, other in zip(truth, predicted, strict=True)]
    exact, overlap = np.array([(one == other, _overlap(one, other)) for one, other in pairs], dtype=np.float64).T
    return {"exact_match": mean(exact), "token_f1": mean(overlap)}


def language_model(truth: Sequence[str], surprise: Floats) -> dict[str, Measured | Undefined]:
    """Texts and their negative log-likelihood in nats [texts]: bits per byte of UTF-8, whatever the tokenizer."""
    size = np.array([len(text.encode()) for text in truth], dtype=np.float64)
    if not size.sum():
        return {"bits_per_byte": NO_TEXT}
    over = surprise[:, None] / math.log(2)
    return {"bits_per_byte": Ratios(over=over, under=size[:, None], form=Form.POSITIVE)}


def tokens(text: str) -> list[str]:
    """The tokens that count.

    >>> tokens("The  Café, 上海！")
    ['café', '上', '海']
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    kept = "".join(sign for sign in plain if unicodedata.category(sign)[0] != "P")
    return _TOKEN.findall(_ARTICLES.sub(" ", kept))


def _overlap(one: list[str], other: list[str]) -> float:
    """F1 of two bags of tokens; two empty answers are equal."""
    if not one or not other:
        return float(one == other)
    return 2 * (Counter(one) & Counter(other)).total() / (len(one) + len(other))
