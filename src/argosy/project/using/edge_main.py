"""Labels texts with the model beside this file: a JSON line a text, with neither Argosy nor a server.

python run.py TEXT...          texts from the command line
python run.py < texts.txt      a text a line; with --json each line is a JSON string
python run.py --bench < FILE   what one text takes, and the most memory that was held
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argosy.core.engine import Classifier
    from argosy.infer.answers import Calibration

FOLDER = Path(__file__).resolve().parent
MANIFEST = "manifest.json"
_STATUS = Path("/proc/self/status")
_GAP = 0.05  # of a probability: other processors round otherwise, and some saturate in eight bits
Answer = dict[str, Any]
sys.path.insert(0, str(FOLDER))


def load(threads: int) -> Callable[[str], Answer]:
    """The model as a function of one text.

    Ends the program when a file is not the one that was exported, or the answers are not those that it gave there.
    """
    manifest = json.loads((FOLDER / MANIFEST).read_text(encoding="utf-8"))
    for name, digest in manifest["files"].items():
        if not (FOLDER / name).is_file() or _digest(FOLDER / name) != digest:
            sys.exit(f"{name} is not the file that was exported: copy the folder again.")
    _open(manifest["extensions"])
    engine = _linear(manifest, threads) if manifest["engine"] == "linear" else _transformer(manifest, threads)
    for check in manifest["checks"]:
        (found,) = engine.classify([check["text"]])
        if not all(abs(found.probabilities[label] - known) <= _GAP for label, known in check["probabilities"].items()):
            sys.exit("On this processor the model answers otherwise than where it was exported.")

    def answer(text: str) -> Answer:
        (found,) = engine.classify([text])
        told = {"label": found.label, "probability": found.probabilities[found.label]}
        return told if found.certain is None else {**told, "certain": found.certain}

    return answer


def _open(extensions: list[str]) -> None:
    """Let the modules beside this file bring the text steps that they brought to the model."""
    from argosy.core.extension import open_extensions

    open_extensions(extensions)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _transformer(manifest: Answer, threads: int) -> Classifier:
    """The graph behind its tokenizer and text steps, by the modules that answer in Argosy."""
    import tokenizers

    from argosy.infer.engines.onnx import open_onnx
    from argosy.infer.tokens import Tokenizer

    inner = tokenizers.Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    engine = open_onnx(
        FOLDER / manifest["graph"],
        name=manifest["engine"],
        tokenizer=Tokenizer(inner, pad=manifest["pad"], max_length=manifest["max_length"]),
        labels=manifest["labels"],
        text_steps=manifest["text_steps"],
        threads=threads,
    )
    return replace(engine, calibration=_calibration(manifest))


def _linear(manifest: Answer, threads: int) -> Classifier:
    from argosy.infer.engines.linear import LinearClassifier

    steps, calibration = manifest["text_steps"], _calibration(manifest)
    return LinearClassifier(FOLDER / manifest["graph"], text_steps=steps, threads=threads, calibration=calibration)


def _calibration(manifest: Answer) -> Calibration:
    from argosy.infer.answers import Calibration

    return Calibration(temperature=manifest["temperature"], threshold=manifest["threshold"])


def _texts(given: argparse.Namespace) -> Iterator[str]:
    if given.text:
        yield from given.text
        return
    for line in sys.stdin.buffer:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        yield json.loads(text) if given.json else text


def _tell(answer: Answer) -> None:
    """A line of JSON in UTF-8, whatever the locale; half a surrogate pair is escaped."""
    line = json.dumps(answer, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def _bench(answer: Callable[[str], Answer], texts: list[str], loaded: float) -> Answer:
    """Milliseconds of single texts, once warm, and the peak of the resident memory in 10⁶ bytes."""
    spent = []
    for text in [*texts[:5], *texts]:
        start = time.perf_counter()
        answer(text)
        spent.append(1000 * (time.perf_counter() - start))
    spent = sorted(spent[min(5, len(texts)) :])
    quantile = {p: round(spent[min(len(spent) - 1, int(len(spent) * p / 100))], 3) for p in (50, 99)}
    return {
        "texts": len(spent),
        "load_s": round(loaded, 3),
        "p50_ms": quantile[50],
        "p99_ms": quantile[99],
        "peak_mb": _peak(),
    }


def _peak() -> float | None:
    """The most memory that was resident at once, in 10⁶ bytes; None where the system does not tell."""
    if not _STATUS.is_file():
        return None
    words = dict(line.split(":", 1) for line in _STATUS.read_text(encoding="utf-8").splitlines() if ":" in line)
    return round(int(words["VmHWM"].split()[0]) * 1024 / 1e6, 1)


def main() -> None:
    """Read the words of the command line, and answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", nargs="*", help="texts; without any, the lines of standard input")
    parser.add_argument("--threads", type=int, default=1, help="threads of the runtime (1)")
    parser.add_argument("--json", action="store_true", help="each line of standard input is a JSON string")
    parser.add_argument("--bench", action="store_true", help="time single texts, and tell the peak of memory")
    given = parser.parse_args()
    start = time.perf_counter()
    answer = load(given.threads)
    loaded = time.perf_counter() - start
    if given.bench:
        texts = list(_texts(given))
        if not texts:
            sys.exit("Nothing to time: give texts.")
        _tell(_bench(answer, texts, loaded))
        return
    for text in _texts(given):
        _tell({**answer(text), "text": text})


if __name__ == "__main__":
    main()
