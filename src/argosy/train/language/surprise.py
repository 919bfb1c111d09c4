"""How surprising texts are to a language model in a folder, whatever its tokenizer: what bits per byte are told from.

A text longer than the context is read in windows that overlap by half. Of a question and its answer the answer alone
counts, without the marks that close it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from argosy.core.records import Message
from argosy.infer.chat import Script, Template
from argosy.train.batches import padded
from argosy.train.language.tune import Row
from argosy.train.objectives import next_word
from argosy.train.objectives.answer import TEMPLATE
from argosy.train.objectives.reader import Reader

_LOGITS = 2**26  # held at once
_WHOLE = 1 << 30  # tokens: nothing is cut
_IGNORED = -100
Window = tuple[int, Sequence[int], int]
"""The row, its tokens, and the first of them that counts."""


def nats(folder: Path, rows: Sequence[Row], *, dialogue: bool, context: int, bf16: bool) -> NDArray[np.float64]:
    """The negative log-likelihood of each text, or of each answer behind its question [rows].

    Raises MissingError when the folder holds no decoder.
    """
    reader = Reader.load(folder, max_length=_WHOLE)
    model: Any = next_word.open_decoder(folder, 0).model
    model.eval()
    context = min(context, getattr(model.config, "max_position_embeddings", context))
    template = _template(folder, reader) if dialogue else None
    read = [_text(row[1], reader) if template is None else _dialogue(row, reader, template) for row in rows]
    windows = sorted(_windows(read, context), key=lambda window: len(window[1]))
    found = np.zeros(len(rows))
    for part in _together(windows, model.get_output_embeddings().weight.shape[0]):
        np.add.at(found, [row for row, _, _ in part], _surprises(model, part, bf16=bf16))
    return found


def _windows(read: Sequence[tuple[list[int], int]], context: int) -> Iterator[Window]:
    for number, (ids, first) in enumerate(read):
        start = first
        while start < len(ids):
            behind = min(max(start + max(1, context // 2), context + 1), len(ids))
            begin = max(0, behind - context - 1)
            yield number, ids[begin:behind], start - begin
            start = behind


def _text(text: str, reader: Reader) -> tuple[list[int], int]:
    """The tokens of a text behind those that begin one."""
    before = reader.wrapping()[0] or [reader.required("end")]
    return [*before, *reader.plain([text])[0].ids], len(before)


def _dialogue(row: Row, reader: Reader, template: Template) -> tuple[list[int], int]:
    """The tokens of a question and its answer, up to where the answer ends, and where it begins."""
    opened = template.render([Message(role="user", content=row[0])])
    encoding = reader.plain([opened + row[1]])[0]
    return list(encoding.ids), sum(start < len(opened) for start, _ in encoding.offsets)


def _template(folder: Path, reader: Reader) -> Template:
    """How the model wants a conversation written; the plain layout that tuning gives a base which wants none."""
    return Script.load(folder).template or Template(source=TEMPLATE, tokens={"eos_token": reader.token("end") or ""})


def _together(windows: Sequence[Window], vocabulary: int) -> Iterator[Sequence[Window]]:
    """Windows of similar length whose logits fit."""
    start = 0
    while start < len(windows):
        stop = start + 1
        while stop < len(windows) and (stop + 1 - start) * len(windows[stop][1]) * vocabulary <= _LOGITS:
            stop += 1
        yield windows[start:stop]
        start = stop


@torch.inference_mode()
def _surprises(model: nn.Module, windows: Sequence[Window], *, bf16: bool) -> NDArray[np.float64]:
    ids, mask = padded([window for _, window, _ in windows], 0)
    targets = ids.masked_fill(mask == 0, _IGNORED)
    for row, (_, _, first) in enumerate(windows):
        targets[row, :first] = _IGNORED
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float()
    losses = nn.functional.cross_entropy(logits.flatten(0, 1), targets[:, 1:].reshape(-1), reduction="none")
    summed: NDArray[np.float64] = losses.view(len(windows), -1).double().sum(dim=1).numpy()
    return summed
