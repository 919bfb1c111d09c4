"""Products of a large sparse matrix with itself, of which only the largest of each row are kept: row block by block."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from argosy.recommend.interactions import Interactions

LONGEST = 1_000
"""The last events of a user that make pairs: pairs grow with the square, and a shop's own account is no taste."""
_AT_ONCE = 30_000_000  # pairs of a block, which is 360 MB


def cosines(successes: sparse.csr_matrix, most: int, shrink: float) -> sparse.csr_matrix:
    """Of the columns of people × items, ``shrink`` added to each product of lengths: items × items, without a diagonal.

    Each row keeps its ``most`` largest, of equal ones the first.
    """
    theirs = successes.T.tocsr()
    lengths = np.sqrt(np.asarray(successes.sum(axis=0)).ravel())
    pairs = np.cumsum(theirs.astype(bool) @ np.diff(successes.indptr).astype(np.int64))
    total = int(pairs[-1]) if len(pairs) else 0
    ends = np.unique(np.searchsorted(pairs, np.arange(_AT_ONCE, total + _AT_ONCE, _AT_ONCE), side="right"))
    blocks, begin = [], 0
    for end in [*ends.tolist(), len(pairs)]:
        if end > begin:
            blocks.append(_cosines(theirs[begin:end] @ successes, begin, lengths, most, shrink))
        begin = max(begin, end)
    return sparse.csr_matrix(sparse.vstack(blocks, format="csr")) if blocks else sparse.csr_matrix(2 * theirs.shape[:1])


def largest(matrix: sparse.csr_matrix, most: int) -> sparse.csr_matrix:
    """The same with the ``most`` largest of each row alone; of equal ones the first."""
    counts = np.diff(matrix.indptr)
    kept = np.ones(matrix.nnz, bool)
    for row in np.flatnonzero(counts > most):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        kept[part] = _top(matrix.data[part], matrix.indices[part], most)
    ends = np.concatenate([[0], np.cumsum(np.minimum(counts, most))])
    found = sparse.csr_matrix((matrix.data[kept], matrix.indices[kept], ends), shape=matrix.shape)
    found.sort_indices()
    return found


def latest(events: Interactions, most: int = LONGEST) -> Interactions:
    """The last events of each user, ``most`` at most, in the order of time."""
    order = np.argsort(events.users, kind="stable")
    counts = np.bincount(events.users, minlength=len(events.people))
    place = np.empty(len(events), np.int64)  # from a user's last event backwards
    place[order] = np.repeat(np.cumsum(counts), counts) - np.arange(len(events)) - 1
    return events.where(place < most) if len(events) and counts.max() > most else events


def _cosines(
    block: sparse.csr_matrix, begin: int, lengths: NDArray[np.float32], most: int, shrink: float
) -> sparse.csr_matrix:
    block = sparse.csr_matrix(block)
    rows = np.repeat(np.arange(begin, begin + block.shape[0], dtype=np.int32), np.diff(block.indptr))
    block.data /= lengths[rows] * lengths[block.indices] + np.float32(shrink)
    block.data[rows == block.indices] = 0
    block.eliminate_zeros()
    return largest(block, most)


def _top(values: NDArray[np.float32], columns: NDArray[np.int32], most: int) -> NDArray[np.bool_]:
    least = -np.partition(-values, most - 1)[most - 1]
    kept = np.asarray(values > least, bool)
    equal = np.flatnonzero(values == least)
    kept[equal[np.argsort(columns[equal])][: most - int(kept.sum())]] = True
    return kept
