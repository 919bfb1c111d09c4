"""Train an objective on a base model, from the open folder to the saved one."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from argosy.core.errors import DataError, MachineError, MissingError, ProjectError
from argosy.core.notes import Note
from argosy.models.checkpoint import Opened, save
from argosy.train import parallel
from argosy.train.batches import Source
from argosy.train.checkpoints import Checkpoints
from argosy.train.loop import Log, Objective, Schedule, State, Tell, train
from argosy.train.methods import parts
from argosy.train.methods.activations import cached
from argosy.train.methods.adversarial import fgm, freelb, pgd
from argosy.train.methods.continual import Replay, anchored, fisher, starting_point
from argosy.train.methods.r_drop import r_drop
from argosy.train.objectives.aim import Aim, ByLogits, Finishing, Measured
from argosy.train.objectives.classify import Classify
from argosy.train.objectives.feed import Fed, answers, mean_loss
from argosy.train.objectives.multi_label import MultiLabel
from argosy.train.objectives.reader import Reader
from argosy.train.objectives.regress import Regress
from argosy.train.recipe import Outcome, Recipe, check

ADAPTER = "adapter"
_NAMED = 6  # weights that a note names
Score = Callable[[Any, Any], float]
"""(truth, answers) of the validation rows, as the objective's task reads them, to a figure; higher is better."""


def _silent(share: float, note: str) -> None:
    """Nobody listens."""
    del share, note


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who looks on: ``score`` chooses the epoch (None: the loss on the validation rows), ``tell`` hears of steps.

    ``keep`` stores checkpoints to go on from, ``log`` takes the curve.
    """

    score: Score | None = None
    tell: Tell = _silent
    keep: Checkpoints | None = None
    log: Log | None = None


def fit(
    aim: Aim,
    base: Path,
    rows: Mapping[str, Sequence[Any]],
    out: Path,
    recipe: Recipe,
    watch: Watch = Watch(),
) -> Outcome:
    """Train on ``rows["train"]``, keep the best of ``rows["validation"]``, write a transformers folder to ``out``.

    A recipe that learns on (``continual``) takes what was learnt before from ``rows["old"]``.
    Raises ProjectError for a recipe that cannot be meant, DataError for rows that cannot be used, MissingError when the
    base is not what the objective needs, MachineError when there is no GPU where one was asked for.
    """
    check(recipe)
    _both(rows)
    device = device_of(recipe)
    torch.manual_seed(recipe.seed)
    reader = Reader.load(base, max_length=recipe.max_length)
    aim = aim.fitted(rows["train"], reader, recipe)
    feeds = _feeds(aim, rows, reader, recipe)
    opened = aim.open(base, recipe.seed)
    matching(opened, reader)
    model = parts.choose(opened.model, recipe, words=aim.words).to(device)
    counted = parts.counts(model)
    begun = time.monotonic()
    objective = wrapped(aim, recipe, special=reader.specials)
    source, objective = remembering(model, aim, objective, feeds, recipe, opened.drawn)
    with computed_once(model, aim, source, recipe) as fed:
        state = train(
            model,
            objective,
            fed,
            lambda model: _reached(model, feeds["validation"], rows["validation"], recipe, watch.score),
            schedule(recipe),
            watch.tell,
            keep=watch.keep,
            log=watch.log,
        )
    seconds = time.monotonic() - begun
    if parallel.rank() == 0:
        _store(model, aim, base, out, recipe)
    parallel.meet()
    return _outcome(state, counted, feeds["train"], seconds, _notes(opened))


def _outcome(
    state: State, counted: Mapping[str, tuple[int, int]], learnt: Fed, seconds: float, notes: tuple[Note, ...]
) -> Outcome:
    """What came of a training that took so many seconds; ``counted`` are trained and all weights by group."""
    tokens = sum(len(item.ids) for item in learnt.items)
    return Outcome(
        best_epoch=state.best_epoch,
        best_step=state.best_step,
        history=tuple(state.history),
        trained=sum(trained for trained, _ in counted.values()),
        parameters=sum(total for _, total in counted.values()),
        groups=counted,
        tokens=tokens,
        tokens_per_second=state.step / len(learnt.order(0)) * tokens / seconds,
        notes=(*notes, *state.notes),
    )


def _feeds(aim: Aim, rows: Mapping[str, Sequence[Any]], reader: Reader, recipe: Recipe) -> dict[str, Fed]:
    """The rows of each part as the loop and the evaluation take them."""
    return {
        part: Fed(
            aim=aim,
            items=aim.items(rows[part], reader, held_out=part == "validation"),
            batch_size=recipe.batch_size,
            pad=reader.pad,
            seed=recipe.seed,
        )
        for part in ("train", "validation", *(["old"] if recipe.continual != "none" else []))
    }


def _store(model: nn.Module, aim: Aim, base: Path, out: Path, recipe: Recipe) -> None:
    """Write the folder; adapters become part of the weights."""
    out.mkdir(parents=True, exist_ok=True)
    if isinstance(aim, Finishing):
        aim.finish(model, out)
    save(parts.merged(model.to("cpu"), out / ADAPTER if recipe.lora_stored else None), base, out)


def schedule(recipe: Recipe) -> Schedule:
    """What the loop is told of the recipe."""
    return Schedule(
        epochs=recipe.epochs,
        learning_rate=recipe.learning_rate,
        warmup=recipe.warmup,
        weight_decay=0.0 if recipe.continual in ("ewc", "l2_sp") else recipe.weight_decay,  # held elsewhere than at 0
        decay=recipe.decay,
        clip=recipe.clip,
        bf16=recipe.bf16,
        accumulate=recipe.accumulate,
        ema=recipe.ema,
        patience=recipe.patience,
    )


def wrapped(aim: Aim, recipe: Recipe, *, special: frozenset[int]) -> Objective:
    """The objective's loss with what the recipe puts around it; R-Drop goes inside: both passes see the same push."""
    loss: Objective = aim.loss
    if recipe.r_drop:
        if not isinstance(aim, ByLogits):
            raise ProjectError(
                "R-Drop compares the probabilities of labels, and this objective has none.",
                where="r_drop",
                mend="Leave it out, or train on labels, marks or tags.",
            )
        loss = r_drop(aim.logits, aim.loss_of, weight=recipe.r_drop)
    kept = sorted(special)
    if recipe.adversarial == "fgm":
        return fgm(loss, epsilon=recipe.epsilon, special=kept)
    if recipe.adversarial == "pgd":
        return pgd(loss, epsilon=recipe.epsilon, ascents=recipe.ascents, special=kept)
    if recipe.adversarial == "freelb":
        return freelb(loss, epsilon=recipe.epsilon, ascents=recipe.ascents, special=kept)
    return loss


def remembering(
    model: nn.Module, aim: Aim, objective: Objective, feeds: Mapping[str, Fed], recipe: Recipe, drawn: tuple[str, ...]
) -> tuple[Source, Objective]:
    """The source and the objective of a model that learns on, with what holds what it learnt before."""
    learnt = feeds["train"]
    if recipe.continual == "none":
        return learnt, objective
    old = feeds["old"]
    if recipe.continual == "replay":
        source = Replay(new=learnt, old=old, new_rows=len(learnt.items), share=recipe.share, seed=recipe.seed)
        return source, objective
    if recipe.continual == "ewc":
        anchors = fisher(model, aim.loss, old, seed=recipe.seed, drawn=drawn)
    else:
        anchors = starting_point(model, drawn=drawn)
    return learnt, anchored(objective, anchors, strength=recipe.strength)


def computed_once(model: nn.Module, aim: Aim, source: Source, recipe: Recipe) -> AbstractContextManager[Source]:
    """The source with what frozen layers make of its rows, where no epoch differs: labels, and words left alone."""
    if recipe.adversarial != "off" or not isinstance(aim, Classify | MultiLabel | Regress):
        return nullcontext(source)
    return cached(model, source, bf16=recipe.bf16)


def device_of(recipe: Recipe) -> str:
    """``cpu`` or ``cuda``; raises MachineError when a GPU is asked for and absent."""
    if recipe.device == "cuda" and not torch.cuda.is_available():
        raise MachineError(
            "A GPU was asked for, and torch finds none on this machine.",
            where="device",
            mend='Write device = "auto" or "cpu", or install the driver and a torch that is built for CUDA.',
        )
    return "cuda" if recipe.device != "cpu" and torch.cuda.is_available() else "cpu"


def matching(opened: Opened, reader: Reader) -> None:
    """Raise MissingError when tokenizer and model don't belong together, DataError when texts may get too long."""
    vectors: Any = opened.model.get_input_embeddings()
    places = vectors.weight.shape[0]
    if reader.size > places:
        raise MissingError(
            "The tokenizer gives numbers up to {largest}, the model has vectors for {places} tokens.",
            where=str(reader.folder),
            mend="Put the tokenizer.json of this very model into its folder.",
            largest=reader.size - 1,
            places=places,
        )
    longest = _positions(opened.model)
    if longest is not None and reader.max_length > longest:
        raise DataError(
            "The base model reads at most {longest} tokens, max_length is {found}.",
            where="max_length",
            mend="Set max_length to {longest} or less.",
            longest=longest,
            found=reader.max_length,
        )


def _positions(model: nn.Module) -> int | None:
    """The most tokens that a model with learnt positions reads; those before the first are RoBERTa's and MPNet's."""
    for name, module in model.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            return module.num_embeddings - (0 if module.padding_idx is None else module.padding_idx + 1)
    return None


def _both(rows: Mapping[str, Sequence[Any]]) -> None:
    if not len(rows.get("validation", ())):
        raise DataError(
            "There are no validation rows, so nobody can tell which epoch is best.",
            mend="Keep a tenth of the rows, drawn at random, apart for validation.",
        )


def _reached(model: nn.Module, held: Fed, rows: Sequence[Any], recipe: Recipe, score: Score | None) -> float:
    """What the epoch is chosen by."""
    if score is None or not isinstance(held.aim, Measured):
        return -mean_loss(model, held, bf16=recipe.bf16)
    return score(held.aim.truth(rows), answers(model, held, rows, bf16=recipe.bf16))


def _notes(opened: Opened) -> tuple[Note, ...]:
    return ({"note": "drawn", "weights": ", ".join(opened.drawn[:_NAMED])},) if opened.drawn else ()
