"""A small decoder trained from nothing in a few minutes, against a 5-gram Kneser-Ney model and xz: bits per UTF-8 byte.

English (Brown) and Chinese (news of 1998), on documents that were held out. The tokenizer, the shape and the recipe are
those of ``size = "small"``; the time is that of the tokenizer and of the training with its evaluations, ``--minutes``
sets it. ``--tokens`` trains on so many instead, however long that takes: on a machine that does other work beside.
"""

import time
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

import numpy as np
from benchmarks.measuring import note, tell
from benchmarks.texts import corpora

from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import Ratios
from argosy.evaluate.paired import difference
from argosy.evaluate.rivals import byte_models, kneser_ney
from argosy.evaluate.tasks.text import language_model
from argosy.models import scratch
from argosy.models.byte_pairs import BytePairs
from argosy.train.language import pace
from argosy.train.language.corpus import Corpus, HeldOut, next_token, schedule, tokenised
from argosy.train.loop import ScoreRecord, StepRecord, train

MINUTES, QUICK = 8.0, 40 / 60
EVALUATIONS = 4
WINDOWS = 64  # contexts of validation text that are read at each
SEED = 0
LANGUAGES = {"en": "brown", "zh": "news"}


def main() -> None:
    """Both languages in turn."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="40 seconds a language and a smaller shape")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="of training a language")
    parser.add_argument("--tokens", type=int, default=0, help="to train on in place of a time")
    parser.add_argument("--only", choices=LANGUAGES, help="one language alone")
    given = parser.parse_args()
    minutes, size = (QUICK, "tiny") if given.quick else (given.minutes, "small")
    chosen = {given.only: LANGUAGES[given.only]} if given.only else LANGUAGES
    found = {language: _language(corpus, size, 60 * minutes, given.tokens) for language, corpus in chosen.items()}
    ratio = min(one["kneser_ney"]["value"] / one["decoder"]["value"] for one in found.values())
    tell(
        "bits_per_byte",
        {
            "ratio": round(ratio, 3),
            "size": size,
            "beats_both": all(one["beats_both"] for one in found.values()),
            "quality": found,
        },
        packages=("torch", "transformers", "tokenizers"),
    )


def _language(corpus: str, size: str, seconds: float, tokens: int) -> dict[str, Any]:
    """Every model of one language on the same documents."""
    parts = corpora.parted(corpus, seed=SEED)
    counted = kneser_ney.best(parts["train"], parts["validation"])
    grams = counted.nats(parts["test"])
    packed = byte_models.xz(parts["train"], parts["test"])
    peer = _told(parts["test"], grams)
    note(f"{corpus}: Kneser-Ney {peer['value']:.3f} over {counted.level}s, xz {packed.bits_per_byte:.3f}")
    nats, training = _decoder(parts, size, seconds, tokens)
    decoder = _told(parts["test"], nats)
    lead = _lead(parts["test"], grams, nats)
    note(f"{corpus}: decoder {decoder['value']:.3f} after {training['seconds']:.0f} s")
    return {
        "decoder": decoder,
        "kneser_ney": {**peer, "over": counted.level},
        "xz": asdict(packed),
        "beats_both": lead["low"] > 0 and decoder["high"] < packed.bits_per_byte,
        "bits_fewer_than_kneser_ney": lead,
        "documents": len(parts["test"]),
        "training": training,
    }


def _decoder(parts: dict[str, list[str]], size: str, seconds: float, tokens: int) -> tuple[np.ndarray, dict[str, Any]]:
    """The surprise of each test document, and how the training went."""
    begun = time.monotonic()
    shape = scratch.fitted(size, sum(len(text.encode()) for text in parts["train"]))
    tokenizer = BytePairs.train(parts["train"], size=shape.vocabulary)
    stream = tokenised(parts["train"], tokenizer)
    source = Corpus.of(stream, context=shape.context, batch_tokens=shape.batch_tokens, seed=SEED)
    held_out = HeldOut.of(parts["validation"], tokenizer, context=shape.context).few(WINDOWS)
    model = scratch.decoder(shape, tokenizer, seed=SEED)
    speed = pace.measured(model, next_token, source, held_out, schedule(shape, steps=1, bf16=True))
    budget = speed.steps(seconds - (time.monotonic() - begun), EVALUATIONS) * shape.batch_tokens
    planned_tokens = tokens or scratch.horizon(shape, tokenizer.size, len(stream), budget)
    steps = max(1, planned_tokens // (source.batch_size * source.context))
    planned = schedule(shape, steps=steps, evaluations=EVALUATIONS, bf16=True)
    predicted = speed.seconds(steps, EVALUATIONS)
    started = time.monotonic()
    state = train(
        model, next_token, source, lambda one: -held_out.bits_per_byte(one, bf16=True), planned, _silent, log=_log
    )
    took = time.monotonic() - started
    nats = HeldOut.of(parts["test"], tokenizer, context=shape.context).nats(model, bf16=False)
    facts = {
        "seconds": took,
        "predicted_seconds": predicted,
        "steps": steps,
        "tokens": steps * source.batch_size * source.context,
        "epochs": steps / len(source.order(0)),
        "parameters": shape.parameters(tokenizer.size),
        "vocabulary": tokenizer.size,
        "validation": [-score for _, score in state.history],
    }
    return nats, {name: round(value, 3) if isinstance(value, float) else value for name, value in facts.items()}


def _bits(texts: list[str], nats: np.ndarray) -> Ratios:
    """Bits per byte, the documents its units."""
    metric = language_model(texts, nats)["bits_per_byte"]
    if not isinstance(metric, Ratios):
        raise SystemExit(str(metric))
    return metric


def _told(texts: list[str], nats: np.ndarray) -> dict[str, float]:
    """With its interval over documents."""
    return {name: round(value, 4) for name, value in asdict(around(_bits(texts, nats), seed=SEED)).items()}


def _lead(texts: list[str], grams: np.ndarray, nats: np.ndarray) -> dict[str, float]:
    """The paired difference to the n-grams, positive where the decoder needs fewer bits."""
    told = asdict(difference(_bits(texts, grams), _bits(texts, nats), seed=SEED))
    return {name: round(value, 4) for name, value in told.items()}


def _silent(share: float, line: str) -> None:
    """No news of single steps."""
    del share, line


def _log(record: StepRecord | ScoreRecord) -> None:
    """News of evaluations."""
    if isinstance(record, ScoreRecord):
        note(f"  step {record.step}: loss {record.loss:.3f}, validation {-record.score:.4f} bits per byte")


if __name__ == "__main__":
    main()
