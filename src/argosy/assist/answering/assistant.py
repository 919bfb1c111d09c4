"""Answers conversations: as it is stored, in the words of the sources, with a question back, or by a person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from argosy.assist.answering.candidates import Candidate, candidates, letters
from argosy.assist.answering.composing import Written, composed, stored
from argosy.assist.answering.parts import Part, joined
from argosy.assist.answering.rewriting import Rewriter
from argosy.assist.answering.rules import Rules
from argosy.assist.answering.turns import State, state_of
from argosy.assist.answering.words import WHY, WORDS, Language, Words, ask_between, label
from argosy.core.knowledge import Found, Retrieval
from argosy.core.records import Message
from argosy.core.support import Reply, Understanding, Understood

Retrievals = Callable[[int | None], Retrieval]
"""What is known now (None), or was known at a generation."""

_PERSON = ("angry", "wants_person")
_FAILED = 2  # answers of no help, in a row, after which a person takes over
_LOOKED = 10  # candidates of a question
_OPTIONS = 3
_SHOWN = 300  # characters of a question in a summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """An Assistant; ``version`` names the model, and ``rewriter`` words composed answers anew where there is one."""

    understanding: Understanding
    retrieval: Retrievals
    rules: Rules
    version: str
    rewriter: Rewriter | None = None

    def reply(self, messages: Sequence[Message], generation: int | None = None) -> Reply:
        """The answer to the last message."""
        understood, state = self.understanding.understand(messages), state_of(messages)
        understood = replace(understood, slots={**state.slots, **understood.slots})
        language = self.rules.language or understood.language
        turn = _Turn(self.rules, self.retrieval(generation), self.rewriter, WORDS[language], understood, state)
        reply = turn.reply()
        if reply.decision == "hand_over":
            reply = replace(reply, summary=_summary(messages, understood, reply.reason, language))
        return replace(
            reply,
            threshold=self.rules.threshold,
            slots=dict(understood.slots),
            language=language,
            generation=turn.retrieval.generation,
            version=f"{self.version}/{self.rules.share:g}",
        )

    def suggest(self, messages: Sequence[Message], most: int = 3) -> Sequence[Found]:
        """What a person may answer with, whatever the chance; best first."""
        understood, retrieval = self.understanding.understand(messages), self.retrieval(None)
        best: dict[str, Candidate] = {}
        for place, question in enumerate(understood.questions or (understood.text,)):
            for one in candidates(self.rules.judge, retrieval, understood, place, question, _LOOKED):
                held = best.get(one.entry.id)
                if one.entry.approved is not False and (held is None or one.chance > held.chance):
                    best[one.entry.id] = one
        ordered = sorted(best.values(), key=lambda one: (-one.chance, one.entry.id))
        return [replace(one.found, score=one.chance) for one in ordered[:most]]


@dataclass(frozen=True, slots=True)
class _Turn:
    """One message to answer, and everything it needs."""

    rules: Rules
    retrieval: Retrieval
    rewriter: Rewriter | None
    words: Words
    understood: Understood
    state: State

    def reply(self) -> Reply:
        """The answer, without what is the same for every one."""
        if self.understood.mood in _PERSON:
            return self._hand_over(self.understood.mood)
        if self.state.disputed and self.state.failures >= _FAILED:
            return self._hand_over("not_helped")
        asked = self._asked()
        if not asked:
            return self._talk()
        parts = [self._answer(place, question) for place, question in enumerate(asked)]
        reply = joined(parts, self.words)
        failed = all(part.decision in {"unknown", "clarify"} and part.reason != "slots" for part in parts)
        if self.state.disputed and (failed or reply.text in self.state.said):
            return self._talk()
        if failed and self.state.failures + 1 >= _FAILED:
            return self._hand_over("not_helped")
        return reply

    def _asked(self) -> Sequence[str]:
        """The questions to answer, the one that was chosen or taken up again in the place of the message's own."""
        for one in (self.state.chosen, self.state.resumed):
            if one:
                return [one]
        return list(dict.fromkeys(self.understood.questions))[: self.rules.questions]

    def _talk(self) -> Reply:
        """An answer to what is no question."""
        if self.state.disputed:
            return Reply(decision="clarify", text=self.words.disputed, reason="disputed")
        said = self.words.courtesies.get(self.understood.courtesy)
        return Reply(decision="small_talk", text=said or self.words.empty, reason=self.understood.courtesy or "empty")

    def _hand_over(self, reason: str) -> Reply:
        said = {"angry": self.words.angry, "wants_person": self.words.wants_person}
        return Reply(decision="hand_over", text=said.get(reason, self.words.not_helped), reason=reason)

    def _answer(self, place: int, question: str) -> Part:
        """The answer to one question by itself."""
        own = not (self.state.chosen or self.state.resumed)
        found = candidates(self.rules.judge, self.retrieval, self.understood, place if own else None, question, _LOOKED)
        allowed = [one for one in found if self._allowed(one)]
        if self.state.chosen:
            sure = [one for one in allowed if label(one.name) == question][:1]
        else:
            sure = [one for one in allowed if one.chance >= self.rules.threshold or self._read_out(question, one)]
        return self._given(question, sure) if sure else self._asked_back(question, allowed)

    def _allowed(self, one: Candidate) -> bool:
        """Whether an entry may be answered with at all."""
        if one.entry.approved is False:
            return False
        return one.entry.kind == "piece" or one.entry.approved is True or not self.rules.approved_only

    def _read_out(self, question: str, one: Candidate) -> bool:
        """Whether a question is one that is stored, letter by letter, while no chance was ever held to rows."""
        return not self.rules.proven and letters(question) in map(letters, one.entry.keys)

    def _given(self, question: str, sure: Sequence[Candidate]) -> Part:
        best = sure[0]
        reason = "chosen" if self.state.chosen else "fits" if self.rules.proven else "unproven"
        if best.entry.kind == "answer":
            written = stored(best.entry, self.understood.slots)
            if written is None:
                return self._missing(question, best)
            return _part("stored", question, written, [best], reason)
        sources = [one for one in sure if one.entry.kind == "piece" and one.entry.document == best.entry.document]
        entries = [one.entry for one in sources[:2]]
        quoted = composed(question, entries, self.rules.longest)
        if quoted is None:  # nothing in it is a sentence
            quoted = stored(best.entry, {})
        if quoted is None:
            return self._asked_back(question, sure)
        rewritten = self.rewriter.rewrite(question, quoted) if self.rewriter else None
        if rewritten is None:
            return _part("composed", question, quoted, sources[:2], reason)
        part = _part("composed", question, quoted, sources[:2], "rewritten")
        return replace(part, text=rewritten.text, citations=rewritten.citations)

    def _missing(self, question: str, best: Candidate) -> Part:
        """Ask for the first value that a stored answer lacks."""
        name = next(name for name in best.entry.slots if name not in self.understood.slots)
        text = self.words.slot.format(slot=self.words.slots.get(name, name))
        return _own("clarify", question, text, "slots", best)

    def _asked_back(self, question: str, allowed: Sequence[Candidate]) -> Part:
        """A question back where something is near, else that there is no answer."""
        near = [one for one in allowed if one.chance >= self.rules.near and one.name]
        if not near:
            reason = "nothing_near" if allowed else "nothing_known"
            return _own("unknown", question, self.words.unknown, reason, allowed[0] if allowed else None)
        alike = [one for one in near if near[0].chance - one.chance < self.rules.apart]
        options = list({one.entry.text: label(one.name) for one in alike[:_OPTIONS]}.values())
        options = list(dict.fromkeys(options))
        return _own("clarify", question, ask_between(self.words, options), "between", near[0])


def _part(decision: str, question: str, written: Written, used: Sequence[Candidate], reason: str) -> Part:
    return Part(
        decision="stored" if decision == "stored" else "composed",
        question=question,
        text=written.text,
        citations=written.citations,
        entries=tuple(one.entry.id for one in used),
        chance=used[0].chance,
        reason=reason,
    )


def _own(decision: str, question: str, text: str, reason: str, best: Candidate | None) -> Part:
    return Part(
        decision="clarify" if decision == "clarify" else "unknown",
        question=question,
        text=text,
        entries=(best.entry.id,) if best else (),
        chance=best.chance if best else 0.0,
        reason=reason,
    )


def _summary(messages: Sequence[Message], understood: Understood, reason: str, language: Language) -> str:
    """What the person who takes over should know."""
    words, reasons = WORDS[language], WHY[language]
    told = [message.content for message in messages if message.role == "user" and message.content.strip()]
    said = [message.content for message in messages if message.role == "assistant" and message.content.strip()]
    return words.summary.format(
        asked=words.list_gap.join(label(text)[:_SHOWN] for text in told) or reasons["none"],
        slots=words.list_gap.join(f"{words.slots.get(name, name)} {value}" for name, value in understood.slots.items())
        or reasons["none"],
        tried=words.list_gap.join(label(text) for text in said) or reasons["none"],
        reason=reasons.get(reason, reason),
    )
