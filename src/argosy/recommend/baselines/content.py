"""Items whose texts are alike, without an encoder: cosines of TF-IDF weights of n-grams of characters.

Characters need no words, so Chinese titles are read as English ones are.
"""

import numpy as np
from scipy import sparse

from argosy.evaluate.rivals.ngrams import WIDEST, vocabularies, weights_of
from argosy.recommend.baselines.pairs import Pairs
from argosy.recommend.baselines.products import largest
from argosy.recommend.interactions import Catalogue, Interactions
from argosy.recommend.scorer import Settings

_AT_ONCE = 256  # items


def content(events: Interactions, catalogue: Catalogue, settings: Settings) -> Pairs:
    """The ``nearest`` items of each by text; what anybody did with them counts nothing here.

    An item without a text, or whose text shares nothing with another, is near none.
    """
    matrix = _near(list(catalogue.texts), int(settings["nearest"]))
    return Pairs(
        name="content",
        matrix=matrix,
        half_life=settings.get("half_life", 0.0),
        hint=settings.get("hint", 0.0),
    )


def _near(texts: list[str], most: int) -> sparse.csr_matrix:
    if not texts:
        return sparse.csr_matrix((0, 0), dtype=np.float32)
    weights = sparse.csr_matrix(weights_of(vocabularies(texts, WIDEST)[-1], texts), dtype=np.float32)
    others = weights.T.tocsr()
    blocks = []
    for begin in range(0, len(texts), _AT_ONCE):
        block = sparse.csr_matrix(weights[begin : begin + _AT_ONCE] @ others)
        block.setdiag(0, k=begin)
        block.eliminate_zeros()
        blocks.append(largest(block, most))
    return sparse.csr_matrix(sparse.vstack(blocks, format="csr"))
