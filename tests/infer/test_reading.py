"""What an engine reads of a long text."""

import numpy as np
import pytest
import tiny_bert
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import models, normalizers, pre_tokenizers, trainers

from argosy.data.clean import DEFAULT_STEPS, clean_text
from argosy.infer.batches import Batch, Floats
from argosy.infer.engines.transformer import TransformerClassifier
from argosy.infer.tokens import Tokenizer

CHINESE = "物流很快包装完好质量不错价格便宜客服态度也好就是屏幕有点暗下次还会再来推荐给大家，。！？"
ENGLISH = ["fast", "delivery", "and", "good", "quality", "but", "the", "screen", "broke", "after", "a", "day", "again"]
LENGTH = 16
UNKNOWN = "<unk>"


def unigram() -> tokenizers.Tokenizer:
    """A Unigram tokenizer of both languages, which reads a Chinese text without blanks as one word."""
    made = tokenizers.Tokenizer(models.Unigram())
    made.normalizer = normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=200, special_tokens=[UNKNOWN], unk_token=UNKNOWN, show_progress=False)
    made.train_from_iterator([CHINESE[start : start + 9] for start in range(36)] + [" ".join(ENGLISH)] * 9, trainer)
    return made


def forward(batch: Batch) -> Floats:
    """The sum of a row's token numbers, and its opposite."""
    sums = (batch.ids * batch.mask).sum(axis=1).astype(np.float32)
    return np.stack([sums, -sums], axis=1)


def engine(inner: tokenizers.Tokenizer) -> TransformerClassifier:
    """A classifier that reads sixteen tokens."""
    tokenizer = Tokenizer(inner, pad=0, max_length=LENGTH)
    return TransformerClassifier(
        name="sum", labels=("a", "b"), text_steps=DEFAULT_STEPS, tokenizer=tokenizer, forward=forward
    )


ENGINES = [engine(unigram()), engine(tiny_bert.tokenizer())]
WORDS = st.sampled_from([*ENGLISH, "w1", "w27", "&amp;", "call 13800138000", "me@example.com", "<br>", "…"])
TEXTS = st.one_of(
    st.lists(WORDS, min_size=1, max_size=60).map(" ".join),
    st.lists(st.sampled_from(CHINESE), min_size=1, max_size=300).map("".join),
    st.text(min_size=1, max_size=60),
    st.just(" \u200b\n"),
)


@settings(deadline=None, derandomize=True)
@given(parts=st.lists(TEXTS, min_size=1, max_size=4), times=st.integers(1, 40), which=st.sampled_from([0, 1]))
def test_a_long_text_is_read_as_its_whole_would_be(parts: list[str], times: int, which: int) -> None:
    """The tokens read of a text are those of the whole text, cut; what is cut is marked."""
    text, classifier = " ".join(parts) * times, ENGINES[which]
    (reading,) = classifier.read([text])
    (whole,) = classifier.tokenizer.rows([clean_text(text, DEFAULT_STEPS)])
    assert list(reading.ids) == whole.ids
    assert reading.truncated == (whole.rows > 1)
    assert reading.tokens == len(whole.ids) == classifier.count(text)
    assert classifier.score([reading]) == classifier.classify([text])


@pytest.mark.parametrize("classifier", ENGINES)
def test_little_is_looked_at(classifier: TransformerClassifier, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 100,000 characters, those that could matter are cleaned; of blanks all, since the end is the first word."""
    looked_at: list[int] = []

    def counted(text: str, steps: tuple[str, ...]) -> str:
        looked_at.append(len(text))
        return clean_text(text, steps)

    monkeypatch.setattr("argosy.infer.engines.transformer.clean_text", counted)
    classifier.read(["w1 " * 33_333, " " * 99_997 + "w1"])
    assert looked_at == [32 * LENGTH, 32 * LENGTH, 99_999]
