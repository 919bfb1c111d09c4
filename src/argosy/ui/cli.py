"""The command line. Each verb parses its words here and does its work in ``ui.verbs``, imported only when it runs."""

import json
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from argosy.core.errors import ArgosyError, MachineError
from argosy.core.records import Settings
from argosy.ui import (
    cli_alarm,
    cli_billing,
    cli_compute,
    cli_deck,
    cli_experiment,
    cli_extension,
    cli_improve,
    cli_labels,
    cli_ledger,
    cli_measured,
    cli_models,
    cli_opinion,
    cli_privacy,
    cli_recommend,
    cli_release,
    cli_support,
    cli_venture,
)
from argosy.ui.accounts import audit_app, key_app, tenant_app
from argosy.ui.speech import err, note, say, t
from argosy.ui.usage import Verb, Verbs, misuse

INTERRUPTED = 130
_SETTINGS = Settings()  # the defaults of `generate`

app = typer.Typer(
    cls=Verbs,
    help=t("From your own text to a model product that is measured, served and sold."),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(cli_models.app, name="models")
app.add_typer(cli_extension.app, name="extension")
app.add_typer(tenant_app, name="tenant")
app.add_typer(key_app, name="key")
app.add_typer(audit_app, name="audit")
app.add_typer(cli_billing.invoice_app, name="invoice")
app.add_typer(cli_billing.plan_app, name="plan")
app.add_typer(cli_billing.wallet_app, name="wallet")
app.add_typer(cli_billing.usage_app, name="usage")
app.add_typer(cli_ledger.app, name="ledger")
app.add_typer(cli_labels.app, name="labels")
app.add_typer(cli_privacy.app, name="privacy")
app.add_typer(cli_release.app, name="release")
app.add_typer(cli_experiment.app, name="experiment")
app.add_typer(cli_alarm.app, name="alarm")
app.add_typer(cli_support.app, name="support")
app.add_typer(cli_opinion.app, name="opinion")
app.add_typer(cli_recommend.app, name="recommend")
app.add_typer(cli_venture.app, name="captable")
app.add_typer(cli_compute.app, name="compute")
app.add_typer(cli_venture.market_app, name="market")
verb = partial(app.command, cls=Verb)

Dir = Annotated[Path, typer.Argument(help=t("The project's folder."), metavar="DIR")]
Set = Annotated[
    list[str] | None, typer.Option("--set", help=t("Override one value: KEY=VALUE, for example train.epochs=2."))
]
Json = Annotated[bool, typer.Option("--json", help=t("End with one JSON object on standard output."))]
Out = Annotated[Path | None, typer.Option("--out", "-o", help=t("Write to this file (.csv, .jsonl or .xlsx)."))]
Engine = Annotated[str | None, typer.Option(help=t("Answer with this engine, not with the one chosen at build time."))]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=t("Ask nothing; take what was guessed."))]


@app.callback()
def root(
    lang: Annotated[
        str | None, typer.Option(help=t("Language of the messages: en or zh; the locale's by default."))
    ] = None,
    debug: Annotated[bool, typer.Option(help=t("Show the traceback of an error."))] = False,
) -> None:
    """Options that stand anywhere on the line; ``main`` has read them before the verbs are parsed."""


@verb(help=t("Create a project from a file of your own, or with the small sample of a template."))
def init(
    folder: Dir = Path(),
    source: Annotated[Path | None, typer.Option("--from", help=t("A file of your own to look at."))] = None,
    template: Annotated[str, typer.Option(help=t("What to build: classify, or another that --list names."))] = (
        "classify"
    ),
    listed: Annotated[bool, typer.Option("--list", help=t("Tell the templates, and create nothing."))] = False,
    text: Annotated[str | None, typer.Option(help=t("The column of the texts."))] = None,
    label: Annotated[str | None, typer.Option(help=t("The column of the labels."))] = None,
    languages: Annotated[str | None, typer.Option(help=t("Languages of the texts, such as zh,en."))] = None,
    base: Annotated[str | None, typer.Option(help=t("The base model."))] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.init import Wishes, init, list_templates

    if listed:
        list_templates(as_json=as_json)
        return
    wishes = Wishes(template=template, text=text, label=label, languages=languages, base=base)
    init(folder, source, wishes, ask=not yes and sys.stdin.isatty(), as_json=as_json)


@verb(help=t("Validate the project file and the data; nothing is trained."))
def check(folder: Dir = Path(), override: Set = None, as_json: Json = False) -> None:
    from argosy.ui.verbs.build import check

    check(folder, override or [], as_json=as_json)


@verb(help=t("Build: clean, train, compare, compress, test, report. Stages that stand are not run again."))
def run(
    words: Annotated[
        list[str] | None,
        typer.Argument(help=t("The project's folder, and the last stage to run."), metavar="[DIR] [STAGE]"),
    ] = None,
    override: Set = None,
    wait: Annotated[bool, typer.Option(help=t("Wait while another run works on this project."))] = False,
    inexact: Annotated[
        bool, typer.Option("--inexact", help=t("Go on with a stopped training though its bits will differ."))
    ] = False,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.build import run, split_words

    folder, stage = split_words(words or [])
    run(folder, stage, override or [], wait=wait, inexact=inexact, as_json=as_json)


@verb(help=t("Make smaller, faster models, measure them, and say which one would serve."))
def compress(
    folder: Dir = Path(),
    minutes: Annotated[
        float | None, typer.Option(help=t("Time to make and measure in; the project's by default."), min=0.1)
    ] = None,
    override: Set = None,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.compress import compress

    compress(folder, minutes, override or [], as_json=as_json)


@verb(help=t("Label texts: one with --text, a file, or the lines of standard input."))
def predict(
    folder: Dir,
    source: Annotated[
        Path | None, typer.Argument(help=t("A file with a column of texts; - for standard input."), metavar="[FILE]")
    ] = None,
    text: Annotated[list[str] | None, typer.Option(help=t("A text."))] = None,
    column: Annotated[str | None, typer.Option(help=t("The column of the texts; the project's by default."))] = None,
    target: Out = None,
    engine: Engine = None,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.predict import predict

    predict(folder, source, text or [], column, target, engine, as_json=as_json)


@verb(help=t("Continue a text or answer a question with a model that generates."))
def generate(
    model: Annotated[
        str, typer.Argument(help=t("A project, a model's folder, a .gguf file, or package:NAME."), metavar="MODEL")
    ],
    prompt: Annotated[
        str | None, typer.Argument(help=t("What to go on from; - reads standard input."), metavar="PROMPT")
    ] = None,
    system: Annotated[str | None, typer.Option(help=t("What a model that chats is told first."))] = None,
    max_tokens: Annotated[int, typer.Option(help=t("Tokens to write at most."))] = _SETTINGS.max_tokens,
    temperature: Annotated[
        float, typer.Option(help=t("How daring; 0 always takes the likeliest token."))
    ] = _SETTINGS.temperature,
    top_k: Annotated[int, typer.Option(help=t("Draw from this many likeliest tokens; 0 is off."))] = _SETTINGS.top_k,
    top_p: Annotated[
        float, typer.Option(help=t("Draw from the likeliest tokens that reach this probability; 1 is off."))
    ] = _SETTINGS.top_p,
    repetition_penalty: Annotated[
        float, typer.Option(help=t("Above 1 makes tokens that came before less likely."))
    ] = _SETTINGS.repetition_penalty,
    stop: Annotated[list[str] | None, typer.Option(help=t("End before this text; may be given several times."))] = None,
    seed: Annotated[int | None, typer.Option(help=t("The same seed gives the same text."))] = None,
    engine: Engine = None,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.generate import generate

    settings = Settings(
        max_tokens=max_tokens,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        repetition_penalty=repetition_penalty,
        stop=tuple(stop or ()),
        seed=seed,
    )
    generate(model, prompt, system, settings, engine, as_json=as_json)


@verb(help=t("Write the rows worth labelling to a table; read the filled table back with --merge."))
def label(
    folder: Dir,
    source: Annotated[
        Path, typer.Argument(help=t("Unlabelled rows, or with --merge the filled table."), metavar="FILE")
    ],
    merge: Annotated[
        bool, typer.Option("--merge", help=t("FILE is the filled table: add its rows to the project."))
    ] = False,
    count: Annotated[int, typer.Option(help=t("Rows to write at most, the least certain first."), min=1)] = 200,
    target: Out = None,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.label import export, merge_filled

    if merge:
        merge_filled(folder, source, as_json=as_json)
    else:
        export(folder, source, count, target, as_json=as_json)


@verb(help=t("Show what was measured, and write the report page."))
def report(folder: Dir = Path(), as_json: Json = False) -> None:
    from argosy.ui.verbs.build import report

    report(folder, as_json=as_json)


@verb(help=t("Serve the model over HTTP; needs no torch."))
def serve(
    folder: Dir = Path(),
    host: Annotated[str | None, typer.Option(help=t("Address to listen on; the project's by default."))] = None,
    port: Annotated[
        int | None, typer.Option(help=t("Port to listen on; 0 picks a free one."), min=0, max=65535)
    ] = None,
    engine: Engine = None,
    workers: Annotated[
        int | None, typer.Option(help=t("Processes that answer at one address; the project's by default."), min=1)
    ] = None,
    keyless: Annotated[
        bool, typer.Option("--open", help=t("Let everybody ask without a key, and count nothing."))
    ] = False,
) -> None:
    from argosy.ui.verbs.serve import Wishes, serve

    serve(folder, Wishes(host=host, port=port, workers=workers, engine=engine, keyless=keyless))


@verb(help=t("How the served models are doing: alarms, live quality, traffic, drift."))
def watch(
    folder: Dir = Path(),
    *,
    days: Annotated[int, typer.Option(help=t("Days of the past in the rows of bars."), min=1, max=84)] = 7,
    follow: Annotated[bool, typer.Option("--follow", help=t("Look again after each period, until ctrl-C."))] = False,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.watching.watch import watch

    watch(folder, days=days, follow=follow, as_json=as_json)


@verb(help=t("Show where a request's time goes, for the model and texts of one's own."))
def profile(
    folder: Dir = Path(),
    source: Annotated[
        Path | None,
        typer.Argument(help=t("A file of texts; the project's validation rows by default."), metavar="[FILE]"),
    ] = None,
    column: Annotated[str | None, typer.Option(help=t("The column of the texts; the project's by default."))] = None,
    count: Annotated[int, typer.Option(help=t("Texts to ask at most."), min=1)] = 300,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.profile import profile

    profile(folder, source, column, count, as_json=as_json)


@verb(help=t("Export the model's folder, or with --edge a folder that labels texts without Argosy."))
def export(
    folder: Dir = Path(),
    edge: Annotated[
        bool, typer.Option("--edge", help=t("Write graph, tokenizer and a small program that needs no Argosy."))
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help=t("The folder to write; it must not be there yet."))
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help=t("With --edge: take this engine along, not the served one."))
    ] = None,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.export import export

    export(folder, out, engine, edge=edge, as_json=as_json)


verb("compare", help=t("Compare two models, two projects or two commits on the same rows, by paired test."))(
    cli_measured.compare
)
verb("explain", help=t("Show which tokens an answer stands on, and whether that passed the deletion test."))(
    cli_measured.explain
)
verb("evaluate", help=t("Score predictions that a file holds, for any task, each with interval and paired test."))(
    cli_measured.evaluate
)
verb("improve", help=t("Learn from what customers said: train a challenger, judge it, and hand a better one on."))(
    cli_improve.improve
)
verb("lineage", help=t("Tell where a version came from and what became of it: rows, run, model, requests, invoice."))(
    cli_experiment.lineage
)


@verb(help=t("Remove results that the project no longer uses; with --all everything that can be built again."))
def clean(
    folder: Dir = Path(),
    everything: Annotated[
        bool, typer.Option("--all", help=t("Remove the standing results and the converted base models too."))
    ] = False,
    as_json: Json = False,
) -> None:
    from argosy.ui.verbs.clean import clean

    clean(folder, everything=everything, as_json=as_json)


verb("deck", help=t("Write the plan as what investors ask for: a document, slides, a workbook."))(cli_deck.deck)
verb("backup", help=t("Copy the store and its files into a new folder, while the service runs or not."))(
    cli_ledger.backup
)
verb("restore", help=t("Make a project's folder from a backup."))(cli_ledger.restore)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; the codes are listed in the reference."""
    given = sys.argv[1:] if arguments is None else arguments
    words = _without_global(given)
    try:
        _refuse_untested_system()
        code = app(args=words, standalone_mode=False)
    except ArgosyError as error:
        return _tell(error, as_json="--json" in words, debug="--debug" in given)
    except typer.TyperException as error:
        note(misuse(error))
        return error.exit_code
    except typer.Abort:
        return INTERRUPTED
    except SystemExit as stop:
        return int(stop.code or 0)
    except Exception as error:  # the last door: a fault of Argosy's own, told in one line
        if "--debug" in given:
            raise
        note(t("Argosy failed: {reason}. This is a fault of its own; --debug shows where.").format(reason=repr(error)))
        return 1
    if code == INTERRUPTED:
        note(t("Stopped. What was built stands; the same command goes on from there."))
    return int(code or 0)


def _tell(error: ArgosyError, *, as_json: bool, debug: bool) -> int:
    if debug:
        err.print_exception()
    note(error.render(t), style="red")
    if as_json:
        say(json.dumps({"error": {"message": error.render(t), "code": error.exit_code}}, ensure_ascii=False))
    return error.exit_code


def _without_global(words: list[str]) -> list[str]:
    """The words without ``--lang X`` and ``--debug``, which may stand anywhere and are read elsewhere."""
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word == "--lang":
            skip = True
        elif word != "--debug" and not word.startswith("--lang="):
            kept.append(word)
    return kept


def _refuse_untested_system() -> None:
    if not sys.platform.startswith("linux"):
        raise MachineError(
            "Argosy runs on Linux; this is {system}, where it was never tested.",
            mend="On Windows use WSL 2, on macOS a Linux container or virtual machine.",
            system=sys.platform,
        )
