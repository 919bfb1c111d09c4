"""Linear algebra in one thread: with short vectors, threads that wait for each other cost tenfold on a busy machine."""

from contextlib import AbstractContextManager


def one_thread() -> AbstractContextManager[object]:
    """A block in which the numeric libraries use one thread."""
    from threadpoolctl import threadpool_limits  # of the install that builds

    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits
