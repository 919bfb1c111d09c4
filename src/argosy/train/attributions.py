"""Token attributions of a Transformer, by captum: gradients and attention from its weights, the rest from answers.

Every method speaks of the label's log-odds, which do not saturate where the probability does.

- ``integrated-gradients``: Sundararajan et al. (2017), from padding to the text.
- ``gradient-shap``: expected gradients, Lundberg and Lee (2017) and Erion et al. (2021), from the same start.
- ``attention``: how much of each token reaches the first one, over all layers (rollout, Abnar and Zuidema 2020);
  it has no sign and knows no label.
- ``kernel-shap`` (Lundberg and Lee 2017) and ``lime`` (Ribeiro et al. 2016) ask the engine that serves about the text
  with tokens left out, and need no weights.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from argosy.core.errors import MissingError
from argosy.infer.tokens import Tokenizer
from argosy.models.quiet import quietly

_TOKENS = 640  # of all steps on the way from padding to the text together: what a second allows
_STEPS = (8, 24)
_ROWS = 8  # steps at once
_QUESTIONS = 120  # texts with tokens left out

Floats = NDArray[np.float64]
LogOdds = Callable[[NDArray[np.bool_]], Floats]
"""The label's log-odds [rows] for masks [rows, tokens] that are true where a token stays."""


class Weights:
    """A Transformer opened for looking inside; it reads a text as the torch engine does.

    Raises MissingError when captum is not installed.
    """

    def __init__(self, folder: Path, *, max_length: int) -> None:
        from transformers import AutoModelForSequenceClassification

        _captum()
        self._tokenizer = Tokenizer.load(folder, max_length=max_length)
        with quietly():
            self._model: Any = AutoModelForSequenceClassification.from_pretrained(
                folder,
                dtype=torch.float32,
                attn_implementation="eager",
                local_files_only=True,
                trust_remote_code=False,
            )
        self._model.eval().requires_grad_(requires_grad=False)

    def attribute(
        self, text: str, label: int, *, method: str, seed: int = 0
    ) -> tuple[list[tuple[int, int]], list[float]]:
        """The tokens' spans in the clean ``text``, and what each adds to the log-odds of column ``label``."""
        read = self._tokenizer.pieces(text)
        ids = torch.tensor([read.ids])
        inside = [place for place, span in enumerate(read.spans) if span is not None]
        if not inside:
            return [], []
        shares = self._attention(ids) if method == "attention" else self._gradients(ids, inside, label, method, seed)
        return [span for span in read.spans if span is not None], shares[inside].tolist()

    @torch.inference_mode()
    def _attention(self, ids: Tensor) -> Tensor:
        """How much of each token [tokens] reaches the first one, half of each layer going past its attention."""
        reach: Tensor = torch.eye(ids.shape[1])
        for layer in self._model(input_ids=ids, output_attentions=True).attentions:
            reach = (layer[0].mean(dim=0) + torch.eye(ids.shape[1])) / 2 @ reach
        return reach[0]

    def _gradients(self, ids: Tensor, inside: Sequence[int], label: int, method: str, seed: int) -> Tensor:
        from captum.attr import GradientShap, IntegratedGradients

        whole = self._model.get_input_embeddings()(ids)
        start = whole.clone()
        start[0, inside] = self._model.get_input_embeddings()(torch.tensor(self._tokenizer.pad))
        steps = min(max(_TOKENS // ids.shape[1], _STEPS[0]), _STEPS[1])
        with _sober(), _seeded(seed):
            if method == "gradient-shap":
                parts = GradientShap(self._log_odds(label)).attribute(
                    whole, baselines=start, n_samples=steps, stdevs=0.0
                )
            else:
                parts = IntegratedGradients(self._log_odds(label)).attribute(
                    whole, baselines=start, n_steps=steps, internal_batch_size=_ROWS
                )
        attributed: Tensor = parts[0].sum(dim=-1).detach()  # [tokens]
        return attributed

    def _log_odds(self, label: int) -> Callable[[Tensor], Tensor]:
        def forward(embeddings: Tensor) -> Tensor:
            mask = torch.ones(embeddings.shape[:2], dtype=torch.int64)
            shares = self._model(inputs_embeds=embeddings, attention_mask=mask).logits.log_softmax(dim=-1)
            others = torch.cat([shares[:, :label], shares[:, label + 1 :]], dim=-1)
            odds: Tensor = shares[:, label] - others.logsumexp(dim=-1)
            return odds

        return forward


def ask(log_odds: LogOdds, tokens: int, *, method: str, seed: int = 0) -> list[float]:
    """What each of so many tokens adds to the log-odds, from answers to the text with tokens left out.

    Raises MissingError when captum is not installed.
    """
    _captum()
    from captum.attr import KernelShap, Lime

    if tokens <= 1:
        with_it, without_it = log_odds(np.array([[True] * tokens, [False] * tokens]))
        return [float(with_it - without_it)] * tokens

    def forward(masks: Tensor) -> Tensor:
        return torch.from_numpy(log_odds(masks.numpy() > 0))

    judge = KernelShap(forward) if method == "kernel-shap" else Lime(forward, interpretable_model=_ridge())
    with _sober(), _seeded(seed):
        parts = judge.attribute(torch.ones(1, tokens), n_samples=_QUESTIONS, perturbations_per_eval=_QUESTIONS)
    return [float(part) for part in parts[0]]


def _ridge() -> Any:
    """LIME's own choice for texts is a ridge regression."""
    from captum._utils.models.linear_model import SkLearnRidge

    return SkLearnRidge(alpha=1.0)


def _captum() -> None:
    try:
        import captum  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingError(
            "Explaining a Transformer needs {name}, which is not installed.",
            mend="pip install 'argosy[train]'",
            name=error.name,
        ) from error


@contextmanager
def _sober() -> Iterator[None]:
    """Captum warns of what is meant here: few samples, integers, a regression on weighted rows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """The same draws every time; the process's own random state stays as it was."""
    state = np.random.get_state()  # noqa: NPY002 - captum draws from numpy's global state too
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            np.random.seed(seed)  # noqa: NPY002 - as above
            yield
    finally:
        np.random.set_state(state)  # noqa: NPY002 - as above
