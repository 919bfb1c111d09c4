"""A small assistant in a folder, written as a build writes it: no encoder, no intents, words alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from argosy.assist.answering.rules import Rules
from argosy.assist.folder import Made, write_assistant
from argosy.assist.guarantee.thresholds import Thresholds
from argosy.assist.retrieval.fusion import Fusion, unfitted
from argosy.core.knowledge import Entry
from argosy.infer import folder as model_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Guessed:
    """What nobody calibrated: it answers from a chance of 0.3 on."""

    fusion: Fusion = field(default_factory=unfitted)
    reread: Fusion | None = None
    rules: Rules = field(
        default_factory=lambda: Rules(
            thresholds=Thresholds(max_wrong=0.7, confidence=0.9, out_of_scope=0.2), near=0.1, apart=0.01
        )
    )


def write(folder: Path, entries: Sequence[Entry], name: str = "shop") -> Path:
    """The folder of an assistant that knows these entries."""
    folder.mkdir(parents=True)
    write_assistant(folder, Made(entries=entries, calibrated=Guessed()), name=name, languages=["en", "zh"])
    model_folder.write(folder, {**model_folder.told(folder), "data": {"name": "MIT", "non_commercial": False}})
    return folder
