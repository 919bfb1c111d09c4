"""A folder that labels texts without Argosy and without a server, checked by running it before it is handed over.

It holds the graph, the tokenizer, one short program (``edge_main``), and the modules of Argosy that read and answer
a text, as they are: the same source gives the same answers. Every export is asked hundreds of texts in a process of
its own.
"""

import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from argosy.config.places import CARD, STORE, find_model
from argosy.core.artifact import digest_file, machine_error
from argosy.core.engine import Classifier
from argosy.core.errors import GateError, MissingError, ProjectError
from argosy.core.extension import owners
from argosy.core.language import translator
from argosy.core.version import __version__
from argosy.infer.folder import ONNXRUNTIME, Description, describe, files_of, told
from argosy.infer.load import LINEAR
from argosy.infer.load import load as load_engine
from argosy.infer.tokens import Tokenizer
from argosy.project.building.plan import read_lock
from argosy.project.using import edge_main, edge_needs
from argosy.report.markdown import ENVIRONMENT
from argosy.stages.data import split

TEXTS = 300  # that the program must answer as Argosy does
TOLERANCE = 1e-6  # of a probability: the same code answers
_GRAPH = "model.onnx"
_TOKENIZER = "tokenizer.json"
_PROGRAM = "run.py"
_SHORT = (  # asked of every program: what breaks tokenizers, encodings and pipes
    "",
    " \t\n",
    "ok",
    "two\nlines\r\nand a third",
    "ＡＢＣ１２３，&lt;很好&gt; \u200b cafÃ©",
    "质量太差，和图片完全不一样，申请退款也没有人理。",
    "物流很快，包裝也好，下次還會再來！",
    "Call 138 0013 8000 or write to li@example.com",
    "👍🏽 \u202eright to left\u202c naïve Straße İstanbul",
    "lone half \ud83d of a pair",
    "a\0b\x07c",
    "Where is my order no. 20261122-7? 客服一直不回复。",
)
_CHECKED = (*_SHORT[2:4], *_SHORT[5:7])  # whose answers the program looks at whenever it starts
_OWN_TEXTS = (
    *_SHORT,
    "It broke after a day, and nobody answers my mails. " * 400,
    "很" * 20_000,
    "x" * 30_000,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written: its folder, the engine in it, megabytes (10⁶ bytes), and how many texts it answered equally.

    ``gap`` is the largest difference of a probability; ``platforms`` says where the packages resolve (None: unknown).
    """

    folder: str
    engine: str
    size_mb: float
    texts: int
    gap: float
    platforms: Mapping[str, bool | None]


def export_edge(folder: Path, out: Path, engine: str | None = None) -> Exported:
    """Write the model of ``folder`` (a project, or a model's own) with its program to the new folder ``out``.

    Raises ProjectError when ``out`` exists, MissingError when there is no model that can be taken along, GateError when
    the program does not answer as Argosy does, MachineError when the system refuses.
    """
    place = find_model(folder)
    refuse_existing(out)
    description = _described(place)
    name = _engine(description, engine)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as aside:
            draft = Path(aside) / "edge"
            draft.mkdir()
            asked, answers = _texts(folder), load_engine(place, name, 1)
            _write(draft, description, name, answers)
            gap = _check(draft, answers, asked)
            platforms = edge_needs.resolve(draft / edge_needs.FILE)
            size = sum(path.stat().st_size for path in draft.rglob("*") if path.is_file()) / 1e6
            done = Exported(
                folder=str(out), engine=name, size_mb=round(size, 2), texts=len(asked), gap=gap, platforms=platforms
            )
            _explain(draft, description, done)
            draft.replace(out)
    except OSError as error:
        raise machine_error(error, out) from error
    return done


def export_folder(folder: Path, out: Path) -> Path:
    """Copy the model's folder, as transformers and ONNX Runtime read it, to the new folder ``out``.

    Raises ProjectError when ``out`` exists, MissingError when nothing is built, MachineError when the system refuses.
    """
    place = find_model(folder)
    refuse_existing(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as aside:
            draft = Path(aside) / "model"
            shutil.copytree(place.resolve(), draft)
            draft.replace(out)
    except OSError as error:
        raise machine_error(error, out) from error
    except shutil.Error as error:
        raise machine_error(OSError(None, str(error)), out) from error
    return out


def refuse_existing(out: Path) -> None:
    """Raise ProjectError when there is something of that name."""
    if out.exists() or out.is_symlink():
        raise ProjectError(
            "This folder is there already.",
            where=str(out),
            mend="Name another with --out, or remove this one first.",
        )


def _described(place: Path) -> Description:
    if "columns" in told(place):
        raise MissingError(
            "This model reads the columns of a table; only models that read texts can be exported so.",
            where=str(place),
            mend="Copy its folder: argosy export without --edge.",
        )
    description = describe(place)
    if not description.labels:
        raise MissingError(
            "This model has no labels to give; only models that label can be exported so.",
            where=str(place),
            mend="A model that writes is one file already: the .gguf in its folder.",
        )
    return description


def _engine(description: Description, wished: str | None) -> str:
    """The engine to take along: the one wished for, or the served one, or the smallest graph of ONNX Runtime."""
    fitting = {
        name: sum(file.stat().st_size for file in files_of(graph.file))
        for name, graph in description.engines.items()
        if graph.file is not None and graph.runtime == ONNXRUNTIME
    }
    name = wished or description.served
    if name in fitting:
        return name
    if wished is None and (others := fitting.keys() - {LINEAR}):
        return min(others, key=fitting.__getitem__)
    raise MissingError(
        "The model has no graph {name!r} for ONNX Runtime, which is all that the program needs; it has {names}.",
        where=str(description.path),
        mend="Name one of these with --engine.",
        name=name,
        names=", ".join(fitting) or "-",
    )


def _write(draft: Path, description: Description, name: str, engine: Classifier) -> None:
    """Graph, tokenizer, program, the modules it needs, requirements; the manifest last."""
    graph, calibration = description.engines[name].file, description.calibrations[name]
    if graph is None:
        raise RuntimeError(name)
    for file in files_of(graph):  # weights beside it are looked for under their own name
        shutil.copyfile(file, draft / (_GRAPH if file == graph else file.name))
    pad = 0
    if name != LINEAR:
        shutil.copyfile(description.path / _TOKENIZER, draft / _TOKENIZER)
        pad = Tokenizer.load(description.path, max_length=description.max_length).pad
    if (description.path / CARD).is_file():
        shutil.copyfile(description.path / CARD, draft / "MODEL.md")
    program = Path(edge_main.__file__)
    (draft / _PROGRAM).write_text(edge_needs.renamed(program.read_text(encoding="utf-8")), encoding="utf-8")
    edge_needs.write(draft, description.text_steps, linear=name == LINEAR, graph=graph)
    manifest: dict[str, Any] = {
        "format": 1,
        "name": description.name,
        "made_by": f"argosy {__version__}",
        "engine": LINEAR if name == LINEAR else name,
        "graph": _GRAPH,
        "labels": list(description.labels),
        "text_steps": list(description.text_steps),
        "extensions": owners(description.text_steps),
        "max_length": description.max_length,
        "pad": pad,
        **asdict(calibration),
        "checks": [
            {"text": text, "probabilities": dict(engine.classify([text])[0].probabilities)} for text in _CHECKED
        ],
        "files": {
            path.relative_to(draft).as_posix(): digest_file(path) for path in sorted(draft.rglob("*")) if path.is_file()
        },
    }
    (draft / edge_main.MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")


def _texts(folder: Path) -> list[str]:
    """Texts that break things, then the project's own, as they stood in the user's file; never a test row."""
    lock = read_lock(folder)
    rows = split.raw_texts(folder / STORE / lock["split"].artifact, TEXTS) if "split" in lock else []
    mixed = [f"{one} {number} {other}" for number, one in enumerate(_SHORT) for other in _SHORT]
    more = [f"{text} {number}" for number, text in enumerate(mixed)]
    return list(dict.fromkeys([*_OWN_TEXTS, *rows, *mixed, *more]))[:TEXTS]


def _check(draft: Path, engine: Classifier, texts: Sequence[str]) -> float:
    """The largest gap of a probability between the program and Argosy; raises GateError where they differ."""
    known = [engine.classify([text])[0] for text in texts]
    told = _run(draft, texts)
    gaps = [
        abs(one.probabilities[one.label] - answer["probability"]) if one.label == answer["label"] else math.inf
        for one, answer in zip(known, told, strict=True)
    ]
    worst = max(range(len(texts)), key=gaps.__getitem__)
    if gaps[worst] > TOLERANCE:
        raise GateError(
            "The exported program says {found!r} ({share:.4f}) where Argosy says {expected!r} ({known:.4f}): {text!r}",
            where=engine.name,
            mend="Export another engine with --engine, and tell the makers of Argosy.",
            found=told[worst]["label"],
            share=told[worst]["probability"],
            expected=known[worst].label,
            known=known[worst].probabilities[known[worst].label],
            text=texts[worst][:60],
        )
    return gaps[worst]


def _run(draft: Path, texts: Sequence[str]) -> list[dict[str, Any]]:
    """What the program answers, run as its users run it: in a process of its own that knows nothing of ours."""
    command = [sys.executable, "-I", "-B", str(draft / _PROGRAM), "--json"]
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    ran = subprocess.run(command, input=lines, capture_output=True, text=True, encoding="utf-8", check=False)
    told = [json.loads(line) for line in ran.stdout.split("\n") if line]
    if ran.returncode or len(told) != len(texts):
        reason = next(iter(ran.stderr.strip().splitlines()[-1:]), "")
        raise GateError(
            "The exported program fails: {reason}",
            where=_PROGRAM,
            mend="Tell the makers of Argosy.",
            reason=reason,
        )
    return told


def _explain(draft: Path, description: Description, done: Exported) -> None:
    """A page in each language beside the program."""
    needs = (draft / edge_needs.FILE).read_text(encoding="utf-8").splitlines()
    for language, name in (("en", "README.md"), ("zh", "README.zh-CN.md")):
        page = ENVIRONMENT.get_template("edge.md.j2").render(
            t=translator(language), name=description.name, done=done, needs=needs, labels=description.labels
        )
        (draft / name).write_text(re.sub(r"\n{3,}", "\n\n", page), encoding="utf-8")
