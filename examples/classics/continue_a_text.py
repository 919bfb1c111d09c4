"""A small Transformer that learns poems by heart, English and Chinese, and goes on from their first lines.

It is the decoder that `argosy run` trains from scratch (rotary positions, RMSNorm, SwiGLU, grouped-query attention,
tied embeddings), a byte-fallback tokenizer and the one loop. What is often wrong: no causal mask, so that the loss
falls to nothing while the model only copies the next token; dropout left on while it writes; and text that was learnt
by heart shown as if the model had learnt the language. So the last line measures verses that it has not seen, in bits
per byte: a code that knows nothing at all takes 8.

python examples/classics/continue_a_text.py learnt    # ten seconds on one core; stores the model in the folder learnt
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from torch import nn

from argosy.core.records import Settings
from argosy.evaluate.tasks.measure import Figure, measure
from argosy.infer.engines.torch_text import open_torch_text
from argosy.infer.text import whole
from argosy.models.byte_pairs import BytePairs
from argosy.models.scratch import Shape, decoder, save
from argosy.train.language.corpus import Corpus, HeldOut, next_token, schedule, tokenised
from argosy.train.loop import train

SHAPE = Shape(
    size="poem", width=96, layers=3, heads=4, kv_heads=2, ffn=256, context=128, vocabulary=512,
    learning_rate=6e-3, batch_tokens=640,
)  # fmt: skip
ENGLISH = """Tyger Tyger, burning bright,
In the forests of the night;
What immortal hand or eye,
Could frame thy fearful symmetry?

In what distant deeps or skies,
Burnt the fire of thine eyes?
On what wings dare he aspire?
What the hand, dare seize the fire?
"""  # William Blake, 1794
CHINESE = """床前明月光，
疑是地上霜。
举头望明月，
低头思故乡。

白日依山尽，
黄河入海流。
欲穷千里目，
更上一层楼。
"""  # 李白, 王之涣
UNSEEN = (
    "When the stars threw down their spears",
    "And watered heaven with their tears",
    "Did he smile his work to see?",
    "春眠不觉晓，处处闻啼鸟。",
    "夜来风雨声，花落知多少。",
    "千山鸟飞绝，万径人踪灭。",
)
Learnt = tuple[nn.Module, BytePairs, list[float]]


def learn(texts: Sequence[str], out: Path, *, steps: int, seed: int = 7) -> Learnt:
    """The model, its tokenizer and the mean loss (nats a token) of each tenth of the steps; stored in ``out``.

    The loop keeps what scores best on the very text: here it is to be learnt by heart.
    """
    tokenizer = BytePairs.train(texts, size=SHAPE.vocabulary)
    stream = tokenised([*texts] * 8, tokenizer)  # one behind the other, so that contexts begin anywhere
    source = Corpus.of(stream, context=SHAPE.context, batch_tokens=SHAPE.batch_tokens, seed=seed)
    held = HeldOut.of(texts, tokenizer, context=SHAPE.context)
    model = decoder(SHAPE, tokenizer, seed=seed)
    steady = schedule(SHAPE, steps=steps, evaluations=10, bf16=False)

    def score(model: nn.Module) -> float:
        """Bits per byte with the sign turned: higher is better."""
        return -held.bits_per_byte(model, bf16=False)

    state = train(model, next_token, source, score, steady, lambda _share, _news: None)
    save(model, tokenizer, out)
    return model, tokenizer, [loss for loss, _ in state.history]


def go_on(folder: Path, start: str, tokens: int = 128) -> str:
    """What the stored model writes behind ``start``, always the likeliest token."""
    answer = whole(open_torch_text(folder).generate(start, Settings(max_tokens=tokens, temperature=0)))
    return answer.text


def surprise(model: nn.Module, tokenizer: BytePairs, texts: Sequence[str]) -> Figure:
    """Bits per byte of texts, with an interval and the difference to 8 bits, which a code without a model takes."""
    nats = HeldOut.of(texts, tokenizer, context=SHAPE.context).nats(model, bf16=False)
    flat = np.array([8 * np.log(2) * len(text.encode()) for text in texts])
    return measure("language_model", texts, {"flat": flat, "model": nats}, best="flat", seed=7)["model"].figures[
        "bits_per_byte"
    ]


def main(folder: Path) -> None:
    """Learn, go on, and measure what was not learnt."""
    model, tokenizer, losses = learn([ENGLISH, CHINESE], folder, steps=100)
    print("loss in nats a token:", " ".join(f"{loss:.2f}" for loss in losses))
    for poem in (ENGLISH, CHINESE):
        start = poem.splitlines()[0]
        written, rest = go_on(folder, start), poem.removeprefix(start)
        right = next((at for at, pair in enumerate(zip(written, rest, strict=False)) if len({*pair}) > 1), len(written))
        print(f"\n{start} →{written}\n({right} of {len(written)} characters as in the poem)")
    told = surprise(model, tokenizer, UNSEEN)
    print(f"\nverses not seen: {told.value:.1f} [{told.low:.1f}, {told.high:.1f}] bits per byte; knowing nothing: 8")


if __name__ == "__main__":
    with TemporaryDirectory() as aside:
        main(Path((sys.argv[1:] or [aside])[0]))
