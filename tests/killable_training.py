"""Small trainings of every method, forked on demand from one process and announcing their steps, to be killed.

Each line of standard input names a method and a folder; the answers are lines "pid N", "step N" and "sha256 …", then
"over". A process is forked when torch is imported already, so that it starts in a moment.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from argosy.train.batches import Batch, Rows, bucketed
from argosy.train.checkpoints import Checkpoints
from argosy.train.curve import StepRecord
from argosy.train.loop import Objective, Schedule, train

WORDS, ROWS, LENGTH, EPOCHS, EVERY = 40, 44, 8, 4, 3


@dataclass(frozen=True, slots=True)
class Texts:
    """Rows of token numbers; the label is whether the first one is even."""

    first: int = 0

    def order(self, epoch: int) -> list[Rows]:
        """Bucketed by a seed of the epoch."""
        return bucketed([LENGTH] * ROWS, batch_size=8, seed=epoch + 7)

    def batch(self, rows: Rows, epoch: int) -> Batch:
        """``ids`` [rows, length] and ``targets`` [rows]."""
        ids = torch.stack([self._ids(row) for row in rows])
        return Batch(rows=rows, tensors={"ids": ids, "targets": ids[:, 0] % 2}, units=len(rows))

    def _ids(self, row: int) -> Tensor:
        draw = np.random.default_rng((self.first, row))
        return torch.from_numpy(draw.integers(0, WORDS, LENGTH))


def labels(model: nn.Module, batch: Batch) -> Tensor:
    """Cross entropy of the labels."""
    logits = model(input_ids=batch.tensors["ids"]).logits
    return nn.functional.cross_entropy(logits, batch.tensors["targets"], reduction="sum")


def next_words(model: nn.Module, batch: Batch) -> Tensor:
    """Cross entropy of each next word, a mean over the words of a row."""
    ids = batch.tensors["ids"]
    logits = model(input_ids=ids).logits[:, :-1].flatten(0, 1)
    return nn.functional.cross_entropy(logits, ids[:, 1:].flatten(), reduction="sum") / (LENGTH - 1)


def encoder() -> nn.Module:
    """A BERT of two layers, dropout at work."""
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(3)
    return BertForSequenceClassification(
        BertConfig(
            vocab_size=WORDS,
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=16,
        )
    )


def full() -> tuple[nn.Module, Objective, object, Schedule]:
    """Every weight, averaged."""
    return encoder(), labels, Texts(), Schedule(epochs=EPOCHS, learning_rate=3e-3, ema=0.9, accumulate=2)


def lora() -> tuple[nn.Module, Objective, object, Schedule]:
    """Adapters on frozen layers, in bfloat16."""
    from peft import LoraConfig, TaskType, get_peft_model

    config = LoraConfig(task_type=TaskType.SEQ_CLS, r=4, lora_dropout=0.1, target_modules=["query", "value"])
    return get_peft_model(encoder(), config), labels, Texts(), Schedule(epochs=EPOCHS, learning_rate=1e-2, bf16=True)


def adversarial() -> tuple[nn.Module, Objective, object, Schedule]:
    """From random starts against several steps up."""
    from argosy.train.methods.adversarial import freelb

    return encoder(), freelb(labels, epsilon=0.3, ascents=2), Texts(), Schedule(epochs=EPOCHS, learning_rate=3e-3)


def continual() -> tuple[nn.Module, Objective, object, Schedule]:
    """Old rows among the new, weights held where they were."""
    from argosy.train.methods.continual import Replay, anchored, starting_point

    model = encoder()
    source = Replay(new=Texts(first=1), old=Texts(), new_rows=ROWS, share=0.3, seed=2)
    objective = anchored(labels, starting_point(model), strength=0.1)
    return model, objective, source, Schedule(steps=22, learning_rate=3e-3, evaluate_every=4, decay="l2")


def scratch() -> tuple[nn.Module, Objective, object, Schedule]:
    """A decoder from random weights."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=WORDS,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=16,
        tie_word_embeddings=True,
    )
    schedule = Schedule(epochs=EPOCHS, learning_rate=3e-3, optimiser="muon")
    return LlamaForCausalLM(config), next_words, Texts(), schedule


METHODS: dict[str, Callable[[], tuple[nn.Module, Objective, object, Schedule]]] = {
    "full": full,
    "lora": lora,
    "adversarial": adversarial,
    "continual": continual,
    "scratch": scratch,
}


def run(method: str, folder: Path, say: Callable[[str], None]) -> str:
    """Train to the end, from the folder's checkpoint where there is one; the SHA-256 of the weights and the scores."""
    model, objective, source, schedule = METHODS[method]()

    def score(trained: nn.Module) -> float:
        with torch.no_grad():
            return -sum(objective_of(trained, Texts(first=9).batch((row, row + 1), 0)) for row in (0, 2, 4))

    objective_of = next_words if method == "scratch" else labels
    state = train(
        model,
        objective,
        source,
        lambda trained: float(score(trained)),
        schedule,
        lambda share, note: None,
        keep=Checkpoints(folder, every=EVERY),
        log=lambda record: say(f"step {record.step}") if isinstance(record, StepRecord) else None,
    )
    told = b"".join(value.detach().contiguous().numpy().tobytes() for value in model.state_dict().values())
    return hashlib.sha256(told + repr(state.history).encode()).hexdigest()


def _forked(method: str, folder: Path) -> None:
    child = os.fork()
    if child == 0:
        try:
            _say(f"sha256 {run(method, folder, _say)}")
        finally:
            os._exit(0)
    _say(f"pid {child}")
    os.waitpid(child, 0)
    _say("over")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    for made in METHODS.values():  # all that is imported on the way is there before the first fork
        made()
    _say("ready")
    for order in sys.stdin:
        wanted, _, place = order.strip().partition(" ")
        _forked(wanted, Path(place))
