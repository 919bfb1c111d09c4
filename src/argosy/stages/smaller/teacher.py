"""What the models that are compressed say of texts, asked for once: the answers are kept in a file."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from argosy.core.artifact import write_atomically
from argosy.infer.batches import Floats

_KNOWN, _LOGITS = "teacher.json", "teacher.npy"


class Teacher:
    """The mean logits of one or several models, kept in ``folder`` for each text by its digest."""

    def __init__(self, folder: Path, models: Sequence[Callable[[Sequence[str]], Floats]]) -> None:
        self._folder = folder
        self._models = models
        self._rows: dict[str, Floats] = {}
        if (folder / _KNOWN).is_file():
            known = json.loads((folder / _KNOWN).read_text(encoding="utf-8"))
            self._rows = dict(zip(known, np.load(folder / _LOGITS), strict=False))

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Float32 [texts, labels] in the order of ``texts``."""
        keys = [hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32] for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        if new:
            told = np.stack([model(list(new.values())) for model in self._models])
            self._rows |= dict(zip(new, told.mean(axis=0), strict=True))
            self._keep()
        return np.stack([self._rows[key] for key in keys])

    def _keep(self) -> None:
        """The logits first: a list of texts that is a step behind them names their first rows."""
        aside = self._folder / f"new-{_LOGITS}"
        np.save(aside, np.stack(list(self._rows.values())))
        aside.replace(self._folder / _LOGITS)
        write_atomically(self._folder / _KNOWN, json.dumps(list(self._rows)))
