"""The words of ``argosy opinion``."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from argosy.core.errors import DataError, ProjectError
from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

app = typer.Typer(
    cls=Verbs,
    help=t("The opinion monitor: read the sources, see trends, stories and surges, correct what it reads."),
    no_args_is_help=True,
)
alarms_app = typer.Typer(cls=Verbs, help=t("Surges: seen, given to somebody, closed."), no_args_is_help=True)
app.add_typer(alarms_app, name="alarms")
verb = partial(app.command, cls=Verb)
alarm_verb = partial(alarms_app.command, cls=Verb)

Dir = Annotated[Path, typer.Argument(help=t("The project's folder."), metavar="DIR")]
In = Annotated[Path, typer.Option("--in", help=t("The project's folder."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]
Hours = Annotated[int, typer.Option(help=t("Hours back from now."), min=1, max=24 * 400)]
Which = Annotated[str, typer.Argument(help=t("The alarm's id: alm_…"), metavar="ID")]
Topic = Annotated[str, typer.Option(help=t("Only this topic."))]
Entity = Annotated[str, typer.Option(help=t("Only this entity, by its name in the project file."))]
Feeling = Literal["", "negative", "neutral", "positive"]


@verb("read", help=t("Take what the sources hold now, count it, and look for surges; needs no server."))
def read(
    folder: Dir = Path(),
    *,
    follow: Annotated[
        bool, typer.Option("--follow/--once", help=t("Read on until ctrl-C, or end when nothing waits any more."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.reading import read

    read(folder, follow=follow, as_json=as_json)


@verb("check", help=t("Ask each source once, keep nothing, and tell what came: for setting up."))
def check(folder: Dir = Path(), *, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.reading import check

    if not check(folder, as_json=as_json):
        raise typer.Exit(1)


@verb("backfill", help=t("Take old posts out of files, each counted in the hour in which it was published."))
def backfill(
    files: Annotated[list[Path], typer.Argument(help=t("JSONL, CSV or text files."), metavar="FILE")],
    folder: In = Path(),
    *,
    source: Annotated[
        str, typer.Option("--as", help=t("The source whose posts these are; the one that reads files by default."))
    ] = "",
    alarms: Annotated[
        bool, typer.Option("--alarms", help=t("Raise alarms for the past too; none by default."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.reading import backfill

    backfill(folder, files, source, alarms=alarms, as_json=as_json)


@verb("trends", help=t("Topics and entities with their share of negative; of one of them, hour by hour."))
def trends(
    folder: Dir = Path(),
    *,
    topic: Topic = "",
    entity: Entity = "",
    hours: Hours = 24,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.telling import trends

    trends(folder, topic, entity, hours, as_json=as_json)


@verb("stories", help=t("Stories: texts that say the same count once, how often it was told stands beside."))
def stories(
    folder: Dir = Path(),
    *,
    topic: Topic = "",
    entity: Entity = "",
    sentiment: Annotated[Feeling, typer.Option(help=t("Only this sentiment."))] = "",
    hours: Hours = 24,
    most: Annotated[int, typer.Option(help=t("As many as this."), min=1, max=10_000)] = 20,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.telling import stories

    about = {"topic": topic, "entity": entity, "sentiment": sentiment}
    stories(folder, about, hours, most, as_json=as_json)


@verb("story", help=t("A story with its texts, the first of them first."))
def story(
    name: Annotated[str, typer.Argument(help=t("The story's id, as stories tells it."), metavar="ID")],
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.telling import story

    story(folder, name, as_json=as_json)


@verb("explain", help=t("Tell why a text is read so: one of the log by its id, or any other, without a server."))
def explain(
    text: Annotated[str, typer.Argument(help=t("A text, or the id of one."), metavar="TEXT")],
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.telling import explain

    explain(folder, text, as_json=as_json)


@verb("brief", help=t("What a day was like, at the terminal or as a file."))
def brief(
    folder: Dir = Path(),
    *,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help=t("The day; the last whole one by default."))
    ] = None,
    language: Annotated[
        Literal["en", "zh"] | None, typer.Option(help=t("Its language; that of the messages by default."))
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help=t("Write to this file (.html or .pdf)."))] = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.briefing import brief

    brief(folder, day, language, out, as_json=as_json)


@verb("correct", help=t("Say what a text really says; counts follow at once, the models with the next run."))
def correct(
    text: Annotated[str, typer.Argument(help=t("The text's id, as story tells it."), metavar="[ID]")] = "",
    folder: In = Path(),
    *,
    sentiment: Annotated[Feeling, typer.Option(help=t("Its sentiment; with --entity the one about that."))] = "",
    topic: Annotated[str, typer.Option(help=t("Its topic."))] = "",
    entity: Annotated[str, typer.Option(help=t("The entity that the sentiment is about."))] = "",
    source: Annotated[
        Path | None, typer.Option("--from", help=t("Take a table that export wrote and people filled."), metavar="FILE")
    ] = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.correcting import correct, take

    if bool(text) == bool(source):
        raise ProjectError(
            "It is not said which text.",
            where="argosy opinion correct",
            mend="Name one by its id, or a filled table: --from FILE",
        )
    if source is None:
        correct(folder, text, sentiment, topic, entity, as_json=as_json)
    elif not take(folder, source, as_json=as_json):
        raise typer.Exit(DataError.exit_code)


@verb("export", help=t("Write texts to a table to be labelled: drawn at random, or the least certain ones."))
def export(  # noqa: PLR0913 - as many as the verb has options
    folder: Dir = Path(),
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help=t("Write to this file (.csv, .jsonl or .xlsx)."))] = Path(
        "texts.csv"
    ),
    count: Annotated[int, typer.Option(help=t("Texts to write at most."), min=1, max=100_000)] = 200,
    days: Annotated[int, typer.Option(help=t("Days back from now."), min=1, max=3650)] = 7,
    doubtful: Annotated[bool, typer.Option("--doubtful", help=t("The least certain first, not at random."))] = False,
    entity: Annotated[str, typer.Option(help=t("To be labelled by what they feel about this entity."))] = "",
    seed: Annotated[int, typer.Option(help=t("The same seed draws the same texts."))] = 0,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.correcting import Wish, export

    export(folder, out, Wish(count=count, days=days, doubtful=doubtful, entity=entity, seed=seed), as_json=as_json)


@verb("forget", help=t("Remove a text, or the texts of an author, for good; counts stay."))
def forget(
    folder: Dir = Path(),
    *,
    text: Annotated[str, typer.Option(help=t("The text's id."))] = "",
    author: Annotated[str, typer.Option(help=t("The author's name, as the source tells it."))] = "",
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.reading import forget

    forget(folder, text, author, as_json=as_json)


@alarm_verb("list", help=t("Tell the open surges, the newest first."))
def list_alarms(
    folder: Dir = Path(),
    *,
    every: Annotated[bool, typer.Option("--all", help=t("Tell the closed ones too."))] = False,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.alarms import list_alarms

    list_alarms(folder, every=every, as_json=as_json)


@alarm_verb("show", help=t("Tell the evidence of a surge: its likely cause, texts, and who was told."))
def show(alarm: Which, folder: In = Path(), *, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.alarms import show

    show(folder, alarm, as_json=as_json)


@alarm_verb("ack", help=t("Say that you have seen a surge."))
def ack(
    alarm: Which,
    folder: In = Path(),
    *,
    usual: Annotated[
        bool, typer.Option("--new-level", help=t("The level since then is the usual one from now on: close it."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.alarms import acknowledge

    acknowledge(folder, alarm, usual=usual, as_json=as_json)


@alarm_verb("assign", help=t("Say who deals with a surge."))
def assign(
    alarm: Which,
    folder: In = Path(),
    *,
    owner: Annotated[str, typer.Option("--to", help=t("Who."))],
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.alarms import assign

    assign(folder, alarm, owner, as_json=as_json)


@alarm_verb("close", help=t("Close a surge by hand; it may open again."))
def close(alarm: Which, folder: In = Path(), *, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.opining.alarms import close

    close(folder, alarm, as_json=as_json)
