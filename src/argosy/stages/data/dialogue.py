"""Questions with their answers as rows: one text, so that twins, near-twins and parts see both, and where it is cut."""

from dataclasses import replace

from argosy.core.records import Example

_CUT = "cut"  # in ``meta``: characters of the question


def joined(question: Example, answer: str) -> Example:
    """A question and its answer as one row, a line end between them."""
    meta = {name: value for name, value in question.meta.items() if name != "answer"}
    return replace(question, text=f"{question.text}\n{answer}", meta={**meta, _CUT: len(question.text)})


def parted(example: Example) -> tuple[str, str]:
    """The question and the answer of a row; a row that is no dialogue is all answer."""
    cut = example.meta.get(_CUT)
    return ("", example.text) if not isinstance(cut, int) else (example.text[:cut], example.text[cut + 1 :])
