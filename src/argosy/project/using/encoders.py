"""Base models that embed texts, exported once and kept."""

from pathlib import Path

from argosy.core.artifact import MANIFEST, writing
from argosy.models.source import Base, resolve


def encoder(model: str, folder: Path, cache: Path) -> Path:
    """The folder of an encoder in ``cache``, written now where it is not there yet.

    ``model`` is named as in ``[base]``: ``package:NAME``, a folder relative to ``folder``, a hub id. Raises
    MissingError when it is not there or cannot embed, GateError when the graph gives other vectors than torch.
    """
    base = resolve(model, folder, cache)
    store, kind = cache / "encoders", f"encoder-1-{base.digest[:16]}"
    whole = [path for path in sorted(store.glob(f"{kind}-*")) if (path / MANIFEST).is_file()]
    if whole:
        return whole[0]
    with writing(store, kind) as draft:
        write_base(base, draft.path)
    return draft.artifact.path


def write_base(base: Base, out: Path) -> None:
    """Write the folder ``out``; raises as ``encoder``."""
    from argosy.compress.encoders import Origin, write_encoder  # torch, which is not needed where one is kept

    write_encoder(base.path, out, Origin.of(base))
