"""Progress of a build: a bar with the time left on a terminal, a line a stage elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from argosy.project.building.run import Progress
from argosy.ui.speech import err, note, t

_TRAINING = "train"


@contextmanager
def shown() -> Iterator[Callable[[Progress], None]]:
    """A listener for ``project.run`` that writes to standard error."""
    if not err.is_terminal:
        yield _line
        return
    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Bars(*columns, console=err, transient=True) as bars:
        task = bars.add_task("", total=1.0, note="")

        def tell(news: Progress) -> None:
            if news.seconds is None:
                if news.share == 0:
                    bars.reset(task, description=news.stage, note=news.note)
                bars.update(task, description=news.stage, completed=news.share, note=news.note)
                if foretold := _foretold(news):
                    bars.print(foretold)
            else:
                bars.print(_summary(news))

        yield tell


@contextmanager
def counted(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar over ``total`` rows on a terminal, nothing elsewhere; call what it yields with the rows just done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Bars(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        task = bars.add_task(what, total=total)
        yield lambda rows: bars.advance(task, rows)


def _line(news: Progress) -> None:
    if news.seconds is not None:
        note(_summary(news))
    elif foretold := _foretold(news):
        note(foretold)


def _foretold(news: Progress) -> str:
    """What a training says before its first step: how long it will take."""
    told = news.stage == _TRAINING and news.share == 0 and news.note
    return t("expected   {note}").format(note=news.note) if told else ""


def _summary(news: Progress) -> str:
    took = t("stands") if news.hit else f"{news.seconds:.1f} s"
    return f"  {news.stage:<10} {took:>9}"
