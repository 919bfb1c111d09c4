"""Which columns hold questions and answers, by the names that people give them in both languages."""

from collections.abc import Sequence

QUESTIONS = (
    "question", "questions", "q", "query", "faq", "asked", "standard question",
    "问题", "問題", "问", "問", "提问", "提問", "问句", "标准问题", "标准问", "常见问题", "用户问题", "客户问题",
)  # fmt: skip
ANSWERS = (
    "answer", "answers", "a", "reply", "response", "standard answer",
    "答案", "答", "回答", "回复", "回覆", "答复", "答覆", "标准答案", "标准回答", "客服回复", "解答",
)  # fmt: skip


def pair_of(names: Sequence[str]) -> tuple[str, str] | None:
    """The column of questions and that of answers, None where one of them cannot be told.

    >>> pair_of(["No", "Question ", "Standard_Answer"]), pair_of(["编号", "问题", "答案"]), pair_of(["text", "label"])
    (('Question ', 'Standard_Answer'), ('问题', '答案'), None)
    """
    folded = {" ".join(name.casefold().replace("_", " ").split()): name for name in reversed(names)}
    question = next((folded[name] for name in QUESTIONS if name in folded), None)
    answer = next((folded[name] for name in ANSWERS if name in folded), None)
    return (question, answer) if question is not None and answer is not None else None
