"""Tables of questions and answers (CSV, TSV, XLSX) as blocks."""

from collections.abc import Iterator
from pathlib import Path

from argosy.core.errors import DataError
from argosy.data.documents.blocks import Block
from argosy.data.documents.faq import ANSWERS, QUESTIONS, pair_of
from argosy.data.files.read import first_row, read_table

_NAMED = 12  # columns


def question_blocks(path: Path, name: str) -> Iterator[Block]:
    """Each row's question with its answer below; an answer without one goes on from the row above.

    Raises DataError where the columns of questions and answers cannot be told.
    """
    names = read_table(path).columns
    pair = pair_of(names)
    if pair is None:
        raise DataError(
            "No columns of questions and answers are found; the first row names {names}.",
            where=f"{name}, row 1",
            mend="Name them {question!r} and {answer!r}, or {zh_question!r} and {zh_answer!r}.",
            names=", ".join(repr(column[:40]) for column in names[:_NAMED]),
            question=QUESTIONS[0],
            answer=ANSWERS[0],
            zh_question="问题",
            zh_answer="答案",
        )
    rows = read_table(path, pair).select(pair).iter_rows()  # which refuses cells that are merged over rows
    for row, (question, answer) in enumerate(rows, start=first_row(path)):
        if (answer or "").strip():
            yield Block(text=question or "", kind="question", row=row)
            yield Block(text=answer, row=row)
