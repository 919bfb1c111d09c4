"""The curve can be read back from wherever it went, and an interrupted training leaves no doubled part in it."""

from pathlib import Path

import pytest

from argosy.core.errors import MachineError, MissingError
from argosy.train import sinks
from argosy.train.curve import Record, ScoreRecord, StepRecord, read


def _step(step: int, loss: float = 0.5) -> StepRecord:
    return StepRecord(step=step, epoch=1 + step // 4, loss=loss, rate=1e-3, norm=2.0, units=64, seconds=0.5)


def _score(step: int) -> ScoreRecord:
    return ScoreRecord(step=step, epoch=1, loss=0.6, score=0.75)


FIRST: list[Record] = [_step(1), _step(2), _score(2), _step(3), _step(4), _score(4), _step(5)]
# killed after step 5, gone on with from the checkpoint that stands before the evaluation at step 4
SECOND: list[Record] = [_score(4), _step(5, 0.25), _step(6)]
WHOLE = [*FIRST[:5], *SECOND]


def test_lines_beyond_the_checkpoint_are_cut(tmp_path: Path) -> None:
    """A line that a fault cut is left out too."""
    path = tmp_path / "曲线.jsonl"
    for records in (FIRST, SECOND):
        with sinks.lines(path) as log:
            for record in records:
                log(record)
        with path.open("a", encoding="utf-8") as file:
            file.write('{"kind": "ste')
    assert read(path) == WHOLE
    assert read(tmp_path / "none") == []


def test_lines_of_a_training_begun_anew_replace_the_old(tmp_path: Path) -> None:
    """Its first step is 1."""
    path = tmp_path / "curve.jsonl"
    for records in (FIRST, FIRST[:2]):
        with sinks.lines(path) as log:
            for record in records:
                log(record)
    assert read(path) == FIRST[:2]


def test_a_score_that_is_no_number_is_null(tmp_path: Path) -> None:
    """The file stays JSON for every reader."""
    path = tmp_path / "curve.jsonl"
    with sinks.lines(path) as log:
        log(ScoreRecord(step=1, epoch=1, loss=0.1, score=float("nan")))
    assert '"score": null' in path.read_text(encoding="utf-8")
    (record,) = read(path)
    assert isinstance(record, ScoreRecord)
    assert record.score != record.score


def test_lines_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    """In plain words."""
    with sinks.lines(tmp_path / "no folder" / "x.jsonl") as log, pytest.raises(MachineError):
        log(_step(1))


def test_several_sinks_hear_the_same(tmp_path: Path) -> None:
    """In one call."""
    heard: list[Record] = []
    with sinks.lines(tmp_path / "a.jsonl") as one, sinks.together(one, heard.append) as log:
        for record in FIRST:
            log(record)
    assert heard == read(tmp_path / "a.jsonl") == FIRST


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # TensorBoard's own reader
def test_tensorboard_reads_its_event_files(tmp_path: Path) -> None:
    """Each figure by its tag and step, once, though the training was killed and gone on with."""
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for records in (FIRST, SECOND):
        with sinks.tensorboard(tmp_path) as log:
            for record in records:
                log(record)
    found = EventAccumulator(str(tmp_path)).Reload()
    losses = [(event.step, event.value) for event in found.Scalars("training/loss")]
    assert losses == [(record.step, record.loss) for record in WHOLE if isinstance(record, StepRecord)]
    assert {event.step: event.value for event in found.Scalars("validation/score")} == {2: 0.75, 4: 0.75}
    assert found.Scalars("training/units per second")[0].value == 128
    assert {"training/rate", "training/norm", "training/epoch"} <= set(found.Tags()["scalars"])


@pytest.mark.filterwarnings("ignore")  # MLflow's own, about its stores
def test_mlflow_keeps_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later start goes on with it; a store that refuses is told."""
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = (tmp_path / "runs").as_uri()
    for records in (FIRST, SECOND):
        with sinks.mlflow(uri, "a training", tmp_path / "kept") as log:
            for record in records:
                log(record)
    client = mlflow.MlflowClient(tracking_uri=uri)
    (experiment,) = client.search_experiments(filter_string="name = 'argosy'")
    (run,) = client.search_runs([experiment.experiment_id])
    assert (run.info.run_name, run.info.status) == ("a training", "FINISHED")
    told = {point.step: point.value for point in client.get_metric_history(run.info.run_id, "training/loss")}
    assert told == {record.step: record.loss for record in WHOLE if isinstance(record, StepRecord)}
    client.delete_run(run.info.run_id)
    with pytest.raises(MachineError, match="MLflow refused"), sinks.mlflow(uri, "a training", tmp_path / "kept") as log:
        log(_step(7))


@pytest.mark.parametrize(("package", "sink"), [("tensorboard", sinks.tensorboard), ("mlflow", sinks.mlflow)])
def test_a_sink_that_is_not_installed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, sink: object
) -> None:
    """With what to install."""
    for name in (package, "tensorboard.compat.proto.event_pb2"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    given = (tmp_path,) if package == "tensorboard" else ("file:x", "x", tmp_path)
    with pytest.raises(MissingError, match=rf"pip install 'argosy\[{package}\]'"), sink(*given):
        pass
