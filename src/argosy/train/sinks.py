"""Where the curve of a training goes: a file of lines, TensorBoard, MLflow; safe to go on with after a kill.

Each is opened by ``with`` and gives a ``Log``. What an earlier start told beyond the step that a training goes on from
is cut (lines), hidden (TensorBoard, where an evaluation that is repeated stands twice) or told again (MLflow).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from argosy.core.artifact import machine_error, write_atomically
from argosy.core.errors import MachineError, MissingError
from argosy.train.curve import Log, Record, ScoreRecord, StepRecord, earlier, read, to_line

_RUN = "mlflow-run.txt"


@contextmanager
def lines(path: Path) -> Iterator[Log]:
    """One JSON object a line; raises MachineError when the file cannot be written."""
    begun = False

    def log(record: Record) -> None:
        nonlocal begun
        if not begun:
            write_atomically(path, "".join(map(to_line, earlier(read(path), record))))
            begun = True
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(to_line(record))
        except OSError as error:
            raise machine_error(error, path) from error

    yield log


@contextmanager
def tensorboard(folder: Path) -> Iterator[Log]:
    """Event files that TensorBoard shows; raises MissingError where it is not installed."""
    try:
        from tensorboard.compat.proto.event_pb2 import Event, SessionLog
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.event_file_writer import EventFileWriter
    except ImportError as error:
        raise _missing("tensorboard") from error
    writer: Any = None

    def log(record: Record) -> None:
        nonlocal writer
        if writer is None:
            writer = EventFileWriter(str(folder))
            hidden_from = record.step + isinstance(record, ScoreRecord)  # the step before an evaluation stays
            writer.add_event(Event(step=hidden_from, session_log=SessionLog(status=SessionLog.START)))
        values = [Summary.Value(tag=name, simple_value=value) for name, value in _figures(record).items()]
        writer.add_event(Event(wall_time=time.time(), step=record.step, summary=Summary(value=values)))

    try:
        yield log
    finally:
        if writer is not None:
            writer.close()


@contextmanager
def mlflow(uri: str, name: str, folder: Path) -> Iterator[Log]:
    """A run ``name`` of the experiment "argosy" in the MLflow store at ``uri``; its number is kept in ``folder``.

    A later start goes on with the same run. Raises MissingError without MLflow, MachineError when the store refuses.
    """
    try:
        from mlflow import MlflowClient
        from mlflow.entities import Metric
        from mlflow.exceptions import MlflowException
    except ImportError as error:
        raise _missing("mlflow") from error

    @contextmanager
    def told() -> Iterator[None]:
        try:
            yield
        except MlflowException as error:
            raise MachineError(
                "MLflow refused: {reason}.",
                where=uri,
                mend="Look at the store or leave this sink out; a training with checkpoints goes on where it was.",
                reason=error,
            ) from error

    with told():
        client = MlflowClient(tracking_uri=uri)
        number = _run(client, folder, name)

    def log(record: Record) -> None:
        now = int(time.time() * 1000)
        with told():
            client.log_batch(number, [Metric(tag, value, now, record.step) for tag, value in _figures(record).items()])

    try:
        yield log
    finally:
        with told():
            client.set_terminated(number)


@contextmanager
def together(*logs: Log) -> Iterator[Log]:
    """Several sinks as one."""

    def log(record: Record) -> None:
        for each in logs:
            each(record)

    yield log


def _figures(record: Record) -> dict[str, float]:
    """By tag; those of an evaluation stand apart from those of a step."""
    if not isinstance(record, StepRecord):
        return {"validation/score": record.score, "validation/training loss": record.loss}
    told = {name: float(value) for name, value in asdict(record).items() if name in {"loss", "rate", "norm", "epoch"}}
    return {f"training/{tag}": value for tag, value in told.items()} | {
        "training/units per second": record.units / max(record.seconds, 1e-9)
    }


def _run(client: Any, folder: Path, name: str) -> str:
    """The number of the run that the folder's note names, or of a new one."""
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / _RUN
    if note.is_file():
        return note.read_text(encoding="utf-8")
    experiment = client.get_experiment_by_name("argosy")
    place = experiment.experiment_id if experiment else client.create_experiment("argosy")
    number: str = client.create_run(place, run_name=name).info.run_id
    write_atomically(note, number)
    return number


def _missing(name: str) -> MissingError:
    return MissingError(
        "The package {name!r} is not installed; it was asked to keep the curves of the training.",
        mend="pip install 'argosy[{name}]', or leave this sink out.",
        name=name,
    )
