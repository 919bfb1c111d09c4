"""Redaction: how much personal data is found, how much of what is found is personal, and how fast.

    python -m benchmarks.data.redaction [--quick] [--model en_core_web_sm]

Recall: a value is found when spans of its own kind cover all of it. Precision of a kind: the share of its finds, in
all sentences with values and in four times as many look-alikes as there are values of one kind, that touch a value of
that kind. The cue words of the sentences are those that people use and that the rules know; a passport number without
any is not found. What was missed goes to standard error. Names and addresses are reported, not judged.
"""

import argparse
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from benchmarks.data.personal_data import Sentence, look_alikes, real_lines, sentences

from argosy.data.redact import KINDS, Recognise, Span, chinese_names, find, mask, presidio, together
from argosy.evaluate.intervals import wilson

SEED = 20261122
COUNT = 1200
KINDS_BY_RULE = tuple(kind for kind in KINDS if kind not in {"name", "address"})
CHECKSUMMED = ("resident_id", "bank_card", "uscc", "iban")
RECALL, PRECISION = 0.98, 0.95


def covers(spans: Sequence[Span], sentence: Sentence) -> bool:
    """Whether spans of the sentence's kind hold every character of its value."""
    held = {place for span in spans if span.kind == sentence.kind for place in range(span.start, span.end)}
    return held.issuperset(range(sentence.start, sentence.end))


def touches(span: Span, sentence: Sentence) -> bool:
    """Whether a find has to do with the sentence's value, and is of its kind."""
    return span.kind == sentence.kind and span.start < sentence.end and span.end > sentence.start


def share(right: int, rows: int) -> dict[str, float] | None:
    """A share with its interval, for JSON; None of nothing."""
    if rows == 0:
        return None
    figure = wilson(right, rows)
    return {"value": round(figure.value, 4), "low": round(figure.low, 4), "high": round(figure.high, 4)}


def measure(count: int) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
    """Recall and precision by kind on ``count`` sentences a kind and four times as many look-alikes, and the misses."""
    right: Counter[str] = Counter()
    finds: Counter[str] = Counter()
    true_finds: Counter[str] = Counter()
    odd: defaultdict[str, list[str]] = defaultdict(list)
    rows = [row for number, kind in enumerate(KINDS_BY_RULE) for row in sentences(kind, count, SEED + 10 * number)]
    for sentence in (*rows, *look_alikes(4 * count, SEED - 10)):
        spans = find(sentence.text)
        if sentence.kind and covers(spans, sentence):
            right[sentence.kind] += 1
        elif sentence.kind:
            odd[f"missed {sentence.kind} {sentence.form}"].append(sentence.text[max(0, sentence.start - 20) :][:70])
        for span in spans:
            finds[span.kind] += 1
            if touches(span, sentence):
                true_finds[span.kind] += 1
            else:
                odd[f"false {span.kind} in {sentence.kind} {sentence.form}"].append(
                    sentence.text[max(0, span.start - 20) :][:70]
                )
    return {
        kind: {"recall": share(right[kind], count), "precision": share(true_finds[kind], finds[kind]), "rows": count}
        for kind in KINDS_BY_RULE
    }, odd


def speed(texts: Sequence[str]) -> float:
    """Texts a second through the text step, the best of three."""
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        for text in texts:
            mask(text)
        best = max(best, len(texts) / (time.perf_counter() - start))
    return round(best)


def measure_names(recognise: Recognise, count: int) -> dict[str, Any]:
    """What a recogniser finds of names and addresses by language: all of them, or any part; and its precision."""
    figures: dict[str, Any] = {}
    for kind in ("name", "address"):
        rows: Counter[str] = Counter()
        whole: Counter[str] = Counter()
        part: Counter[str] = Counter()
        finds = true_finds = 0
        for row in sentences(kind, count, SEED):
            spans = find(row.text, {kind}, recognise)
            form = row.form.rstrip("!")
            rows[form] += 1
            whole[form] += covers(spans, row)
            part[form] += any(touches(span, row) for span in spans)
            finds += len(spans)
            true_finds += sum(touches(span, row) for span in spans)
        found = {
            form: {"whole": share(whole[form], rows[form]), "part": share(part[form], rows[form])} for form in rows
        }
        figures[kind] = {"recall": found, "precision": share(true_finds, finds)}
    return figures


def main(count: int, model: str | None) -> None:
    """Measure, and say whether the gate holds."""
    from benchmarks.measuring import note, tell

    kinds, odd = measure(count)
    for name, texts in sorted(odd.items()):
        note(f"{len(texts):5} {name}: {texts[:3]}")
    lines = random.Random(SEED).choices(real_lines(), k=20 * count)
    full = [row.text for kind in KINDS_BY_RULE for row in sentences(kind, count // 10, SEED)]
    held = all(facts["recall"]["value"] >= RECALL for facts in kinds.values()) and all(
        kinds[kind]["precision"]["value"] >= PRECISION for kind in CHECKSUMMED
    )
    recognisers = [chinese_names(), *([presidio({"en": model})] if model else [])]
    tell(
        "redaction",
        {
            "held": held,
            "seed": SEED,
            "kinds": kinds,
            "names": measure_names(together(*recognisers), count),
            "names_by": ["rjieba", *([f"presidio with {model}"] if model else [])],
            "look_alikes": 4 * count,
            "real_lines_per_s": speed(lines),
            "lines_with_personal_data_per_s": speed(full),
        },
        packages=("faker", "python-stdnum", "phonenumbers", "rjieba"),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the sentences")
    parser.add_argument("--model", help="an installed spaCy model for English names and places, read by Presidio")
    chosen = parser.parse_args()
    main(COUNT // 10 if chosen.quick else COUNT, chosen.model)
