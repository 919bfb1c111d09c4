"""Where a running training keeps its checkpoints."""

from dataclasses import dataclass, field
from pathlib import Path

from argosy.core.stage import UNKEYED
from argosy.stages.training import Journal, place, sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What a training may hang on, and something that it does not."""

    seed: int = 7
    cache: Path = field(default=Path("a"), metadata=UNKEYED)


def test_the_same_training_finds_its_folder_again(tmp_path: Path) -> None:
    """A second run with the same params and inputs meets the checkpoints of the first, wherever its cache is."""
    store = tmp_path / ".argosy" / "artifacts"
    inputs = {"split": store / "split-0123"}
    first = place(store, Params(), inputs)
    (first / "step").write_text("12")
    assert place(store, Params(cache=Path("b")), dict(inputs)) == first
    assert (first / "step").read_text() == "12"
    assert first.is_relative_to(tmp_path / ".argosy" / "training")


def test_another_training_has_another_folder(tmp_path: Path) -> None:
    """Other params, or other rows, never go on from these checkpoints."""
    store = tmp_path / ".argosy" / "artifacts"
    inputs = {"split": store / "split-0123"}
    places = {
        place(store, Params(), inputs),
        place(store, Params(seed=8), inputs),
        place(store, Params(), {"split": store / "split-4567"}),
    }
    assert len(places) == 3


def test_sweeping_removes_the_checkpoints_and_no_artifact(tmp_path: Path) -> None:
    """What was built stays; sweeping where nothing was trained is no error."""
    store = tmp_path / ".argosy" / "artifacts"
    (store / "split-0123").mkdir(parents=True)
    folder = place(store, Params(), {})
    sweep(store)
    sweep(store)
    assert not folder.exists()
    assert (store / "split-0123").is_dir()


def test_what_is_told_again_takes_the_place_of_what_was_told_first(tmp_path: Path) -> None:
    """A training that went back to its checkpoint leaves one line a step; half a line does not count."""
    journal = Journal(tmp_path / "journal.jsonl")
    assert journal.read("step", 9) == []
    for step, loss in ((1, 3.0), (2, 2.0), (3, 1.0), (2, 2.5)):
        journal.write("step", step, loss=loss)
    journal.write("evaluation", 3, loss=1.5)
    with journal.path.open("a") as file:
        file.write('\n{"kind": "step", "st')
    journal.write("step", 4, loss=0.5)
    assert [(one["step"], one["loss"]) for one in journal.read("step", 2)] == [(1, 3.0), (2, 2.5)]
    assert [one["step"] for one in journal.read("step", 9)] == [1, 2, 3, 4]
