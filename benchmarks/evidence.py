"""``make evidence``: run every benchmark and the full counts of the fault tests, and store each result with its date.

Results go to benchmarks/results/NAME.json, one file a benchmark, with the commit and the machine. What stands is not
run again, so a stopped run goes on where it was; a result stands until the code, the locks, the example or its own
script differ from its commit's.
"""

import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path

from measuring import GIT, ROOT, note, tell

HERE = Path(__file__).parent
RESULTS = HERE / "results"
BENCHMARKS = (
    *("startup", "build", "inference", "roofline", "engines", "quantise", "parity", "memory", "serving"),
    *("ledger", "billing", "canary", "abuse"),
    *("compress", "static", "vocabulary", "pruning", "quantised_text", "predict", "edge"),
    *("redaction", "near_duplicates", "stream", "label_errors", "augmentation", "intervals", "calibration", "ladder"),
    *("resume", "finetune", "pretrain", "bits_per_byte", "adversarial_training", "forgetting"),
)
KILLS = 100
# What the figures of some benchmarks hang on, where that is not all of the source
_STATISTICS = ("intervals", "metrics", "paired", "power", "ranks", "selection", "tasks*")
STATISTICS = tuple(f"src/argosy/evaluate/{name}.py" for name in _STATISTICS)
TRAINING = ("src/argosy/train", "src/argosy/models")
SERVED = ("src/argosy/infer", "src/argosy/compress")
SCOPES = {
    "redaction": ("src/argosy/data/redact",),
    "near_duplicates": ("src/argosy/data/near.py", "src/argosy/data/sketch.py"),
    "label_errors": ("src/argosy/data/labels/mislabelled.py", "src/argosy/evaluate/rivals/out_of_fold.py", *STATISTICS),
    "augmentation": ("src/argosy/data/perturb.py", "src/argosy/data/augment.py", "src/argosy/evaluate/ablation.py"),
    "intervals": STATISTICS,
    "calibration": (
        "src/argosy/evaluate/doubts/calibration.py",
        "src/argosy/evaluate/doubts/selective.py",
        *STATISTICS,
    ),
    "resume": ("src/argosy/train", "tests/killable_training.py"),
    "finetune": TRAINING,
    "pretrain": TRAINING,
    "bits_per_byte": (
        *TRAINING,
        "src/argosy/evaluate/rivals/kneser_ney.py",
        "src/argosy/evaluate/rivals/byte_models.py",
    ),
    "adversarial_training": (
        *TRAINING,
        "src/argosy/evaluate/doubts/robustness.py",
        "src/argosy/evaluate/doubts/adversarial.py",
    ),
    "forgetting": (*TRAINING, "src/argosy/evaluate/doubts/forgetting.py"),
    **dict.fromkeys(("inference", "roofline", "engines", "quantise", "predict", "edge"), SERVED),
    **dict.fromkeys(("memory", "serving", "parity"), (*SERVED, "src/argosy/serve")),
    **dict.fromkeys(("ledger", "billing"), ("src/argosy/store", "src/argosy/serve/billing")),
    "canary": ("src/argosy/serve", "src/argosy/evaluate/sequential.py", "src/argosy/store/releases.py"),
    "abuse": ("src/argosy/serve",),
    "compress": (*TRAINING, *SERVED, "src/argosy/stages/smaller/students.py"),
    "static": ("src/argosy/compress/static.py", "src/argosy/compress/static_graph.py"),
    "vocabulary": ("src/argosy/compress/trim.py", "src/argosy/compress/pieces.py"),
    "pruning": (*TRAINING, "src/argosy/compress"),
    "quantised_text": (
        "src/argosy/compress/gguf.py",
        "src/argosy/compress/gguf_gate.py",
        "src/argosy/infer/engines/gguf.py",
    ),
}
LOCK = "requirements/dev.lock"
PIN = re.compile(r"^([a-z0-9.-]+==[^ ]+)", re.MULTILINE)


def main() -> None:
    """Run what this commit does not have yet."""
    RESULTS.mkdir(exist_ok=True)
    for name in BENCHMARKS:
        _measure(name, [sys.executable, HERE / f"{name}.py"])
    for folder in sys.argv[1:]:  # more data to climb the ladder on, such as a folder with banking77
        _measure(f"ladder_{Path(folder).name}", [sys.executable, HERE / "ladder.py", folder], script="ladder")
    _measure("kills", [sys.executable, __file__, "--kills"])


def kills() -> None:
    """Kill a run KILLS times at random moments; every result must equal that of an undisturbed run."""
    words = ["-m", "pytest", "-q", "-k", "killed_at_random", f"--kills={KILLS}", "--timeout=1800", "tests/project"]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    tell({"claim": "a run killed at random moments goes on", "kills": KILLS, "passed": done.returncode == 0})


def _stands(script: str, measured: str) -> bool:
    """Whether nothing that the figures depend on has changed since the commit that was measured."""
    depends = SCOPES.get(script, ("src", "examples/reviews", "tests/project"))
    command = [GIT, "diff", "--quiet", measured, "--", *depends, f"benchmarks/{script}.py"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        return False
    shown = subprocess.run(
        [GIT, "show", f"{measured}:{LOCK}"], cwd=ROOT, check=False, capture_output=True, text=True
    ).stdout
    now = set(PIN.findall((ROOT / LOCK).read_text(encoding="utf-8")))
    return bool(shown) and set(PIN.findall(shown)) <= now  # a package that joined changes no figure


def _measure(name: str, command: list[str | Path], *, script: str = "") -> None:
    path = RESULTS / f"{name}.json"
    if path.is_file() and _stands(script or name, json.loads(path.read_text(encoding="utf-8"))["commit"]):
        note(f"{name}: stands")
        return
    note(f"{name}: running")
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    result = json.loads(done.stdout.strip().splitlines()[-1])
    result["date"] = dt.datetime.now(tz=dt.UTC).date().isoformat()
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    kills() if "--kills" in sys.argv else main()
