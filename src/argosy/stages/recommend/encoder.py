"""The encoder itself learnt from what came next, which takes minutes where a head above it takes seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from argosy.core.stage import Tell
from argosy.recommend.interactions import Floats
from argosy.recommend.interest.bridge import turned
from argosy.recommend.interest.examples import Examples, Trial
from argosy.recommend.interest.model import Interest, middle
from argosy.stages.recommend.head import lessons
from argosy.stages.recommend.material import Material
from argosy.train.recipe import Recipe

_LOOKED_AT = 4_000  # texts of a trial that are read again after each epoch


def learnt(
    recipe: Recipe, rows: int, raw: Floats, begin: Interest, trial: Trial, material: Material, tell: Tell
) -> Path:
    """The folder of the encoder that ranks the hidden items of ``trial`` best, learnt below the head of ``begin``.

    ``raw`` [items, dimensions] are the texts' vectors as they were; of the examples, ``rows`` drawn ones are read.
    """
    import torch

    from argosy.train.checkpoints import Checkpoints
    from argosy.train.fit import Watch, fit
    from argosy.train.objectives.interest import Head, Interested

    texts, prefix = material.catalogue.texts, material.begun.prefixes.query
    examples = Examples.of(trial.train)
    drawn = np.random.default_rng(recipe.seed).permutation(len(examples))[:rows].tolist()
    looked = _looked_at(trial, texts)

    def score(truth: Any, said: Floats) -> float:
        del truth
        now = raw.copy()
        now[looked] = said
        return float(trial.ndcg(turned(now, begin.head.turn, begin.pooling).scores(trial.histories)).mean())

    head = Head(begin.head.turn, begin.pooling.slopes, dropout=0.0).requires_grad_(requires_grad=False).eval()
    aim = Interested(
        lessons=lessons(raw, trial.train, seed=recipe.seed, batch_size=recipe.batch_size), head=head, middle=middle(raw)
    )
    told: Mapping[str, Sequence[Any]] = {
        "train": [(prefix + texts[examples.target[row]], row) for row in drawn],
        "validation": [(prefix + texts[item], -1) for item in looked],
    }
    out = material.place / "checkpoint"
    keep = Checkpoints(material.place / "checkpoints", seconds=120)
    torch.manual_seed(recipe.seed)
    limited = replace(recipe, max_length=min(recipe.max_length, material.begun.longest))
    fit(aim, material.begun.folder, told, out, limited, Watch(score=score, tell=tell, keep=keep))
    return out


def _looked_at(trial: Trial, texts: Sequence[str]) -> list[int]:
    """The hidden items, and as many of the histories' as there is room for."""
    known = np.concatenate([history.items for history in trial.histories])
    counts = np.bincount(known, minlength=len(texts))
    often = np.argsort(-counts, kind="stable")[: _LOOKED_AT - min(len(trial.hidden), _LOOKED_AT)]
    found = np.union1d(trial.hidden[:_LOOKED_AT], often[counts[often] > 0])
    return [int(item) for item in found if texts[item].strip()]
