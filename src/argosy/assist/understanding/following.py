"""Questions that hang on the one before: told by their words, and made standalone with what that one was about.

Rules and no model: "and how much is it?" behind "How long does a transfer abroad take?" reads "how much is a transfer
abroad", and "那上海呢？" behind "寄到北京要多久？" keeps the question and names the other place.
"""

from argosy.assist.understanding import chinese, english
from argosy.assist.understanding.forms import Form
from argosy.assist.understanding.script import Language

_LONGEST_TOPIC = 120  # characters


def follows(question: str, language: Language) -> bool:
    """Whether a question cannot be understood without the one before.

    >>> follows("And how much is it?", "en"), follows("How do I open an account?", "en"), follows("那多少钱？", "zh")
    (True, False, True)
    """
    return _form(question, language) is not None


def standalone(question: str, earlier: str, language: Language) -> str:
    """A question that follows, with what the ``earlier`` one was about; others stay as they are.

    >>> standalone("And how much is it?", "How long does a transfer abroad take?", "en")
    'how much is a transfer abroad?'
    >>> standalone("What about France?", "How long does a transfer to Germany take?", "en")
    'How long does a transfer to France take?'
    >>> standalone("那白色的呢？", "黑色的有货吗？", "zh"), standalone("要多久？", "怎么申请退款？", "zh")
    ('白色的有货吗？', '申请退款要多久？')
    """
    form = _form(question, language)
    if form is None or not earlier:
        return question
    if language == "zh":
        topic, exchange, beside = chinese.topic, chinese.instead, chinese.beside
    else:
        topic, exchange, beside = english.topic, english.instead, english.beside
    if form.instead:
        return exchange(form.rest, earlier)
    about = topic(earlier)[:_LONGEST_TOPIC] or earlier
    return form.rest[: form.at[0]] + about + form.rest[form.at[1] :] if form.at else beside(form.rest, about)


def _form(question: str, language: Language) -> Form | None:
    return chinese.form(question.strip()) if language == "zh" else english.form(question.strip())
