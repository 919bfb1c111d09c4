"""The encoder and the reranker that earlier stages made, opened as they serve."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from argosy.assist.retrieval.snapshot import Encoder
from argosy.core.artifact import digest_file
from argosy.core.engine import Reranker
from argosy.infer.engines.cross import open_reranker
from argosy.infer.engines.embed import GRAPH, open_embedder
from argosy.stages.support import encoder, reranker

Embed = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An encoder; ``questions`` embeds texts as questions."""

    encoder: Encoder

    def questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Float32 [texts, width]."""
        return self.encoder.vectors("query", texts)


def open_encoder(artifact: Path) -> Opened | None:
    """The encoder that stage *encoder* kept; None where the project has no base model."""
    found = encoder.folder(artifact)
    if found is None:
        return None
    return Opened(encoder=Encoder.of(open_embedder(found), digest_file(found / GRAPH)))


def open_reread(artifact: Path) -> Reranker | None:
    """The reranker that stage *reranker* kept, if it helped."""
    found = reranker.folder(artifact)
    return open_reranker(found) if found else None
