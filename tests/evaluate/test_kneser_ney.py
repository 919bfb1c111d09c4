"""A Kneser-Ney model is a distribution, agrees with counts done by hand, and copes with what it has not seen."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.errors import DataError
from argosy.evaluate.rivals.kneser_ney import LEVELS, best, fit

TEXTS = st.lists(st.text(alphabet="abc 中文\n", min_size=1, max_size=12), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.text(alphabet="abcz 中国", max_size=6), st.sampled_from(LEVELS), st.integers(2, 5))
def test_the_probabilities_sum_to_one(texts: list[str], context: str, level: str, order: int) -> None:
    """Behind every context, seen or not, over all symbols and the class of the unseen."""
    model = fit(texts, level=level, order=order)
    told = model.next(context)
    assert told.sum() == pytest.approx(1)
    assert (told > 0).all()


@settings(max_examples=30, deadline=None)
@given(TEXTS, st.text(alphabet="abcz 中国", min_size=1, max_size=6), st.sampled_from(LEVELS))
def test_a_text_costs_what_its_symbols_cost(texts: list[str], text: str, level: str) -> None:
    """The surprise of a text is that of each symbol behind those before it, its end left out."""
    model = fit(texts, level=level)
    cost = 0.0
    codes = model.symbols.tolist()
    others = (256 if level == "byte" else 0x110000 - 0x800) - len(codes)
    for place, char in enumerate(text):
        behind = text[:place].encode()
        for symbol in char.encode() if level == "byte" else [ord(char)]:
            context = behind.decode("utf-8", "replace") if level == "byte" else text[:place]
            if level == "byte" and len(context.encode()) != len(behind):
                return  # in the middle of a character there is no text to give as the context
            told = model.next(context)
            cost -= math.log(told[codes.index(symbol)] if symbol in codes else told[-1] / others)
            behind += bytes([symbol]) if level == "byte" else b""
    assert model.nats([text])[0] == pytest.approx(cost)


def by_hand(text: str, symbol: str, context: str) -> float:
    """A bigram model with the discounts of Chen and Goodman, written out with dictionaries."""
    marked = "^" + text
    pairs = Counter(pairwise(marked))
    follows = Counter(second for _, second in pairs)

    def discounts(counts: Counter[object]) -> dict[int, float]:
        ones, twos, threes, fours = (max(1, sum(count == n for count in counts.values())) for n in (1, 2, 3, 4))
        share = ones / (ones + 2 * twos)
        raw = (1 - 2 * share * twos / ones, 2 - 3 * share * threes / twos, 3 - 4 * share * fours / threes)
        return {n: min(max(value, 0.001), n) for n, value in enumerate(raw, 1)}

    low, high = discounts(Counter(follows)), discounts(Counter(pairs))
    total = sum(follows.values())
    spare = sum(low[min(count, 3)] for count in follows.values())
    seen = follows[symbol]
    single = (seen - low[min(seen, 3)] if seen else 0.0) / total + spare / total / (len(set(text)) + 1)
    behind = {pair: count for pair, count in pairs.items() if pair[0] == context}
    count = pairs[context, symbol]
    rest = sum(high[min(one, 3)] for one in behind.values()) / sum(behind.values())
    return (count - high[min(count, 3)] if count else 0.0) / sum(behind.values()) + rest * single


@pytest.mark.parametrize("text", ["abracadabra", "上海自来水来自海上", "aabababbbab"])
def test_a_bigram_model_agrees_with_one_counted_by_hand(text: str) -> None:
    """Every symbol behind every context that occurs."""
    model = fit([text], order=2)
    for context in set(text[:-1]):
        told = model.next(context)
        expected = [by_hand(text, symbol, context) for symbol in sorted(set(text))]
        assert told[:-1] == pytest.approx(expected)


def test_text_like_the_training_costs_less() -> None:
    """A sentence that was seen is far cheaper than its letters in another order, in both languages."""
    texts = ["the cat sat on the mat and the dog sat on the rug", "今天天气很好，我们去公园玩；明天天气也很好"] * 5
    model = fit(texts)
    seen, shuffled = model.nats([texts[0], "".join(sorted(texts[0]))])
    assert seen * 5 < shuffled
    assert model.nats([texts[1][:9]])[0] < model.nats(["好公也很园我们去"])[0]
    assert model.nats(["😀"])[0] > math.log(0x10FFFF)


def test_the_level_is_chosen_on_validation() -> None:
    """Characters where they repeat, bytes where every character of the validation is new."""
    chinese = ["我们的世界很大，我们的国家很大，我们的城市也很大。"] * 3
    assert best(chinese, ["我们的城市很大。"]).level == "character"
    seen, new = ("".join(chr(0x4E00 + number) for number in range(start, 64, 2)) for start in (0, 1))
    assert best([seen], [new]).level == "byte"


def test_empty_texts_are_refused_and_empty_documents_cost_nothing() -> None:
    """Nothing to count is an error that says so; nothing to predict is 0."""
    with pytest.raises(DataError, match="all 2 documents are empty"):
        fit(["", ""])
    assert fit(["ab", ""]).nats(["", "ab", ""])[[0, 2]].tolist() == [0.0, 0.0]
    assert np.isfinite(fit(["a"]).nats(["a", "b"])).all()
