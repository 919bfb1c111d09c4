"""What a customer's last message asks, in the light of those before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from argosy.assist.understanding.courtesies import courtesy
from argosy.assist.understanding.following import follows, standalone
from argosy.assist.understanding.intents import Read
from argosy.assist.understanding.mood import mood_of
from argosy.assist.understanding.parting import parted
from argosy.assist.understanding.script import Language, Simplify, clipped, language_of, plain, simplifier
from argosy.core.records import Message
from argosy.core.support import Understood
from argosy.data.slots import values

_TURNS = 20  # of the customer that are read, newest first; what was said before is forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """Reads conversations by rules, and the intents of their questions by ``intents``, where there is such a model.

    ``language`` is what a text without letters counts as. Questions are in simplified characters, as they are matched;
    a question that hangs on the one before carries what that one was about.
    """

    intents: Callable[[Sequence[str]], Read] | None = None
    language: Language = "en"
    simplify: Simplify = field(default_factory=simplifier)

    def understand(self, messages: Sequence[Message]) -> Understood:
        """What the last message of the user asks; it never fails, whatever the text."""
        said = [one.content for one in messages if one.role == "user"][-_TURNS:]
        if not said:
            return Understood(text="", questions=(), language=self.language)
        texts = [plain(self.simplify(clipped(text))) for text in said]
        topic, language, hung = "", self.language, False
        questions: tuple[str, ...] = ()
        for text in texts:
            language = language_of(text) or language
            questions, hung = _resolved(parted(text), topic)
            topic = questions[-1] if questions else topic
        read = self.intents(questions) if self.intents and questions else None
        return Understood(
            text=said[-1],
            questions=questions,
            language=language,
            mood=mood_of(texts[-1], texts[:-1]),
            intents=_likeliest(read) if read else (),
            known=tuple(map(float, read.known)) if read else (),
            slots={slot.name: slot.value for text in said for slot in values(clipped(text))},
            follows=hung,
            courtesy="" if questions else _courtesy(texts[-1]),
        )


def _resolved(questions: Sequence[str], topic: str) -> tuple[tuple[str, ...], bool]:
    """The questions made standalone, each after those before it, and whether the first hangs on an earlier message."""
    out: list[str] = []
    hung = False
    for question in questions:
        language = language_of(question) or "en"
        if topic and follows(question, language):
            hung = hung or not out
            question = standalone(question, topic, language)  # noqa: PLW2901 - the same question
        out.append(question)
        topic = question
    return tuple(out), hung


def _likeliest(read: Read) -> tuple[tuple[str, float], ...]:
    best = read.probabilities.argmax(axis=1)
    return tuple((read.ids[place], float(row[place])) for place, row in zip(best, read.probabilities, strict=True))


def _courtesy(text: str) -> str:
    """The courtesy of a message without questions; of several sentences that of the first that is one."""
    sentences = [text, *text.replace("！", "!").replace("。", "!").replace("，", "!").replace(",", "!").split("!")]
    return next((kind for sentence in sentences if (kind := courtesy(sentence))), "")
