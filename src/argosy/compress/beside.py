"""Writes a graph's large constants to a file beside it, which ONNX Runtime maps into memory.

Mapped pages are read when they are needed, and several processes that serve one model share them.
"""

from pathlib import Path

import onnx

_SMALLEST = 1_024  # bytes: what is smaller stays in the graph's file


def data_of(graph: Path) -> Path:
    """The file that holds the constants of a graph, if any was written.

    >>> data_of(Path("onnx/model.onnx")).as_posix()
    'onnx/model.onnx.data'
    """
    return graph.with_name(graph.name + ".data")


def write_beside(source: Path, target: Path) -> Path:
    """Write the graph ``source`` to ``target`` and its large constants to ``data_of(target)``; gives ``target``.

    The graph is the last to appear under its name; it finds its data wherever both are moved together.
    """
    aside = target.with_name(target.name + ".part")
    data_of(target).unlink(missing_ok=True)  # it would be appended to
    onnx.save(
        onnx.load(source),
        aside,
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=data_of(target).name,
        size_threshold=_SMALLEST,
        convert_attribute=False,
    )
    aside.replace(target)
    return target
