"""Answers to what stands before them: dialogues turn by turn, and pairs of texts by a prompt; answers alone count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from torch import Tensor, nn

from argosy.core.errors import DataError, ProjectError
from argosy.models.checkpoint import Opened
from argosy.train.batches import Batch
from argosy.train.objectives import next_word
from argosy.train.objectives.aim import Item, Key, Tensors
from argosy.train.objectives.labelled import readable
from argosy.train.objectives.next_word import Counted
from argosy.train.objectives.reader import Reader
from argosy.train.recipe import Recipe

ANSWERS = "assistant"
ROLES = ("system", "user", ANSWERS)
TEMPLATE = """{%- for message in messages -%}
{{- message['role'] | capitalize + ':\\n' + message['content'] -}}
{{- (eos_token if message['role'] == 'assistant' else '') + '\\n' -}}
{%- endfor -%}
{{- 'Assistant:\\n' if add_generation_prompt else '' -}}"""
PLACE = "{text}"
Turn = tuple[str, str]  # role, text
Part = tuple[str, bool]  # text, and whether it counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """Rows are turns (role, text) with the roles system, user and assistant; the assistant's turns count.

    They are laid out by the tokenizer's chat template. Where it has none, ``System:``, ``User:`` or ``Assistant:``
    stands on a line before each turn and the end token closes an answer; that layout is saved as the model's template.
    Of a dialogue that is too long the last ``max_length`` tokens are read. It is measured by its loss alone.
    """

    words: bool = True

    def fitted(self, rows: Sequence[Sequence[Turn]], reader: Reader, recipe: Recipe) -> Self:
        """As it is; raises MissingError when the tokenizer has no end token."""
        del recipe
        readable(rows, lambda row: "".join(text for _, text in row))
        reader.required("end")
        return self

    def open(self, base: Path, seed: int) -> Opened:
        """A decoder."""
        return next_word.open_decoder(base, seed)

    def items(self, rows: Sequence[Sequence[Turn]], reader: Reader, *, held_out: bool) -> list[Item]:
        """One a dialogue; raises DataError for a role that is unknown and for a dialogue without an answer."""
        del held_out
        for number, row in enumerate(rows, start=1):
            roles = [role for role, _ in row]
            if not set(roles) <= {*ROLES} or ANSWERS not in roles:
                raise DataError(
                    "Dialogue {number} has the roles {roles}.",
                    mend="Use the roles system, user and assistant, with at least one turn of the assistant.",
                    number=number,
                    roles=", ".join(roles),
                )
        return _items([_by_template(row, reader) for row in rows], reader, [])

    def tensors(self, items: Sequence[Item], pad: int, keys: Sequence[Key]) -> tuple[Tensors, int]:
        """``targets`` int64 [rows, length]; the units are the answers' tokens."""
        del keys
        return next_word.tensors(items, pad)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross entropy of the answers' tokens."""
        return next_word.loss(model, batch)

    def asked(self, text: str) -> list[Turn]:
        """A conversation that begins with the text."""
        return [("user", text)]

    def finish(self, model: nn.Module, out: Path) -> None:
        """Leave the layout with the model; a template that the base has takes its place."""
        del model
        (out / "chat_template.jinja").write_text(TEMPLATE, encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Rows are (text, answer): a question and its answer, a text and its summary, a sentence and its translation.

    ``template`` says what stands before the answer; ``{text}`` in it is the row's text. The end token closes the
    answer. Of a pair that is too long the last ``max_length`` tokens are read. It is measured by its loss alone.
    """

    template: str = "{text}\n"
    end: str = ""
    words: bool = True

    def fitted(self, rows: Sequence[tuple[str, str]], reader: Reader, recipe: Recipe) -> Self:
        """With the end token; raises MissingError when the tokenizer has none."""
        del recipe
        readable(rows, "".join)
        if PLACE not in self.template:
            raise ProjectError(
                "The template {template!r} has no place for the text.",
                where="template",
                mend="Write {place} where the text belongs.",
                template=self.template,
                place=PLACE,
            )
        reader.required("end")
        return replace(self, end=str(reader.token("end")))

    def open(self, base: Path, seed: int) -> Opened:
        """A decoder."""
        return next_word.open_decoder(base, seed)

    def items(self, rows: Sequence[tuple[str, str]], reader: Reader, *, held_out: bool) -> list[Item]:
        """One a pair."""
        del held_out
        parts = [[(self.asked(text), False), (answer + self.end, True)] for text, answer in rows]
        return _items(parts, reader, reader.wrapping()[0])

    def asked(self, text: str) -> str:
        """What stands before the answer, as whoever generates it must write it."""
        return self.template.replace(PLACE, text)

    def tensors(self, items: Sequence[Item], pad: int, keys: Sequence[Key]) -> tuple[Tensors, int]:
        """``targets`` int64 [rows, length]; the units are the answers' tokens."""
        del keys
        return next_word.tensors(items, pad)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross entropy of the answers' tokens."""
        return next_word.loss(model, batch)


def _by_template(row: Sequence[Turn], reader: Reader) -> list[Part]:
    """A dialogue as the chat template lays it out: each answer with what closes it counts, what opens it does not."""
    turns = [{"role": role, "content": text} for role, text in row]
    parts: list[Part] = []
    done = ""
    for number, turn in enumerate(turns):
        if turn["role"] != ANSWERS:
            continue
        opened = _laid_out(turns[:number], reader, opening=True)
        closed = _laid_out(turns[: number + 1], reader, opening=False)
        if not opened.startswith(done) or not closed.startswith(opened):
            raise DataError(
                "The chat template changes earlier turns when a later one is added; answers cannot be told apart.",
                where=str(reader.folder),
                mend="Give dialogues of one question and one answer, or remove the template from the folder.",
            )
        parts += [(opened[len(done) :], False), (closed[len(opened) :], True)]
        done = closed
    return parts


def _laid_out(turns: Sequence[Mapping[str, str]], reader: Reader, *, opening: bool) -> str:
    from transformers.utils import chat_template_utils as untyped

    laid_out: Any = untyped.render_jinja_template
    texts, _ = laid_out(
        conversations=[list(turns)],
        chat_template=reader.template or TEMPLATE,
        add_generation_prompt=opening,
        bos_token=reader.token("start") or "",
        eos_token=reader.token("end") or "",
    )
    return str(texts[0])


def _items(rows: Sequence[Sequence[Part]], reader: Reader, before: Sequence[int]) -> list[Item]:
    """The tokens ``before`` and those of the parts, each read for itself: an answer begins where a prompt would end."""
    read = iter(reader.plain([text for parts in rows for text, _ in parts]))
    items = []
    for parts in rows:
        ids, marks = list(before), [False] * len(before)
        for _, counts in parts:
            own = next(read).ids
            ids += own
            marks += [counts] * len(own)
        items.append(Item(ids=ids[-reader.max_length :], target=Counted(marks=marks[-reader.max_length :])))
    return items
