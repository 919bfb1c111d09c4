"""Training a small decoder from nothing: Argosy's loop against a plain fp32 loop of the same model, in turn.

The model has 6 layers of 384 and reads contexts of 256, the text is Brown, the batches and the learning rates are the
same; both begin with the same weights and train with AdamW, so that the validation loss can be compared. The
peer computes in fp32 with torch's attention kernel and all logits at once. Then the loop trains once more with Muon,
which is what trainings from nothing use.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from benchmarks.measuring import arguments, note, tell
from benchmarks.texts import corpora

from argosy.models import scratch
from argosy.models.byte_pairs import BytePairs
from argosy.train.batches import Batch
from argosy.train.language.corpus import Corpus, HeldOut, next_token, schedule, tokenised
from argosy.train.loop import Schedule, ScoreRecord, StepRecord, train

STEPS, QUICK = 60, 6
WARM = 2  # steps that don't count
BATCH_TOKENS = 4_096
RATE = 2e-3
THREADS = 2
SEED = 0


def main() -> None:
    """Peer and loop in turn, then the loop with Muon."""
    steps = QUICK if arguments(__doc__).quick else STEPS
    torch.set_num_threads(THREADS)
    parts = corpora.parted("brown", seed=SEED)
    wide = {"width": 384, "layers": 6, "heads": 6, "kv_heads": 2, "ffn": 1_024}
    shape = replace(scratch.SIZES["small"], **wide, learning_rate=RATE, batch_tokens=BATCH_TOKENS)
    tokenizer = BytePairs.train(parts["train"], size=shape.vocabulary)
    stream = tokenised(parts["train"], tokenizer)
    source = Corpus.of(stream, context=shape.context, batch_tokens=shape.batch_tokens, seed=SEED)
    held_out = HeldOut.of(parts["validation"], tokenizer, context=shape.context).few(64)
    planned = schedule(shape, steps=steps, bf16=True)
    plain = scratch.decoder(shape, tokenizer, seed=SEED)
    plain.set_attn_implementation("sdpa")
    peer = _peer(plain, source, planned)
    theirs: list[float] = []
    ours: list[float] = []
    muon: list[float] = []

    def in_turn(record: StepRecord | ScoreRecord) -> None:
        if isinstance(record, StepRecord):
            ours.append(record.seconds)
            theirs.append(peer(record.step - 1))
            note(f"step {record.step}: {ours[-1]:.2f} s, peer {theirs[-1]:.2f} s, loss {record.loss:.3f}")

    def alone(record: StepRecord | ScoreRecord) -> None:
        if isinstance(record, StepRecord):
            muon.append(record.seconds)

    reached = {}
    for name, plan, log in (("ours", replace(planned, optimiser="adam"), in_turn), ("muon", planned, alone)):
        model = scratch.decoder(shape, tokenizer, seed=SEED)
        train(model, next_token, source, lambda _: 0.0, plan, lambda *_: None, log=log)
        reached[name] = held_out.bits_per_byte(model, bf16=False)
    reached["peer"] = held_out.bits_per_byte(plain.eval(), bf16=False)
    timed = {"peer": theirs, "ours": ours, "muon": muon}
    speeds = {name: BATCH_TOKENS / statistics.median(one[WARM:]) for name, one in timed.items()}
    tell(
        "pretrain",
        {
            "ratio": round(statistics.median(np.array(theirs[WARM:]) / np.array(ours[WARM:])), 2),  # of steps in turn
            "tokens_per_second": {name: round(speed) for name, speed in speeds.items()},
            "quality": {f"validation_bits_per_byte_{name}": round(value, 4) for name, value in reached.items()},
            "parameters": shape.parameters(tokenizer.size),
            "threads": THREADS,
        },
        packages=("torch", "transformers"),
    )


def _peer(model: torch.nn.Module, source: Corpus, planned: Schedule) -> Callable[[int], float]:
    """A function that takes a step of the plain loop and tells its seconds."""
    matrices = [weight for weight in model.parameters() if weight.ndim > 1]
    vectors = [weight for weight in model.parameters() if weight.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": planned.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups)
    order = source.order(0)

    def step(number: int) -> float:
        batch: Batch = source.batch(order[number], 0)
        begun = time.perf_counter()
        for group in optimiser.param_groups:
            group["lr"] = planned.learning_rate * planned.rate(number, planned.steps)
        ids = batch.tensors["ids"]
        logits = model(input_ids=ids[:, :-1], use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), planned.clip)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        loss.item()
        return time.perf_counter() - begun

    return step


if __name__ == "__main__":
    main()
