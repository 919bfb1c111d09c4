"""The words of ``argosy support``."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from argosy.ui.speech import t
from argosy.ui.usage import Verb, Verbs

app = typer.Typer(
    cls=Verbs,
    help=t("The assistant that answers customers: ask it, decide on its answers, try a new one on past questions."),
    no_args_is_help=True,
)
answers_app = typer.Typer(cls=Verbs, help=t("Stored answers: those that people decide on."), no_args_is_help=True)
app.add_typer(answers_app, name="answers")
verb = partial(app.command, cls=Verb)
answer_verb = partial(answers_app.command, cls=Verb)

Dir = Annotated[Path, typer.Argument(help=t("The project's folder."), metavar="DIR")]
In = Annotated[Path, typer.Option("--in", help=t("The project's folder."), metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]
Since = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help=t("From this day on (UTC); from the beginning by default.")),
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help=t("Write to this file (.csv, .jsonl or .xlsx)."))]
About = Annotated[str, typer.Option(help=t("Only those with this text in the answer or a question."))]


@verb("ask", help=t("Ask the assistant one question, without a server, and see what its answer stands on."))
def ask(
    text: Annotated[str, typer.Argument(help=t("The question."))],
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.supporting.talk import ask

    ask(folder, text, as_json=as_json)


@verb("queue", help=t("The conversations that wait for a person, who waits longest first."))
def queue(folder: Dir = Path(), *, as_json: Json = False) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.supporting.talk import queue

    queue(folder, as_json=as_json)


@verb("numbers", help=t("What the assistant achieved: deflection, containment, resolution, errors, costs."))
def numbers(
    folder: Dir = Path(),
    *,
    days: Annotated[int, typer.Option(help=t("Days back from now."), min=1, max=3650)] = 30,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.supporting.numbers import numbers

    numbers(folder, days, as_json=as_json)


@verb("replay", help=t("Ask the model that was built last every past question: which answers change, better or worse."))
def replay(  # noqa: PLR0913 - as many as the verb has options
    folder: Dir = Path(),
    *,
    since: Since = None,
    dialogues: Annotated[
        bool, typer.Option("--dialogues", help=t("Ask the questions of the project's dialogues too."))
    ] = False,
    exact: Annotated[
        bool, typer.Option("--exact", help=t("Say every logged reply again, byte for byte, as its version said it."))
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help=t("End with code 1 when more are worse than allowed."))
    ] = False,
    allowed: Annotated[int, typer.Option(help=t("Answers that may be worse, with --strict."), min=0)] = 0,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.supporting.replay import Wish, replay

    wish = Wish(since=since, dialogues=dialogues, exact=exact, allowed=allowed if strict else None, out=out)
    if not replay(folder, wish, as_json=as_json):
        raise typer.Exit(1)


@verb("forget", help=t("Remove a document, or a conversation, for good: no replay shows it again."))
def forget(
    folder: Dir = Path(),
    *,
    document: Annotated[str, typer.Option(help=t("The document's name, such as docs/returns.md."))] = "",
    conversation: Annotated[str, typer.Option(help=t("The conversation's id, such as con_…."))] = "",
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.supporting.talk import forget

    forget(folder, document, conversation, as_json=as_json)


@answer_verb("list", help=t("Stored answers, those given most often first."))
def list_answers(
    folder: Dir = Path(),
    *,
    about: About = "",
    approved: Annotated[bool, typer.Option("--approved", help=t("Those that were approved."))] = False,
    refused: Annotated[bool, typer.Option("--refused", help=t("Those that were refused."))] = False,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.supporting.answers import list_answers

    list_answers(folder, about, approved=True if approved else False if refused else None, as_json=as_json)


@answer_verb("sheet", help=t("Write the stored answers that nobody decided on to a table to be filled."))
def sheet(
    folder: Dir = Path(),
    *,
    target: Annotated[Path, typer.Option("--out", "-o", help=t("Write to this file (.csv, .jsonl or .xlsx)."))] = Path(
        "answers.csv"
    ),
    about: About = "",
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.supporting.answers import sheet

    sheet(folder, target, about, as_json=as_json)


@answer_verb("take", help=t("Read a filled table: its decisions count from now on."))
def take(
    source: Annotated[Path, typer.Argument(help=t("The filled table."), metavar="FILE")],
    folder: Dir = Path(),
    *,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.supporting.answers import take

    take(folder, source, as_json=as_json)


@answer_verb("approve", help=t("Let a stored answer be given, as it is or in other words."))
def approve(
    entry: Annotated[str, typer.Argument(help=t("The answer's id."), metavar="ID")],
    folder: In = Path(),
    *,
    text: Annotated[str, typer.Option(help=t("The words to give instead."))] = "",
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.supporting.answers import decide

    decide(folder, entry, text, approved=True, as_json=as_json)


@answer_verb("refuse", help=t("Let a stored answer be given no more."))
def refuse(
    entry: Annotated[str, typer.Argument(help=t("The answer's id."), metavar="ID")],
    folder: In = Path(),
    *,
    as_json: Json = False,
) -> None:
    """Hand over to the verb."""
    from argosy.ui.verbs.supporting.answers import decide

    decide(folder, entry, "", approved=False, as_json=as_json)
