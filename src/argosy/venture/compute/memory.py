"""The memory of serving a language model: its weights, and the keys and values of each token in sight."""

from argosy.core.errors import ProjectError


def weight_bytes(parameters: int, bits: int) -> int:
    """The weights at so many bits each, whole bytes."""
    return -(-parameters * bits // 8)


def cache_bytes(layers: int, heads: int, size: int, width: int = 2) -> int:
    """Keys and values of one token: 2 · layers · key-value heads · size of a head · bytes of a number.

    Grouped heads (Ainslie and others, "GQA", 2023) share theirs: ``heads`` are those of keys and values.
    """
    return 2 * layers * heads * size * width


def sequences(memory: int, weights: int, token: int, context: int) -> int:
    """How many sequences of a whole context fit beside the weights; raises ProjectError where the weights do not."""
    if weights > memory:
        raise ProjectError(
            "The weights take {weights} bytes, the memory has {memory}.",
            mend="Take fewer bits, a smaller model or a larger machine.",
            weights=weights,
            memory=memory,
        )
    return (memory - weights) // (token * context)
