"""Where things lie in a project's folder."""

from pathlib import Path

import platformdirs

from argosy.core.errors import MissingError
from argosy.core.extension import let_find
from argosy.infer.folder import NAME, told

STORE = ".argosy/artifacts"
TRAINING = ".argosy/training"  # checkpoints of what is being trained
COMPRESSION = ".argosy/compression"  # models that are being tried
CORRECTIONS = ".argosy/corrections.jsonl"  # what people said an assistant should have answered
OPINIONS = ".argosy/opinion"  # the texts of an opinion monitor
CURVES = ".argosy/curves"  # event files, where a project asks for them
LOCK = "argosy.lock"
MODEL = "model"  # a link to the newest whole model
CARD = "README.md"  # in the model


def find_model(folder: Path) -> Path:
    """The model's folder: ``folder`` itself, or the newest model of the project in it; raises MissingError."""
    for place in (folder, folder / MODEL):
        if (place / NAME).is_file():
            if place != folder and told(place).get("extensions"):
                let_find(folder)  # a project's extensions may lie beside its file; a model alone brings no code
            return place
    raise MissingError(
        "There is no model here.", where=str(folder), mend="Build one: argosy run {folder}", folder=folder
    )


def default_cache() -> Path:
    """Where converted base models are kept between projects."""
    return Path(platformdirs.user_cache_dir("argosy"))
